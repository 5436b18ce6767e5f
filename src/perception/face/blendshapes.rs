//! What a face expresses: 52 coefficients from its landmarks.

use std::time::{Duration, Instant};

use crate::models::{ReadyModel, Session, SessionManager, SessionOptions};
use crate::perception::{MAX_LANDMARKS, PerceptionError};
use crate::stats::Stats;

/// How many coefficients there are.
pub const BLENDSHAPES: usize = 52;

/// The coefficients' names, in the net's order; left and right are the person's own. Source: MediaPipe's
/// `kBlendshapeNames` (`tasks/cc/vision/face_landmarker/face_blendshapes_graph.cc`), which follow
/// ARKit's blend shape locations.
pub const BLENDSHAPE_NAMES: [&str; BLENDSHAPES] = [
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
];

/// The landmarks that the net reads, irises included. Source: `kLandmarksSubsetIdxs` of the same file.
const SUBSET: [usize; 146] = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70,
    78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149,
    150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195,
    197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300,
    308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454,
    466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];

/// Its input in ONNX Runtime's order: one face, x and y of each landmark.
const SHAPE: [usize; 3] = [1, SUBSET.len(), 2];

/// The net: [1, 146, 2] landmarks in frame pixels to 52 coefficients, 0–1.
#[derive(Debug)]
pub(super) struct BlendshapeNet {
    session: Session,
    input: String,
    points: Vec<f32>,
    stats: Stats,
}

impl BlendshapeNet {
    pub fn load(
        sessions: &SessionManager,
        model: &ReadyModel,
        stats: &Stats,
    ) -> Result<Self, PerceptionError> {
        // It is so small that waking a second thread costs more than it saves.
        let options = SessionOptions { intra_threads: 1, on_demand: true };
        let session = sessions.load(&model.onnx, &model.name, &options)?;
        let fits = |shape: &[i64], count: usize| {
            shape.iter().map(|side| usize::try_from(*side).unwrap_or(1)).product::<usize>() == count
        };
        let input = session.inputs().first().filter(|input| fits(&input.shape, SUBSET.len() * 2));
        let output = session.outputs().first().filter(|output| fits(&output.shape, BLENDSHAPES));
        let (Some(input), Some(_)) = (input, output) else {
            let reason = "it does not turn 146 points into 52 coefficients".to_owned();
            return Err(PerceptionError::Contract { model: model.name.clone(), reason });
        };
        let input = input.name.clone();
        Ok(Self { session, input, points: Vec::with_capacity(SUBSET.len() * 2), stats: stats.clone() })
    }

    pub fn name(&self) -> &str {
        self.session.name()
    }

    /// The coefficients of the face with `landmarks` (frame pixels); `None` when it has no irises or
    /// the net gives no numbers.
    pub fn read(
        &mut self,
        landmarks: &[[f32; 3]],
        spent: &mut Duration,
    ) -> Result<Option<[f32; BLENDSHAPES]>, PerceptionError> {
        if landmarks.len() < MAX_LANDMARKS {
            return Ok(None);
        }
        let start = Instant::now();
        self.points.clear();
        self.points.extend(SUBSET.iter().flat_map(|index| [landmarks[*index][0], landmarks[*index][1]]));
        let outputs = self.session.run(&[(&self.input, &SHAPE, &self.points)])?;
        let (_, raw) = outputs.at(0)?;
        let read = <[f32; BLENDSHAPES]>::try_from(raw).ok().filter(|all| all.iter().all(|v| v.is_finite()));
        let elapsed = start.elapsed();
        self.stats.stage("inference.face_blendshapes", elapsed);
        *spent += elapsed;
        Ok(read.map(|all| all.map(|value| value.clamp(0.0, 1.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_points_are_distinct_and_the_irises_are_among_the_points() {
        let mut names = BLENDSHAPE_NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BLENDSHAPES);
        assert!(SUBSET.windows(2).all(|pair| pair[0] < pair[1]), "ascending, none twice");
        assert_eq!(SUBSET[SUBSET.len() - 10..], [468, 469, 470, 471, 472, 473, 474, 475, 476, 477]);
    }
}
