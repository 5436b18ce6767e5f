//! What is to be drawn, decided in the main world and extracted to the render world.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResource;

use super::params::uv_transform;
use super::readback::ReadBack;
use super::{ComposedImage, Dress, ReadbackDemand};
use crate::capture::CaptureGate;
use crate::frame::Frame;
use crate::look::{CurrentLook, LookFade, Wardrobe};
use crate::memory::{Bound, Each, bound};
use crate::perception::{MotionField, Parsed, Shown};

/// How a picture of another shape fills the output.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// Fills the output; what stands out is cut off.
    #[default]
    Cover,
    /// Shows the whole picture; the rest stays black.
    Contain,
}

pub(super) const COMPOSITION: Bound = bound!(
    "compositor.composition",
    "what the next picture is made of, in the main and in the render world",
    2,
    Each::In("frames"),
    "replaced"
);

/// A dress that fades.
#[derive(Debug, Clone)]
pub struct Fade {
    /// What was worn before. Its mattes are those of the new dress.
    pub from: Arc<Dress>,
    /// How much of the new dress is seen, 0–1.
    pub progress: f32,
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
    /// The dress that was worn before, while both are seen.
    pub fade: Option<Fade>,
    /// Where to draw.
    pub output: Handle<Image>,
    /// Size of the output in pixels.
    pub output_size: UVec2,
    /// How the frame fills the output.
    pub fit: Fit,
    /// Left and right swapped, as in a mirror.
    pub mirror: bool,
    /// How the result is wanted back on the CPU.
    pub read_back: ReadBack,
    /// Whether the GPU's work is waited for, so that every picture comes back and is timed; and the shader of
    /// the dress: no picture shows the one before.
    pub wait: bool,
}

impl Composition {
    /// Presentation time of the frame that is shown.
    pub fn timestamp(&self) -> Duration {
        self.frame.as_ref().map_or(Duration::ZERO, |frame| frame.timestamp)
    }

    /// Scale and offset that take output coordinates (0–1) to those of `frame`.
    pub(super) fn uv_of(&self, frame: &Frame) -> Vec4 {
        uv_transform((frame.width, frame.height), self.output_size, self.fit, self.mirror)
    }
}

/// Number of the newest picture that was drawn, told by the render world.
#[derive(Resource, Debug, Clone, Default)]
pub struct Drawn {
    revision: Arc<AtomicU64>,
    dress: Arc<AtomicU64>,
    at: Arc<Mutex<Option<Instant>>>,
}

impl Drawn {
    /// Its number; 0 before the first.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// When it was drawn; none before the first.
    pub fn at(&self) -> Option<Instant> {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of the dress that it was drawn in.
    pub(super) fn dress(&self) -> u64 {
        self.dress.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, revision: u64, dress: u64) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.dress.store(dress, Ordering::Release);
        self.revision.store(revision, Ordering::Release);
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

/// Ends the events of effects once a picture with them was drawn.
pub(super) fn end_events(
    drawn: Res<Drawn>,
    composition: Res<Composition>,
    mut look: ResMut<CurrentLook>,
    mut first_seen: Local<Option<u64>>,
) {
    if !composition.dress.look.has_events() {
        *first_seen = None;
        return;
    }
    let composed = *first_seen.get_or_insert(composition.revision);
    if drawn.revision() >= composed && look.has_events() {
        look.end_events();
    }
}

/// Holds a fade back until the look that comes can be drawn: before that its shader is compiled.
pub(super) fn hold_fade(drawn: Res<Drawn>, composition: Res<Composition>, mut fade: ResMut<LookFade>) {
    let begins = composition.fade.as_ref().is_some_and(|fade| fade.progress == 0.0);
    let held = begins && fade.from.is_some() && drawn.dress() < composition.dress.number;
    if fade.held != held {
        fade.bypass_change_detection().held = held;
    }
}

/// Puts the newest picture, look and textures together.
pub(super) fn compose(
    shown: Res<Shown>,
    (look, look_fade): (Res<CurrentLook>, Res<LookFade>),
    wardrobe: Res<Wardrobe>,
    demand: Res<ReadbackDemand>,
    (output, fit): (Res<ComposedImage>, Res<Fit>),
    mut composition: ResMut<Composition>,
    mut last_output: Local<(Handle<Image>, UVec2)>,
) {
    let output_changed = last_output.0 != output.image || last_output.1 != output.size;
    let changed = shown.is_changed()
        || look.is_changed()
        || look_fade.is_changed()
        || wardrobe.is_changed()
        || demand.is_changed()
        || fit.is_changed()
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
    let before = composition.dress.clone();
    if look.is_changed() || wardrobe.is_changed() || before.number == 0 {
        composition.dress = Arc::new(Dress::new(before.number + 1, &look, &wardrobe));
    }
    composition.fade = look_fade.from.as_ref().map(|from| {
        // The dress that was worn until now, so that nothing of it changes; else one of the same textures.
        let known = composition.fade.as_ref().map(|fade| &fade.from).into_iter().chain([&before]);
        let kept = known.into_iter().find(|dress| dress.number > 0 && dress.look == *from).cloned();
        let from = kept.unwrap_or_else(|| Arc::new(Dress::fading(before.number, from, &wardrobe)));
        Fade { from, progress: look_fade.progress }
    });
    composition.output = output.image.clone();
    composition.output_size = output.size;
    composition.fit = *fit;
    composition.read_back = demand.wanted();
    composition.wait = demand.wait;
}
