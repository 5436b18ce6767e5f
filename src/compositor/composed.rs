//! The texture that holds the composed picture, and the pictures that were read back from it.

use std::time::{Duration, Instant};

use bevy::asset::RenderAssetUsages;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};

use super::ReadbackDemand;
use crate::frame::{FrameSeq, PixelFormat, PooledBuffer};
use crate::memory::{MemoryStatus, PressureLevel, Receiver};
use crate::perception::Shown;
use crate::schedule::Pacing;
use crate::stats::Stats;

/// The size that was asked for; none follows the source.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct OutputSize(pub Option<UVec2>);

/// The picture as a texture: `Rgba8Unorm` with sRGB-encoded bytes, seen by sprites as sRGB.
#[derive(Resource, Debug, Clone, Default)]
pub struct ComposedImage {
    /// The texture.
    pub image: Handle<Image>,
    /// Its size in pixels; zero until the first frame is there.
    pub size: UVec2,
}

/// One composed picture on the CPU.
#[derive(Debug)]
pub struct ComposedFrame {
    /// Number of the [`Composition`](super::Composition) that it shows.
    pub revision: u64,
    /// The frame that it shows.
    pub seq: FrameSeq,
    /// Presentation time of that frame.
    pub timestamp: Duration,
    /// When that frame came in.
    pub arrived: Instant,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Either [`PixelFormat::Rgba8`], sRGB-encoded, or [`PixelFormat::Nv12`] in BT.709, limited range.
    pub format: PixelFormat,
    /// Tightly packed, from a pool.
    pub pixels: PooledBuffer,
}

/// Where pictures that were asked for arrive; bounded, drops are counted as `readback_dropped`.
#[derive(Resource, Deref)]
pub struct ComposedFrames(pub Receiver<ComposedFrame>);

/// Makes the output texture when the size changes, never per frame. A file has one size: while one is
/// written, frames of another shape are fitted into it.
pub(super) fn fit_output(
    shown: Res<Shown>,
    wanted: Res<OutputSize>,
    (pacing, demand): (Res<Pacing>, Res<ReadbackDemand>),
    mut images: ResMut<Assets<Image>>,
    mut composed: ResMut<ComposedImage>,
    (memory, stats): (Res<MemoryStatus>, Res<Stats>),
    mut was_halved: Local<bool>,
) {
    let Some(frame) = &shown.frame else { return };
    let size = wanted.0.unwrap_or(UVec2::new(frame.width, frame.height));
    // A recording that begins now begins at that size.
    let halved = *pacing == Pacing::Live && memory.level == PressureLevel::Emergency;
    let size = if halved { (size / 4 * 2).max(UVec2::splat(2)) } else { size };
    let kept = composed.size != UVec2::ZERO && (*pacing == Pacing::Lossless || demand.recording);
    if composed.size == size || kept {
        return;
    }
    let mut image = Image::new_target_texture(
        size.x,
        size.y,
        TextureFormat::Rgba8Unorm,
        Some(TextureFormat::Rgba8UnormSrgb),
    );
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.asset_usage = RenderAssetUsages::RENDER_WORLD;
    if halved != std::mem::replace(&mut *was_halved, halved) {
        stats.count(if halved { "output_halved" } else { "output_restored" });
        let what = if halved { "half its size until memory is less tight" } else { "as large as before" };
        stats.event(format!("the picture is {what}: {} × {}", size.x, size.y));
    }
    *composed = ComposedImage { image: images.add(image), size };
}
