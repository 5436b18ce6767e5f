//! From a frame to published faces: tracker, smoothing, blendshapes.

use std::time::Instant;

use super::blendshapes::BlendshapeNet;
use super::tracker::FaceTracker;
use crate::frame::Frame;
use crate::models::{Role, Silent};
use crate::perception::loader::Loader;
use crate::perception::{Face, PerceptionError, PerceptionOptions, Timings};
use crate::stats::Stats;

/// The face nets and what is known of the faces in view.
#[derive(Debug)]
pub(crate) struct FaceFinder {
    /// Follows the faces; parsers update it, because they know where people are.
    pub tracker: FaceTracker,
    blendshapes: Result<BlendshapeNet, String>,
    landmarks: Vec<[f32; 3]>,
    stats: Stats,
}

impl FaceFinder {
    /// Loads the nets; without a blendshapes net faces come without them, and that is said.
    pub fn load(loader: &Loader) -> Result<Self, PerceptionError> {
        let stats = loader.stats;
        let detector = loader.best(Role::FaceDetector, 3, "inference.face_detector")?;
        let landmarks = loader.best(Role::FaceLandmarks, 3, "inference.face_landmarks")?;
        let tracker = FaceTracker::new(detector, landmarks, stats)?;
        let blendshapes = match (loader.options.blendshapes, tracker.has_irises()) {
            (false, _) => Err("they are turned off".to_owned()),
            (true, false) => Err(format!("{} gives no irises, which they need", tracker.models()[1])),
            (true, true) => {
                let model = loader.store.best(Role::Blendshapes, &Silent).map_err(PerceptionError::from);
                let net = model.and_then(|model| BlendshapeNet::load(loader.store.sessions(), &model, stats));
                net.map_err(|error| crate::stats::describe(&error))
            }
        };
        if let (true, Err(reason)) = (loader.options.blendshapes, &blendshapes) {
            stats.count("blendshapes_unavailable");
            tracing::warn!("faces come without blendshapes: {reason}");
        }
        Ok(Self { tracker, blendshapes, landmarks: Vec::new(), stats: stats.clone() })
    }

    /// Names of the models.
    pub fn models(&self) -> Vec<String> {
        let names = self.tracker.models().into_iter().chain(self.blendshapes.iter().map(BlendshapeNet::name));
        names.map(str::to_owned).collect()
    }

    /// Why faces come without blendshapes; `None` when they come with them.
    pub fn without_blendshapes(&self) -> Option<&str> {
        self.blendshapes.as_ref().err().map(String::as_str)
    }

    /// Fills `out` with the faces that the tracker found in `frame`. As in MediaPipe's graph, in a video
    /// the landmarks are smoothed and the blendshapes are read from the smoothed ones; the tracker goes
    /// on from the raw ones.
    pub fn publish(
        &mut self,
        frame: &Frame,
        options: &PerceptionOptions,
        out: &mut Vec<Face>,
        timings: &mut Timings,
    ) {
        let start = Instant::now();
        out.clear();
        let smoothing = options.face_smoothing.filter(|_| !options.stills);
        if let Some(settings) = smoothing {
            self.tracker.smooth(frame.timestamp, settings);
            self.stats.stage("faces.smoothing", start.elapsed());
        }
        let before = timings.face_blendshapes;
        let (w, h) = (frame.width as f32, frame.height as f32);
        for tracked in self.tracker.faces().iter().filter(|face| face.missing == 0) {
            let points = if smoothing.is_some() { tracked.smoother.points() } else { &tracked.points };
            self.landmarks.clear();
            self.landmarks.extend(points.iter().map(|[x, y, z]| [x / w, y / h, z / w]));
            let mut face =
                Face::new(tracked.id, tracked.score, &self.landmarks).in_frame(frame.width, frame.height);
            if let Ok(net) = &mut self.blendshapes {
                let read = net.read(points, &mut timings.face_blendshapes);
                face.blendshapes = read.unwrap_or_else(|error| {
                    tracing::debug!("a face goes without blendshapes: {error}");
                    None
                });
                self.stats.add("blendshapes_failed", u64::from(face.blendshapes.is_none()));
            }
            out.push(face);
        }
        let whole = start.elapsed();
        timings.postprocess += whole.saturating_sub(timings.face_blendshapes - before);
        timings.faces += whole;
        self.stats.stage("faces", timings.faces);
    }
}
