//! The networks of a job: one for each thread.

use super::DetectArgs;
use super::crowd::Crowd;
use crate::batch::{Detect, DetectFailure, ModelRecord};
use crate::frame::Frame;
use crate::models::{ModelStore, SessionManager, SessionOptions, estimated_bytes};
use crate::perception::{Detection, Detector, DetectorModel, DetectorOptions};
use crate::stats::Stats;

/// What was loaded.
pub(super) struct Loaded {
    pub(super) detectors: Vec<Box<dyn Detect>>,
    pub(super) model: ModelRecord,
    pub(super) classes: Vec<String>,
    /// Frames in one run.
    pub(super) batch: usize,
}

struct Networked(Detector);

impl Detect for Networked {
    fn detect(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectFailure> {
        self.0.detect(frames, found).map_err(|error| match error.is_out_of_memory() {
            true => DetectFailure::OutOfMemory(error.to_string()),
            false => DetectFailure::Other(error.to_string()),
        })
    }
}

/// As many networks as there are threads, each run by one thread, where half of the memory holds so many; else
/// fewer, each run by several.
///
/// How many there are follows from the file's size alone, so that a job that goes on runs as it did before.
pub(super) fn detectors(args: &DetectArgs, stats: &Stats) -> anyhow::Result<Loaded> {
    let store = ModelStore::open(stats)?;
    let model = DetectorModel::find(&store, args.model.as_deref())?;
    let options = DetectorOptions {
        confidence: args.conf,
        iou: args.iou,
        classes: args.classes.clone(),
        classes_file: args.classes_file.clone(),
        size: args.size,
        most: args.max_detections.into(),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(64);
    let threads = args.threads.map_or(cores, usize::from).max(1);
    let file = std::fs::metadata(model.path()).map_or(0, |file| file.len());
    let room = (args.memory_limit.0 / 2) / estimated_bytes(file).max(1);
    let networks = threads.min(room.max(1) as usize);
    let session = SessionOptions { intra_threads: (threads / networks).max(1), on_demand: false };
    let mut detectors: Vec<Box<dyn Detect>> = Vec::with_capacity(networks);
    let mut first = None;
    for _ in 0..networks {
        // A manager of its own for each: one manager would give the same session to all.
        let sessions = SessionManager::new(store.sessions().limits(), stats);
        let detector = Detector::load(&model, &options, &sessions, &session, stats)?;
        if first.is_none() {
            first = Some((detector.classes().to_vec(), detector.family().to_string(), detector.most_batch()));
            eprintln!("masque: {}, {networks} × {} threads", detector.describe(), session.intra_threads);
        }
        detectors.push(Crowd::around(Box::new(Networked(detector)), args.synthetic_load));
    }
    let (classes, family, most_batch) = first.unwrap_or_default();
    let record = ModelRecord { name: model.name().to_owned(), sha256: model.sha256().to_owned(), family };
    let batch = usize::from(args.batch).min(most_batch.max(1));
    Ok(Loaded { detectors, model: record, classes, batch })
}
