//! Files of results as other programs read them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use masque::batch::results::{FrameResults, Heading, ResultFormat, Tracked, writer};
use masque::perception::{Detection, PixelBox};

/// A Python with pycocotools, numpy and pyarrow; says so where there is none.
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("MASQUE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: set MASQUE_PYTHON to a Python that has pycocotools, numpy and pyarrow");
    }
    python
}

/// A script of `tests/python`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(name)
}

#[test]
fn python_reads_the_same_from_every_format() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let classes = ["person", "cup, \"glass\"", "Größe"].map(str::to_owned);
    let heading =
        Heading { name: "clip", file: "clip.mp4", key: "3f9a1c", classes: &classes, is_still: false };
    let mut files = ResultFormat::ALL.map(|format| {
        let path = folder.path().join(format!("clip.{}", format.extension()));
        writer(format, &heading, File::create(path).unwrap()).unwrap()
    });
    let mut random = fastrand::Rng::with_seed(1);
    for frame in 0..400_u64 {
        let detections: Vec<Tracked> = (0..random.usize(0..80))
            .map(|_| {
                let [x, y] = [0; 2].map(|_| random.f32() * 700.0 - 30.0);
                let [width, height] = [0; 2].map(|_| random.f32() * 400.0);
                let bounds = PixelBox { x, y, width, height };
                let detection = Detection { class: random.u16(0..3), confidence: random.f32(), bounds };
                Tracked { detection, track: random.bool().then(|| random.u32(..)) }
            })
            .collect();
        let time = Duration::from_micros(frame * 33_367);
        for file in &mut files {
            file.add(&FrameResults { frame, time, size: (640, 360), detections: &detections }).unwrap();
        }
    }
    for file in files {
        file.finish().unwrap();
    }
    let read = Command::new(python).arg(script("read_results.py")).arg(folder.path()).output().unwrap();
    let (said, failed) = (String::from_utf8_lossy(&read.stdout), String::from_utf8_lossy(&read.stderr));
    assert!(read.status.success() && said.contains("the same in four formats"), "{said}{failed}");
}
