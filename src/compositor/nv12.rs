//! The composed picture as encoders take it: NV12, converted on the GPU, so that 1.5 bytes per pixel come back and not 4.

use bevy::asset::AssetServer;
use bevy::core_pipeline::FullscreenShader;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId,
    CommandEncoder, PipelineCache, RenderPassDescriptor, Sampler, SamplerBindingType, ShaderStages, Texture,
    TextureFormat, TextureSampleType, TextureUsages, TextureView,
};
use bevy::render::renderer::RenderDevice;

use super::bind_groups::BindGroups;
use super::passes::{edge_sampler, fill, fullscreen_pipeline, texture};

/// The texture with the converted picture, four bytes to a texel: its size depends on the output's.
#[derive(Resource)]
pub(super) struct Nv12 {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    /// For luma and for chroma.
    pipelines: [CachedRenderPipelineId; 2],
    /// Size of the picture, and the texture.
    packed: Option<(UVec2, Texture, TextureView)>,
    groups: BindGroups,
}

pub(super) fn init_nv12(
    mut commands: Commands,
    (device, server): (Res<RenderDevice>, Res<AssetServer>),
    (fullscreen, cache): (Res<FullscreenShader>, Res<PipelineCache>),
) {
    let layout = BindGroupLayoutDescriptor::new(
        "masque_nv12",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (
                sampler(SamplerBindingType::Filtering),
                texture_2d(TextureSampleType::Float { filterable: true }),
            ),
        ),
    );
    let shader: Handle<Shader> = server.load("embedded://masque/nv12.wgsl");
    let pipelines = ["luma", "chroma"].map(|entry| {
        let target = [TextureFormat::Rgba8Unorm];
        fullscreen_pipeline(&cache, &fullscreen, shader.clone(), entry, vec![layout.clone()], &target)
    });
    let sampler = edge_sampler(&device);
    commands.insert_resource(Nv12 {
        layout,
        sampler,
        pipelines,
        packed: None,
        groups: BindGroups::default(),
    });
}

/// Columns and rows of the texture for a picture of this size.
pub(super) fn packed_size(picture: UVec2) -> UVec2 {
    UVec2::new(picture.x.next_multiple_of(2).div_ceil(4), picture.y + picture.y.div_ceil(2))
}

impl Nv12 {
    /// Where the converted picture is, once one was recorded.
    pub(super) fn texture(&self) -> Option<&Texture> {
        self.packed.as_ref().map(|(_, texture, _)| texture)
    }

    /// Records the conversion of `picture`, which has this size. `false`: the pipelines are not there yet.
    pub(super) fn encode(
        &mut self,
        encoder: &mut CommandEncoder,
        (device, cache): (&RenderDevice, &PipelineCache),
        (picture, size): (&TextureView, UVec2),
    ) -> bool {
        let ready = self.pipelines.map(|id| cache.get_render_pipeline(id));
        let [Some(luma), Some(chroma)] = ready else { return false };
        if self.packed.as_ref().is_none_or(|(known, ..)| *known != size) {
            let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_SRC;
            let packed = packed_size(size).into();
            let (texture, view) = texture(device, "masque_nv12", packed, TextureFormat::Rgba8Unorm, usage);
            self.packed = Some((size, texture, view));
        }
        self.groups.fit([picture], || {
            let layout = cache.get_bind_group_layout(&self.layout);
            let entries = BindGroupEntries::sequential((&self.sampler, picture));
            device.create_bind_group("masque_nv12", &layout, &entries)
        });
        let (Some((_, _, view)), Some(group)) = (&self.packed, self.groups.group()) else { return false };
        let packed = packed_size(size).as_vec2();
        let rows = size.y as f32;
        let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("masque_nv12"),
            color_attachments: &[Some(fill(view))],
            ..default()
        });
        for (pipeline, top, height) in [(luma, 0.0, rows), (chroma, rows, packed.y - rows)] {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.set_viewport(0.0, top, packed.x, height, 0.0, 1.0);
            pass.draw(0..3, 0..1);
        }
        true
    }

    /// Nobody wants it any more: the texture goes.
    pub(super) fn forget(&mut self) {
        self.packed = None;
        self.groups.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    #[test]
    fn every_row_of_both_planes_fits() {
        for size in [(2, 2), (3, 5), (1280, 720), (853, 479), (1, 1)] {
            let packed = packed_size(size.into());
            let [luma, chroma] = [0, 1].map(|plane| PixelFormat::Nv12.plane(plane, size.0, size.1));
            assert!(packed.x as usize * 4 >= luma.stride.max(chroma.stride), "{size:?}");
            assert_eq!(packed.y as usize, luma.rows + chroma.rows);
        }
    }
}
