//! What a job is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::results::ResultFormat;
use super::{Input, ModelRecord, Shard};

/// A job.
#[derive(Debug, Clone)]
pub struct JobSettings {
    /// Folder of the results; made when it is missing.
    pub out: PathBuf,
    /// What detects, for the manifest.
    pub model: ModelRecord,
    /// Names of its classes.
    pub classes: Vec<String>,
    /// What else results depend on, by the name of its option: thresholds, classes.
    pub detection: BTreeMap<String, Value>,
    /// Every so many frames one is looked at: 1 or more. Default 1.
    pub every: u64,
    /// Where videos begin, as a time of the file. Default the beginning.
    pub from: Option<Duration>,
    /// Where they end. Default the end.
    pub to: Option<Duration>,
    /// Frames in one run of the network: 1 or more. Default 1.
    pub batch: usize,
    /// Whether what is found in videos is followed from frame to frame. Default yes.
    pub track: bool,
    /// Files of results. Default JSON Lines.
    pub formats: Vec<ResultFormat>,
    /// Most pictures of single detections for an input; 0 for none. Default 0.
    pub crops: u64,
    /// Largest side of such a picture in pixels. Default 256.
    pub crop_size: u32,
    /// Whether each video is written with what was found in it. Default no.
    pub annotate: bool,
    /// Which part of the inputs is done; none for all.
    pub shard: Option<Shard>,
    /// Bytes that the program may hold. Default 1 GiB.
    pub memory_limit: u64,
    /// Begins anew where there are results of other settings, or any.
    pub overwrite: bool,
}

impl JobSettings {
    /// Where results of `input` go.
    pub(super) fn result(&self, input: &Input, format: ResultFormat) -> PathBuf {
        self.out.join(format!("{}.{}", input.name, format.extension()))
    }

    /// Whether pixels are needed after the network.
    pub(super) fn needs_pixels(&self) -> bool {
        self.annotate || self.crops > 0
    }

    /// All that results depend on, by the name of its option.
    pub(super) fn told(&self) -> BTreeMap<String, Value> {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        let formats: Vec<&str> = self.formats.iter().map(|format| format.name()).collect();
        let own = [
            ("every", json!(self.every)),
            ("from", json!(seconds(self.from))),
            ("to", json!(seconds(self.to))),
            ("batch", json!(self.batch)),
            ("track", json!(self.track)),
            ("format", json!(formats)),
            ("crops", json!(self.crops)),
            ("crop-size", json!(self.crop_size)),
            ("annotate", json!(self.annotate)),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(self.detection.clone()).collect()
    }
}
