//! The region probabilities on the GPU: two textures of four channels.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::render_resource::{
    Extent3d, Texture, TextureDescriptor, TextureDimension, TextureFormat, TextureUsages, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use wgpu::{TexelCopyBufferLayout, TextureViewDescriptor};

use super::Composition;
use crate::perception::Parsed;

/// (background, hair, body skin, face skin) and (clothes, accessories, guide luma, –), made anew only when the
/// size of the mask changes.
#[derive(Resource)]
pub(super) struct MaskTextures {
    pub(super) size: (u32, u32),
    shown: Option<Arc<Parsed>>,
    /// Counts the masks that were written.
    pub(super) version: u64,
    textures: [Texture; 2],
    pub(super) views: [TextureView; 2],
}

impl FromWorld for MaskTextures {
    fn from_world(world: &mut World) -> Self {
        let (textures, views) = make(world.resource::<RenderDevice>(), (1, 1));
        Self { size: (1, 1), shown: None, version: 0, textures, views }
    }
}

fn make(device: &RenderDevice, (width, height): (u32, u32)) -> ([Texture; 2], [TextureView; 2]) {
    let textures: [Texture; 2] = std::array::from_fn(|_| {
        device.create_texture(&TextureDescriptor {
            label: Some("masque_region_mask"),
            size: Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: TextureDimension::D2,
            format: TextureFormat::Rgba8Unorm,
            usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        })
    });
    let views = std::array::from_fn(|i| textures[i].create_view(&TextureViewDescriptor::default()));
    (textures, views)
}

/// Uploads the mask when it is another one than before.
pub(super) fn upload_mask(
    composition: Res<Composition>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut gpu: ResMut<MaskTextures>,
) {
    let Some(parsed) = &composition.parsed else { return };
    let mask = &parsed.perception.mask;
    if gpu.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, parsed))
        || mask.width == 0
        || mask.height == 0
    {
        return;
    }
    if gpu.size != (mask.width, mask.height) {
        gpu.size = (mask.width, mask.height);
        (gpu.textures, gpu.views) = make(&device, gpu.size);
    }
    for (texture, plane) in gpu.textures.iter().zip([&mask.plane0, &mask.plane1]) {
        queue.write_texture(
            texture.as_image_copy(),
            plane,
            TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(mask.width * 4),
                rows_per_image: Some(mask.height),
            },
            Extent3d { width: mask.width, height: mask.height, depth_or_array_layers: 1 },
        );
    }
    gpu.shown = Some(parsed.clone());
    gpu.version += 1;
}
