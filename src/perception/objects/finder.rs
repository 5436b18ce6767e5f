//! Detects and follows things in the live picture.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{MOST_ZONES, Thing, Things, Zone};
use crate::frame::Frame;
use crate::models::{ModelStore, SessionOptions};
use crate::perception::{
    Detection, Detector, DetectorError, DetectorModel, DetectorOptions, PixelBox, Tracker, TrackerOptions,
};
use crate::stats::Stats;

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
    zones: Vec<(Zone, &'static str)>,
    mirrored: bool,
    classes: Arc<[String]>,
    found: [Vec<Detection>; 1],
    ids: Vec<Option<u32>>,
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
        let zones = options.zones.iter().take(MOST_ZONES).map(|zone| (zone.clone(), gauge_name(&zone.name)));
        Ok(Self {
            classes: detector.classes().into(),
            detector,
            tracker,
            confidence,
            zones: zones.collect(),
            mirrored: false,
            found: [Vec::new()],
            ids: Vec::new(),
            stats: stats.clone(),
        })
    }

    /// The next frame is of another source.
    pub fn reset(&mut self) {
        self.tracker.reset();
    }

    /// The next frame is of another shot of the same source.
    pub fn forget(&mut self) {
        self.tracker.forget();
    }

    /// Whether frames are shown as a mirror: zones are where they are seen.
    pub fn set_mirrored(&mut self, mirrored: bool) {
        self.mirrored = mirrored;
    }

    /// Fills `out` with what is in `frame`; nothing where the network fails, which is counted: who is dressed
    /// shall not suffer.
    pub fn find(&mut self, frame: &Frame, out: &mut Things) {
        out.clear();
        if let Err(error) = self.detector.detect(&[frame], &mut self.found) {
            self.stats.count("objects_failed");
            if self.stats.counter("objects_failed") == 1 {
                self.stats.event(format!("things could not be detected in a frame: {error}"));
            }
            self.tell(out);
            return;
        }
        let [found] = &self.found;
        self.tracker.update(frame.timestamp, found, &mut self.ids);
        if !Arc::ptr_eq(&out.classes, &self.classes) {
            out.classes = self.classes.clone();
        }
        out.frame = [frame.width, frame.height];
        for (detection, id) in found.iter().zip(&self.ids) {
            if id.is_some() || detection.confidence > self.confidence {
                out.list.push(Thing { detection: *detection, id: *id });
                self.count(&detection.bounds, *id, out);
            }
        }
        self.tell(out);
    }

    fn tell(&self, things: &Things) {
        self.stats.gauge("things", f64::from(things.followed));
        for ((_, name), count) in self.zones.iter().zip(things.in_zones) {
            self.stats.gauge(name, f64::from(count));
        }
    }

    fn count(&self, bounds: &PixelBox, id: Option<u32>, out: &mut Things) {
        if id.is_none() {
            return;
        }
        out.followed += 1;
        let foot = out.foot(bounds, self.mirrored);
        for ((zone, _), count) in self.zones.iter().zip(&mut out.in_zones) {
            *count += u32::from(zone.contains(foot));
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
