//! Motion fields on the GPU, stretched over the frame: (x, y, confidence, –) of each block.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, Texture, TextureFormat, TextureUsages, TextureView};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use half::f16;
use wgpu::TexelCopyBufferLayout;

use super::Composition;
use crate::compositor::passes::texture;
use crate::compositor::scene::Scene;
use crate::perception::{MotionField, Parsed};

/// Bytes per block.
const BLOCK: usize = 8;

/// A texture that is made anew only when the number of blocks changes.
struct Field {
    texture: Texture,
    view: TextureView,
    still: bool,
    bytes: Vec<u8>,
}

/// From the perceived frame to the one before it, and from the shown frame to the perceived one.
#[derive(Resource)]
pub(in crate::compositor) struct MotionTextures {
    last: Field,
    shown: Field,
    of: Option<Arc<Parsed>>,
}

impl FromWorld for MotionTextures {
    fn from_world(world: &mut World) -> Self {
        let (device, queue) = (world.resource::<RenderDevice>(), world.resource::<RenderQueue>());
        Self { last: Field::still(device, queue), shown: Field::still(device, queue), of: None }
    }
}

impl MotionTextures {
    pub(super) fn last(&self) -> &TextureView {
        &self.last.view
    }

    pub(super) fn shown(&self) -> &TextureView {
        &self.shown.view
    }
}

impl Field {
    /// One block that does not move.
    fn still(device: &RenderDevice, queue: &RenderQueue) -> Self {
        let mut field = Self::new(device, (1, 1));
        field.bytes.resize(BLOCK, 0);
        field.upload(queue, (1, 1));
        field
    }

    fn new(device: &RenderDevice, size: (u32, u32)) -> Self {
        let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
        let (texture, view) = texture(device, "masque_motion", size, TextureFormat::Rgba16Float, usage);
        Self { texture, view, still: true, bytes: Vec::new() }
    }

    fn set(&mut self, device: &RenderDevice, queue: &RenderQueue, field: Option<&MotionField>) {
        let Some(field) = field.filter(|field| !field.is_empty()) else {
            if !self.still {
                *self = Self::still(device, queue);
            }
            return;
        };
        let size = (field.columns, field.rows);
        if (self.texture.width(), self.texture.height()) != size {
            *self = Self { bytes: std::mem::take(&mut self.bytes), ..Self::new(device, size) };
        }
        self.still = false;
        self.bytes.clear();
        let confidence = field.confidence.iter().copied().chain(std::iter::repeat(1.0));
        for ([x, y], confidence) in field.vectors.iter().zip(confidence) {
            for value in [*x, *y, confidence, 0.0] {
                self.bytes.extend_from_slice(&f16::from_f32(value).to_le_bytes());
            }
        }
        self.upload(queue, size);
    }

    fn upload(&self, queue: &RenderQueue, (width, height): (u32, u32)) {
        if self.bytes.len() != (width * height) as usize * BLOCK {
            return;
        }
        queue.write_texture(
            self.texture.as_image_copy(),
            &self.bytes,
            TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * BLOCK as u32),
                rows_per_image: Some(height),
            },
            Extent3d { width, height, depth_or_array_layers: 1 },
        );
    }
}

/// Uploads what moved since the last picture.
pub(super) fn upload_motion(
    (composition, scene): (Res<Composition>, Res<Scene>),
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    mut textures: ResMut<MotionTextures>,
    mut uploaded: Local<u64>,
) {
    if *uploaded == scene.turn() {
        return;
    }
    *uploaded = scene.turn();
    let Some(parsed) = &composition.parsed else { return };
    if textures.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, parsed)) {
        textures.last.set(&device, &queue, Some(&parsed.perception.motion));
        textures.of = Some(parsed.clone());
    }
    textures.shown.set(&device, &queue, composition.motion.as_deref());
}
