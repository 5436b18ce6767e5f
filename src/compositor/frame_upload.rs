//! The camera's planes on the GPU, as they are.

use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;
use bevy::render::render_resource::{
    Extent3d, Texture, TextureDescriptor, TextureDimension, TextureFormat, TextureUsages, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use wgpu::{TexelCopyBufferLayout, TextureViewDescriptor};

use super::Composition;
use super::scene::Scene;
use crate::frame::{Frame, PixelFormat};
use crate::stats::Stats;

/// One texture per plane, made anew only when size or format change.
#[derive(Resource)]
pub(super) struct FrameTextures {
    shape: Option<(PixelFormat, u32, u32)>,
    /// Kept, so that no other frame can be taken for it.
    shown: Option<Arc<Frame>>,
    /// Counts the frames that were written.
    pub(super) version: u64,
    textures: [Texture; 3],
    /// Views of the planes; formats with fewer planes have 1×1 stand-ins.
    pub(super) views: [TextureView; 3],
}

impl FromWorld for FrameTextures {
    fn from_world(world: &mut World) -> Self {
        let device = world.resource::<RenderDevice>();
        let textures: [Texture; 3] =
            std::array::from_fn(|_| plane_texture(device, TextureFormat::R8Unorm, 1, 1));
        let views = std::array::from_fn(|i| textures[i].create_view(&TextureViewDescriptor::default()));
        Self { shape: None, shown: None, version: 0, textures, views }
    }
}

/// Texture format, width and height that hold plane `index` of a picture.
fn plane_shape(format: PixelFormat, index: usize, width: u32, height: u32) -> (TextureFormat, u32, u32) {
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    match (format, index) {
        (PixelFormat::Nv12 | PixelFormat::I420, 0) => (TextureFormat::R8Unorm, width, height),
        (PixelFormat::Nv12, 1) => (TextureFormat::Rg8Unorm, half_width, half_height),
        (PixelFormat::I420, _) => (TextureFormat::R8Unorm, half_width, half_height),
        (PixelFormat::Yuyv, 0) => (TextureFormat::Rgba8Unorm, half_width, height),
        (PixelFormat::Rgba8, 0) => (TextureFormat::Rgba8Unorm, width, height),
        _ => (TextureFormat::R8Unorm, 1, 1),
    }
}

fn plane_texture(device: &RenderDevice, format: TextureFormat, width: u32, height: u32) -> Texture {
    device.create_texture(&TextureDescriptor {
        label: Some("masque_frame_plane"),
        size: Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: TextureDimension::D2,
        format,
        usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

impl FrameTextures {
    fn fit(&mut self, device: &RenderDevice, frame: &Frame) {
        let shape = (frame.format, frame.width, frame.height);
        if self.shape == Some(shape) {
            return;
        }
        self.shape = Some(shape);
        self.textures = std::array::from_fn(|i| {
            let (format, width, height) = plane_shape(frame.format, i, frame.width, frame.height);
            plane_texture(device, format, width, height)
        });
        self.views = std::array::from_fn(|i| self.textures[i].create_view(&TextureViewDescriptor::default()));
        self.shown = None;
    }

    fn write(&mut self, queue: &RenderQueue, frame: &Arc<Frame>) {
        for index in 0..frame.format.plane_count() {
            let (_, width, height) = plane_shape(frame.format, index, frame.width, frame.height);
            let stride = frame.format.plane(index, frame.width, frame.height).stride;
            queue.write_texture(
                self.textures[index].as_image_copy(),
                frame.plane(index),
                TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(stride as u32),
                    rows_per_image: Some(height),
                },
                Extent3d { width, height, depth_or_array_layers: 1 },
            );
        }
        self.shown = Some(frame.clone());
        self.version += 1;
    }
}

/// Uploads the frame when it is another one than before.
pub(super) fn upload_frame(
    composition: Res<Composition>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    stats: Res<Stats>,
    scene: Res<Scene>,
    mut textures: ResMut<FrameTextures>,
    mut uploaded: Local<u64>,
) {
    let Some(frame) = &composition.frame else { return };
    if *uploaded == scene.turn() {
        return;
    }
    *uploaded = scene.turn();
    textures.fit(&device, frame);
    if textures.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, frame)) {
        return;
    }
    let start = Instant::now();
    textures.write(&queue, frame);
    stats.stage("upload", start.elapsed());
}
