//! The form of the result files of `masque faces`.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::frame::Frame;
use crate::perception::{BLENDSHAPE_NAMES, BLENDSHAPES, Face, FaceEngine};
use crate::source::SourceUri;

/// What stands at the head of a file.
#[derive(Debug, Serialize)]
pub(super) struct Heading {
    input: String,
    masque: &'static str,
    models: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_blendshapes: Option<String>,
}

impl Heading {
    pub(super) fn new(input: &SourceUri, engine: &FaceEngine) -> Self {
        Self {
            input: input.to_string(),
            masque: env!("CARGO_PKG_VERSION"),
            models: engine.models(),
            no_blendshapes: engine.without_blendshapes().map(str::to_owned),
        }
    }
}

/// The faces of one frame.
#[derive(Debug, Serialize)]
pub(super) struct FrameRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
    width: u32,
    height: u32,
    faces: Vec<FaceRecord<'a>>,
}

impl<'a> FrameRecord<'a> {
    /// `number` counts the frames of a video or folder from 0; the frame of an image has none.
    pub(super) fn new(frame: &Frame, number: Option<u64>, faces: &'a [Face]) -> Self {
        Self {
            frame: number,
            time: number.map(|_| micro(frame.timestamp.as_secs_f64())),
            width: frame.width,
            height: frame.height,
            faces: faces.iter().map(FaceRecord::new).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct FaceRecord<'a> {
    id: u64,
    score: f64,
    #[serde(rename = "box")]
    bbox: [f64; 4],
    landmarks: Vec<[f64; 3]>,
    blendshapes: Option<Coefficients<'a>>,
}

impl<'a> FaceRecord<'a> {
    fn new(face: &'a Face) -> Self {
        Self {
            id: face.id,
            score: rounded(face.score),
            bbox: face.bbox.map(rounded),
            landmarks: face.landmarks().iter().map(|point| point.map(rounded)).collect(),
            blendshapes: face.blendshapes.as_ref().map(Coefficients),
        }
    }
}

/// A map in the order of the names.
#[derive(Debug)]
struct Coefficients<'a>(&'a [f32; BLENDSHAPES]);

impl Serialize for Coefficients<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(BLENDSHAPES))?;
        for (name, value) in BLENDSHAPE_NAMES.iter().zip(self.0) {
            map.serialize_entry(name, &rounded(*value))?;
        }
        map.end()
    }
}

fn rounded(value: f32) -> f64 {
    micro(value.into())
}

/// Six decimals: less than a hundredth of a pixel of an 8K frame.
fn micro(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
