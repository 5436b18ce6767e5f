//! Distances to edges on the GPU, as they are asked for.

use std::sync::Arc;

use bevy::math::UVec2;
use bevy::render::render_resource::{Extent3d, Texture, TextureFormat, TextureUsages, TextureView};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use half::f16;
use wgpu::TexelCopyBufferLayout;

use super::edges::Distances;
use crate::compositor::passes::texture;
use crate::frame::Region;
use crate::look::Look;
use crate::perception::{Parsed, RegionMask};
use crate::stats::Stats;

/// Distances of the mask that is shown.
#[derive(Default)]
pub(super) struct Edges {
    planes: [Option<(UVec2, Texture, TextureView)>; 2],
    /// The mask that they are of, which regions, and how these are shaped.
    of: Option<(Arc<Parsed>, u8, [(f32, bool); Region::COUNT])>,
    distances: Distances,
    field: Vec<f32>,
    texels: Vec<f16>,
}

impl Edges {
    /// Makes the distances of `asked` regions, one bit each, unless they are there.
    pub(super) fn fit(
        &mut self,
        (device, queue): (&RenderDevice, &RenderQueue),
        (parsed, aspect): (&Arc<Parsed>, f32),
        look: &Look,
        asked: u8,
        stats: &Stats,
    ) {
        let shapes =
            Region::ALL.map(|region| (look.style(region).dilation / 100.0, look.style(region).invert));
        let known = self.of.as_ref().is_some_and(|(of, regions, known)| {
            Arc::ptr_eq(of, parsed) && *regions == asked && *known == shapes
        });
        if known {
            return;
        }
        stats.time("edges", || {
            for plane in 0..2 {
                self.fill(&parsed.perception.mask, aspect, (plane, asked), &shapes);
                if !self.texels.is_empty() {
                    self.upload((device, queue), plane, parsed);
                }
            }
        });
        self.of = Some((parsed.clone(), asked, shapes));
    }

    /// Four channels of plane number `plane`; nothing where none of them is asked for.
    fn fill(
        &mut self,
        mask: &RegionMask,
        aspect: f32,
        (plane, asked): (usize, u8),
        shapes: &[(f32, bool); Region::COUNT],
    ) {
        self.texels.clear();
        for channel in (0..4).filter(|channel| asked & (1 << (plane * 4 + channel)) != 0) {
            let region = plane * 4 + channel;
            self.distances.of(mask, region, aspect, &mut self.field);
            self.texels.resize(self.field.len() * 4, f16::ZERO);
            let (grown, inverted) = shapes.get(region).copied().unwrap_or_default();
            let side = if inverted { -1.0 } else { 1.0 };
            for (texel, distance) in self.texels.iter_mut().skip(channel).step_by(4).zip(&self.field) {
                *texel = f16::from_f32((distance + grown) * side);
            }
        }
    }

    fn upload(&mut self, (device, queue): (&RenderDevice, &RenderQueue), plane: usize, parsed: &Parsed) {
        let size = UVec2::new(parsed.perception.mask.width, parsed.perception.mask.height);
        let Some(slot) = self.planes.get_mut(plane) else { return };
        let fits = slot.as_ref().is_some_and(|(known, ..)| *known == size);
        if !fits {
            let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
            let (texture, view) =
                texture(device, "masque_edges", size.into(), TextureFormat::Rgba16Float, usage);
            *slot = Some((size, texture, view));
        }
        let Some((_, texture, _)) = slot else { return };
        queue.write_texture(
            texture.as_image_copy(),
            bytemuck::cast_slice(&self.texels),
            TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(size.x * 8),
                rows_per_image: Some(size.y),
            },
            Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 },
        );
    }

    /// Nothing is asked for.
    pub(super) fn forget(&mut self) {
        (self.planes, self.of) = (Default::default(), None);
    }

    pub(super) fn view<'a>(&'a self, plane: usize, blank: &'a TextureView) -> &'a TextureView {
        let plane = self.planes.get(plane).and_then(Option::as_ref);
        plane.map_or(blank, |(_, _, view)| view)
    }
}
