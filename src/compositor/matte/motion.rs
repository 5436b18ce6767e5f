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

/// The motion of each block; its texture is made anew only when their number changes.
#[derive(Default)]
struct Field {
    made: Option<(Texture, TextureView)>,
    moves: bool,
    bytes: Vec<u8>,
}

/// From the perceived frame to the one before it, and from the shown frame to the perceived one.
#[derive(Resource)]
pub(in crate::compositor) struct MotionTextures {
    last: Field,
    shown: Field,
    /// One block that does not move.
    still: TextureView,
    of: Option<Arc<Parsed>>,
}

impl FromWorld for MotionTextures {
    fn from_world(world: &mut World) -> Self {
        let (device, queue) = (world.resource::<RenderDevice>(), world.resource::<RenderQueue>());
        let (texture, still) = make(device, (1, 1));
        upload(queue, &texture, &[0; BLOCK]);
        Self { last: Field::default(), shown: Field::default(), still, of: None }
    }
}

impl MotionTextures {
    pub(super) fn last(&self) -> &TextureView {
        self.last.view().unwrap_or(&self.still)
    }

    pub(super) fn shown(&self) -> &TextureView {
        self.shown.view().unwrap_or(&self.still)
    }
}

impl Field {
    /// None where nothing moves.
    fn view(&self) -> Option<&TextureView> {
        self.made.as_ref().filter(|_| self.moves).map(|(_, view)| view)
    }

    fn set(&mut self, device: &RenderDevice, queue: &RenderQueue, field: Option<&MotionField>) {
        let field = field.filter(|field| !field.is_empty());
        self.moves = field.is_some();
        let Some(field) = field else { return };
        let size = (field.columns, field.rows);
        if self.made.as_ref().is_none_or(|(texture, _)| (texture.width(), texture.height()) != size) {
            self.made = Some(make(device, size));
        }
        self.bytes.clear();
        let confidence = field.confidence.iter().copied().chain(std::iter::repeat(1.0));
        for ([x, y], confidence) in field.vectors.iter().zip(confidence) {
            for value in [*x, *y, confidence, 0.0] {
                self.bytes.extend_from_slice(&f16::from_f32(value).to_le_bytes());
            }
        }
        if let Some((texture, _)) = &self.made {
            upload(queue, texture, &self.bytes);
        }
    }
}

fn make(device: &RenderDevice, size: (u32, u32)) -> (Texture, TextureView) {
    let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
    texture(device, "masque_motion", size, TextureFormat::Rgba16Float, usage)
}

/// Writes all of `texture`; does nothing where `bytes` are too few or too many for it.
fn upload(queue: &RenderQueue, texture: &Texture, bytes: &[u8]) {
    let (width, height) = (texture.width(), texture.height());
    if bytes.len() != (width * height) as usize * BLOCK {
        return;
    }
    queue.write_texture(
        texture.as_image_copy(),
        bytes,
        TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(width * BLOCK as u32),
            rows_per_image: Some(height),
        },
        Extent3d { width, height, depth_or_array_layers: 1 },
    );
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
