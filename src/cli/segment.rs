//! `masque segment`: the regions of pictures and videos as indexed PNG files.

use std::collections::BTreeMap;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::UsageError;
use crate::folders::write_atomically;
use crate::frame::{Frame, FramePool};
use crate::models::ModelStore;
use crate::perception::{Perception, PerceptionEngine, PerceptionOptions};
use crate::source::{SourceOptions, SourceUri, open};
use crate::stats::{Stats, describe};

/// Room for one frame of 8K as RGBA and the next.
const POOL_BYTES: usize = 320 << 20;
/// Colours of the regions in the order of their ids: black, magenta, yellow, cyan, green, orange.
const PALETTE: [u8; 18] = [0, 0, 0, 230, 40, 190, 245, 205, 50, 60, 200, 240, 30, 150, 70, 250, 120, 30];

/// Options of `masque segment`.
#[derive(Args, Debug)]
pub(super) struct SegmentArgs {
    /// Images, folders of images and videos
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<SourceUri>,
    /// Folder for the results: NAME.png for an image, NAME_000123.png for each frame of a video; the
    /// value of a pixel is its region: 0 background, 1 hair, 2 body skin, 3 face skin, 4 clothes,
    /// 5 accessories
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Segments every input; one that fails is told and the others go on.
pub(super) fn run(args: SegmentArgs) -> anyhow::Result<ExitCode> {
    let names = names(&args.inputs)?;
    let stats = Stats::default();
    let store = ModelStore::open(&stats)?;
    let mut engine = PerceptionEngine::load(&store, &PerceptionOptions::default(), &stats)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("the folder {} cannot be made", args.out.display()))?;
    eprintln!("masque: {}", engine.parser());
    let mut job = Job {
        out: &args.out,
        pool: FramePool::new(POOL_BYTES),
        engine: &mut engine,
        perception: Perception::default(),
        ids: Vec::new(),
        written: 0,
        stats: &stats,
    };
    let mut failed = 0;
    for (input, name) in args.inputs.iter().zip(&names) {
        if let Err(error) = job.input(input, name) {
            failed += 1;
            stats.count("inputs_failed");
            eprintln!("masque: {}", describe(error.as_ref()));
        }
    }
    let (written, out) = (job.written, args.out.display());
    eprintln!("masque: {written} pictures to {out}, {failed} of {} inputs failed", args.inputs.len());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The stem of each input's results; no two inputs may share one.
fn names(inputs: &[SourceUri]) -> Result<Vec<String>, UsageError> {
    let mut owners: BTreeMap<String, &Path> = BTreeMap::new();
    let mut names = Vec::new();
    for input in inputs {
        let (SourceUri::Image(path) | SourceUri::Video(path) | SourceUri::Folder(path)) = input else {
            return Err(UsageError(format!(
                "segment takes images, folders of images and videos, not {input}; record it first with \
                 masque run {input} --record FILE.mp4"
            )));
        };
        let stem = path.canonicalize().unwrap_or_else(|_| path.clone());
        let stem = stem.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if let Some(other) = owners.insert(stem.clone(), path) {
            return Err(UsageError(format!(
                "{} and {} would both be written as {stem}; give them to two calls with different --out",
                other.display(),
                path.display()
            )));
        }
        names.push(stem);
    }
    Ok(names)
}

/// What is kept from input to input.
struct Job<'a> {
    out: &'a Path,
    pool: FramePool,
    engine: &'a mut PerceptionEngine,
    perception: Perception,
    ids: Vec<u8>,
    written: u64,
    stats: &'a Stats,
}

impl Job<'_> {
    fn input(&mut self, input: &SourceUri, name: &str) -> anyhow::Result<()> {
        let still = matches!(input, SourceUri::Image(_));
        self.engine.set_stills(!matches!(input, SourceUri::Video(_)));
        self.engine.reset();
        let mut source = open(input, &SourceOptions::default(), self.stats)?;
        let mut number = 0_u64;
        while let Some(frame) = source.next_frame(&self.pool)? {
            let file = if still { format!("{name}.png") } else { format!("{name}_{number:06}.png") };
            self.frame(&frame, &self.out.join(file))?;
            number += 1;
            if still {
                break;
            }
        }
        anyhow::ensure!(number > 0, "{input}: there is no picture in it");
        Ok(())
    }

    fn frame(&mut self, frame: &Frame, path: &Path) -> anyhow::Result<()> {
        self.engine.perceive(frame, &mut self.perception)?;
        self.perception.mask.region_ids(frame.width, frame.height, &mut self.ids);
        write_atomically(path, 0o644, |file| {
            let mut encoder = png::Encoder::new(BufWriter::new(file), frame.width, frame.height);
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_palette(&PALETTE[..]);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.ids)?;
            Ok(writer.finish()?)
        })
        .with_context(|| format!("{} cannot be written", path.display()))?;
        self.written += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_inputs_of_one_name_are_refused() {
        let inputs = ["a/x.jpg", "b/x.png"].map(|path| SourceUri::Image(path.into()));
        let error = names(&inputs).expect_err("refused");
        assert!(error.to_string().contains("a/x.jpg and b/x.png"), "{error}");
        assert_eq!(names(&inputs[..1]).expect("one is fine"), ["x"]);
        assert!(names(&[SourceUri::Demo]).is_err());
    }
}
