//! The mesh of one face.

use std::time::{Duration, Instant};

use crate::frame::{Frame, Resampler, RgbImage, Roi};
use crate::perception::net::Net;
use crate::perception::{MAX_LANDMARKS, PerceptionError};

/// The landmarks net: 468 or 478 points in units of its picture's pixels, and whether it is a face.
#[derive(Debug)]
pub(super) struct Landmarker {
    net: Net,
    points: String,
    presence: String,
    picture: RgbImage,
}

impl Landmarker {
    pub fn new(net: Net) -> Result<Self, PerceptionError> {
        let named = |wanted: &dyn Fn(usize) -> bool| {
            net.outputs().find(|(_, count)| wanted(*count)).map(|(name, _)| name.to_owned())
        };
        let points = named(&|count| count == MAX_LANDMARKS * 3 || count == 468 * 3);
        // The first single value is the presence logit; a second one, where there is one, is a
        // tongue score.
        let presence = named(&|count| count == 1);
        let (Some(points), Some(presence)) = (points, presence) else {
            return Err(net.contract("it does not give 468 or 478 points and one score"));
        };
        Ok(Self { net, points, presence, picture: RgbImage::default() })
    }

    /// Whether it gives 478 points.
    pub fn has_irises(&self) -> bool {
        self.net.outputs().any(|(name, count)| name == self.points && count == MAX_LANDMARKS * 3)
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    /// Fills `points` with the mesh found in `roi`, x, y and z in frame pixels; returns how sure the
    /// net is that it is a face, 0–1.
    pub fn find(
        &mut self,
        frame: &Frame,
        roi: Roi,
        resampler: &mut Resampler,
        points: &mut Vec<[f32; 3]>,
        (preprocess, inference): (&mut Duration, &mut Duration),
    ) -> Result<f32, PerceptionError> {
        let start = Instant::now();
        let (size, _) = self.net.size();
        resampler.rotated(frame, roi, size, &mut self.picture)?;
        self.net.feed(&self.picture);
        *preprocess += start.elapsed();
        let outputs = self.net.run(inference)?;
        let (_, raw) = outputs.get(&self.points)?;
        let (_, presence) = outputs.get(&self.presence)?;
        let logit = presence.first().copied().unwrap_or(f32::MIN);
        let depth = roi.size / size as f32;
        points.clear();
        points.extend(raw.chunks_exact(3).map(|p| {
            let [x, y] = roi.point([p[0], p[1]], size);
            [x, y, p[2] * depth]
        }));
        let sound = points.as_flattened().iter().all(|v| v.is_finite());
        Ok(if sound { 1.0 / (1.0 + (-logit.clamp(-100.0, 100.0)).exp()) } else { 0.0 })
    }
}
