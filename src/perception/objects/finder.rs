//! Detects and follows things in the live picture.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{MOST_ZONES, Thing, Things, Zone};
use crate::frame::Frame;
use crate::models::{ModelStore, SessionOptions};
use crate::perception::{
    Detection, Detector, DetectorError, DetectorModel, DetectorOptions, MotionField, Tracker, TrackerOptions,
};
use crate::stats::Stats;

/// How long things go with the picture before they are looked for again: what is lost for longer is soon somebody else.
const CARRIED: Duration = Duration::from_secs(1);

/// What is looked for in the live picture.
#[derive(Debug, Clone, Default)]
pub struct ObjectOptions {
    /// A detector's name or an ONNX file; none takes the best there is.
    pub model: Option<String>,
    /// How the detector decides. What is less sure than its confidence is only there while it is followed.
    pub detector: DetectorOptions,
    /// How things are followed. What it begins with is the detector's confidence.
    pub tracker: TrackerOptions,
    /// Where they are counted, each name once; the first eight count.
    pub zones: Vec<Zone>,
}

/// A detector and a tracker with their buffers.
#[derive(Debug)]
pub(in crate::perception) struct ObjectFinder {
    detector: Detector,
    tracker: Tracker,
    confidence: f32,
    zones: Arc<[Zone]>,
    /// What the number of things in each zone is called.
    gauges: Vec<&'static str>,
    mirrored: bool,
    classes: Arc<[String]>,
    found: [Vec<Detection>; 1],
    ids: Vec<Option<u32>>,
    /// In the frame before this one.
    last: Things,
    /// When things were detected last.
    detected: Duration,
    /// Frames that go by before the next one is looked at.
    resting: u32,
    stats: Stats,
}

impl ObjectFinder {
    pub fn load(
        store: &ModelStore,
        options: &ObjectOptions,
        session: &SessionOptions,
        stats: &Stats,
    ) -> Result<Self, DetectorError> {
        let model = DetectorModel::find(store, options.model.as_deref())?;
        let confidence = options.detector.confidence;
        // Unsure detections continue tracks: see the tracker.
        let unsure = options.tracker.low.min(confidence);
        let tracker = Tracker::new(options.tracker.begin_at(confidence)).counting_in(stats);
        let detector = DetectorOptions { confidence: unsure, ..options.detector.clone() };
        let detector = Detector::load(&model, &detector, store.sessions(), session, stats)?;
        let zones = || options.zones.iter().take(MOST_ZONES);
        Ok(Self {
            classes: detector.classes().into(),
            detector,
            tracker,
            confidence,
            zones: zones().cloned().collect(),
            gauges: zones().map(|zone| gauge_name(&zone.name)).collect(),
            mirrored: false,
            found: [Vec::new()],
            ids: Vec::new(),
            last: Things::default(),
            detected: Duration::ZERO,
            resting: 0,
            stats: stats.clone(),
        })
    }

    /// The next frame is of another source.
    pub fn reset(&mut self) {
        self.resting = 0;
        self.tracker.reset();
    }

    /// The next frame is of another shot of the same source.
    pub fn forget(&mut self) {
        self.resting = 0;
        self.tracker.forget();
    }

    /// Whether frames are shown as a mirror: zones are where they are seen.
    pub fn set_mirrored(&mut self, mirrored: bool) {
        self.mirrored = mirrored;
    }

    /// Fills `out` with what is in `frame`; nothing where the network fails, which is counted: who is dressed
    /// shall not suffer. One of `every` frames is looked at, and one a second; in the others things are where `motion`
    /// took them, which leads from this frame back to the one before.
    pub fn find(&mut self, frame: &Frame, every: u32, motion: &MotionField, out: &mut Things) {
        let is_fresh = frame.timestamp.saturating_sub(self.detected) < CARRIED;
        if self.resting > 0 && is_fresh && self.last.frame == [frame.width, frame.height] {
            self.resting -= 1;
            self.last.go_with(motion);
            self.stats.count("objects_carried");
        } else {
            self.resting = every.saturating_sub(1);
            self.detect(frame);
        }
        self.count();
        out.copy(&self.last);
    }

    fn detect(&mut self, frame: &Frame) {
        self.last.clear();
        (self.last.classes, self.last.zones) = (self.classes.clone(), self.zones.clone());
        if let Err(error) = self.detector.detect(&[frame], &mut self.found) {
            self.resting = 0;
            self.stats.count("objects_failed");
            if self.stats.counter("objects_failed") == 1 {
                self.stats.event(format!("things could not be detected in a frame: {error}"));
            }
            return;
        }
        let [found] = &self.found;
        self.tracker.update(frame.timestamp, found, &mut self.ids);
        (self.last.frame, self.detected) = ([frame.width, frame.height], frame.timestamp);
        for (detection, id) in found.iter().zip(&self.ids) {
            if id.is_some() || detection.confidence > self.confidence {
                self.last.list.push(Thing { detection: *detection, id: *id });
            }
        }
    }

    /// Counts what is followed, everywhere and in each zone, and tells it.
    fn count(&mut self) {
        let things = &mut self.last;
        (things.followed, things.in_zones) = (0, [0; MOST_ZONES]);
        for thing in things.list.iter().filter(|thing| thing.id.is_some()) {
            things.followed += 1;
            let foot = things.foot(&thing.detection.bounds, self.mirrored);
            for (zone, count) in self.zones.iter().zip(&mut things.in_zones) {
                *count += u32::from(zone.contains(foot));
            }
        }
        self.stats.gauge("things", f64::from(things.followed));
        for (name, count) in self.gauges.iter().zip(things.in_zones) {
            self.stats.gauge(name, f64::from(count));
        }
    }
}

/// Gauges are keyed by `&'static str`; one string per distinct name of a zone, of which a run has eight, lives on.
fn gauge_name(zone: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = format!("things_in_{zone}");
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    name
}
