//! What the render world and the GPU hold, as gauges, every two seconds.

use std::time::{Duration, Instant};

use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::mesh::RenderMesh;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::Texture;
use bevy::render::renderer::{RenderDevice, RenderInstance};
use bevy::render::texture::GpuImage;

use crate::stats::Stats;

/// How often: asking the driver's allocator copies the names of all that it holds.
const INTERVAL: Duration = Duration::from_secs(2);

/// Notes what the render world and the GPU hold.
pub(super) fn gauge_gpu(
    (device, instance): (Res<RenderDevice>, Res<RenderInstance>),
    (images, meshes): (Res<RenderAssets<GpuImage>>, Res<RenderAssets<RenderMesh>>),
    stats: Res<Stats>,
    mut last: Local<Option<Instant>>,
) {
    if last.is_some_and(|last| last.elapsed() < INTERVAL) {
        return;
    }
    *last = Some(Instant::now());
    let bytes: u64 = images.iter().map(|(_, image)| texture_bytes(&image.texture)).sum();
    stats.gauge("gpu_images", images.iter().count() as f64);
    stats.gauge("gpu_images_bytes", bytes as f64);
    stats.gauge("gpu_meshes", meshes.iter().count() as f64);
    if let Some(report) = device.wgpu_device().generate_allocator_report() {
        stats.gauge("gpu_memory_resident_bytes", report.total_reserved_bytes as f64);
        stats.gauge("gpu_memory_in_use_bytes", report.total_allocated_bytes as f64);
    }
    if let Some(report) = instance.generate_report() {
        let objects = report.hub_report();
        stats.gauge("gpu_objects_buffers", objects.buffers.num_allocated as f64);
        stats.gauge("gpu_objects_textures", objects.textures.num_allocated as f64);
        stats.gauge("gpu_objects_texture_views", objects.texture_views.num_allocated as f64);
        stats.gauge("gpu_objects_bind_groups", objects.bind_groups.num_allocated as f64);
        stats.gauge("gpu_objects_shaders", objects.shader_modules.num_allocated as f64);
        let pipelines = objects.render_pipelines.num_allocated + objects.compute_pipelines.num_allocated;
        stats.gauge("gpu_objects_pipelines", pipelines as f64);
    }
}

/// Bytes of a texture, its smaller copies included.
fn texture_bytes(texture: &Texture) -> u64 {
    let size = texture.size();
    let format = texture.format();
    let (block_width, block_height) = format.block_dimensions();
    let block_bytes = u64::from(format.block_copy_size(None).unwrap_or(4));
    let level = |level: u32| {
        let (width, height) = ((size.width >> level).max(1), (size.height >> level).max(1));
        u64::from(width.div_ceil(block_width)) * u64::from(height.div_ceil(block_height)) * block_bytes
    };
    (0..texture.mip_level_count()).map(level).sum::<u64>() * u64::from(size.depth_or_array_layers)
}

/// Notes the pictures that the main world knows, and the bytes that it keeps of them.
pub(super) fn gauge_images(images: Res<Assets<Image>>, stats: Res<Stats>) {
    let bytes: usize = images.iter().filter_map(|(_, image)| image.data.as_ref()).map(Vec::len).sum();
    stats.gauge("images", images.len() as f64);
    stats.gauge("images_resident_bytes", bytes as f64);
}
