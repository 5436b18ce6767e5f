//! What is to be drawn, decided in the main world and extracted to the render world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResource;

use super::{ComposedImage, Dress, ReadbackDemand};
use crate::capture::CaptureGate;
use crate::frame::Frame;
use crate::look::{CurrentLook, Wardrobe};
use crate::perception::{MotionField, Parsed, Shown};

/// How a picture of another shape fills the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// Fills the output; what stands out is cut off.
    #[default]
    Cover,
    /// Shows the whole picture; the rest stays black.
    Contain,
}

/// Everything that the next picture is made of. Cloned once per extraction: handles and `Arc`s only.
#[derive(Resource, Debug, Clone, Default, ExtractResource)]
pub struct Composition {
    /// Counts up whenever the picture would change; the same number is not drawn twice.
    pub revision: u64,
    /// The camera's picture.
    pub frame: Option<Arc<Frame>>,
    /// Its regions; none shows the picture bare.
    pub parsed: Option<Arc<Parsed>>,
    /// From the frame back to the one that the regions were found in; none when it is the same.
    pub motion: Option<Arc<MotionField>>,
    /// What is worn.
    pub dress: Arc<Dress>,
    /// Where to draw.
    pub output: Handle<Image>,
    /// Size of the output in pixels.
    pub output_size: UVec2,
    /// How the frame fills the output.
    pub fit: Fit,
    /// Left and right swapped, as in a mirror.
    pub mirror: bool,
    /// Whether the result is wanted back on the CPU.
    pub read_back: bool,
    /// Whether the GPU's work is waited for, so that every picture comes back and is timed; and the shader of
    /// the dress: no picture shows the one before.
    pub wait: bool,
}

impl Composition {
    /// Presentation time of the frame that is shown.
    pub fn timestamp(&self) -> Duration {
        self.frame.as_ref().map_or(Duration::ZERO, |frame| frame.timestamp)
    }
}

/// Number of the newest picture that was drawn, told by the render world.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Drawn(Arc<AtomicU64>);

impl Drawn {
    pub(super) fn revision(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, revision: u64) {
        self.0.store(revision, Ordering::Release);
    }
}

/// Holds a lossless run back until the picture is drawn: at first shaders are compiled and textures
/// are loaded.
pub(super) fn hold_capture(
    drawn: Res<Drawn>,
    composition: Res<Composition>,
    wardrobe: Res<Wardrobe>,
    mut gate: ResMut<CaptureGate>,
) {
    gate.picture_pending = !wardrobe.is_complete() || drawn.revision() < composition.revision;
}

/// Puts the newest picture, look and textures together.
pub(super) fn compose(
    shown: Res<Shown>,
    look: Res<CurrentLook>,
    wardrobe: Res<Wardrobe>,
    demand: Res<ReadbackDemand>,
    output: Res<ComposedImage>,
    mut composition: ResMut<Composition>,
    mut last_output: Local<(Handle<Image>, UVec2)>,
) {
    let output_changed = last_output.0 != output.image || last_output.1 != output.size;
    let changed = shown.is_changed()
        || look.is_changed()
        || wardrobe.is_changed()
        || demand.is_changed()
        || output_changed;
    if !changed || shown.frame.is_none() {
        return;
    }
    *last_output = (output.image.clone(), output.size);
    composition.revision += 1;
    composition.frame.clone_from(&shown.frame);
    composition.parsed.clone_from(&shown.parsed);
    composition.motion.clone_from(&shown.motion);
    composition.mirror = shown.mirror;
    if look.is_changed() || wardrobe.is_changed() || composition.dress.number == 0 {
        composition.dress = Arc::new(Dress::new(composition.dress.number + 1, &look, &wardrobe));
    }
    composition.output = output.image.clone();
    composition.output_size = output.size;
    composition.read_back = demand.is_wanted();
    composition.wait = demand.wait;
}
