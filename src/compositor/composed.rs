//! The texture that holds the composed picture, and the pictures that were read back from it.

use std::time::Duration;

use bevy::asset::RenderAssetUsages;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use crossbeam_channel::Receiver;

use super::ReadbackDemand;
use crate::frame::{FrameSeq, PooledBuffer};
use crate::perception::Shown;
use crate::schedule::Pacing;

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
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Tightly packed RGBA, sRGB-encoded, from a pool.
    pub rgba: PooledBuffer,
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
) {
    let Some(frame) = &shown.frame else { return };
    let size = wanted.0.unwrap_or(UVec2::new(frame.width, frame.height));
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
    *composed = ComposedImage { image: images.add(image), size };
}
