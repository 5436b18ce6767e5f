//! Results for the tests of the formats.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{FrameResults, Heading, ResultFormat, Tracked, writer};
use crate::perception::{Detection, PixelBox};

/// A file that can be read while somebody else has it.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn found(
    class: u16,
    confidence: f32,
    [x, y, width, height]: [f32; 4],
    track: Option<u32>,
) -> Tracked {
    Tracked { detection: Detection { class, confidence, bounds: PixelBox { x, y, width, height } }, track }
}

pub(super) fn frame(frame: u64, time: Duration, detections: &[Tracked]) -> FrameResults<'_> {
    FrameResults { frame, time, size: (640, 360), detections }
}

pub(super) fn heading(classes: &[String]) -> Heading<'_> {
    Heading { name: "clip", file: "clip.mp4", key: "3f9a1c", classes, is_still: false }
}

/// The bytes of a file with `frames`.
pub(super) fn written(
    format: ResultFormat,
    classes: &[&str],
    frames: &[(u64, Duration, Vec<Tracked>)],
) -> Vec<u8> {
    let classes: Vec<String> = classes.iter().map(|&class| class.to_owned()).collect();
    let file = Shared::default();
    let mut results = writer(format, &heading(&classes), file.clone()).unwrap();
    for (number, time, detections) in frames {
        results.add(&frame(*number, *time, detections)).unwrap();
    }
    results.finish().unwrap();
    let bytes = file.0.lock().unwrap();
    bytes.clone()
}

/// A hundred and fifty thousand detections in frames of very different numbers, always the same.
pub(super) fn many() -> Vec<(u64, Duration, Vec<Tracked>)> {
    let mut random = fastrand::Rng::with_seed(8);
    let counts = [0, 1, 10_000, 3, 0, 70_000, 17, 69_979];
    let mut number = 0;
    counts
        .into_iter()
        .map(|count| {
            number += random.u64(1..5);
            let detections = (0..count).map(|_| {
                let edges = [0; 4].map(|_| random.f32() * 600.0 - 20.0);
                let track = random.bool().then(|| random.u32(1..2000));
                found(random.u16(0..4), random.f32(), edges, track)
            });
            (number, Duration::from_millis(number * 33), detections.collect())
        })
        .collect()
}
