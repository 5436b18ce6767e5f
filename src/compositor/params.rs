//! What `shaders/compose.wgsl` is told, field by field in the same order.

use bevy::math::{UVec2, Vec4};
use bevy::render::render_resource::ShaderType;

use super::matte::Follow;
use super::{Composition, Fit, tiles};
use crate::frame::{Frame, Region};
use crate::look::Look;

/// `RegionStyle` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct RegionParams {
    /// Tint (sRGB), opacity.
    tint: Vec4,
    /// Tiles across and down the picture, shading, 1 + mip level when there is a texture.
    tile: Vec4,
}

/// `Compose` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct ComposeParams {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub(super) uv: Vec4,
    /// Columns and rows of tiles, size of a tile as a fraction of the output.
    tiles: Vec4,
    /// 1 for regions whose matte has a shape of its own.
    shaped: [Vec4; 2],
    /// How fast the outline follows where the picture does not change, 1 to start anew.
    calm: Vec4,
    regions: [RegionParams; Region::COUNT],
}

impl ComposeParams {
    pub(super) fn new(
        composition: &Composition,
        frame: &Frame,
        textures: [Option<UVec2>; Region::COUNT],
        follow: Option<Follow>,
    ) -> Self {
        let follow = follow.unwrap_or_default();
        let size = composition.output_size;
        let aspect = size.x as f32 / size.y.max(1) as f32;
        let regions = Region::ALL.map(|region| {
            let style = composition.look.style(region);
            let [red, green, blue] = style.tint;
            let tiles = 1.0 / style.scale;
            let texture = textures[region.index()];
            let textured = if texture.is_some() { 1.0 } else { 0.0 };
            let level = texture.map_or(0.0, |texture| mip_level(texture, tiles, size));
            // A texture that is not loaded yet leaves the region bare rather than white.
            let opacity = if style.texture.is_some() { style.opacity * textured } else { style.opacity };
            RegionParams {
                tint: Vec4::new(red, green, blue, opacity),
                tile: Vec4::new(tiles * aspect, tiles, style.shading, textured + level),
            }
        });
        Self {
            uv: uv_transform((frame.width, frame.height), size, composition.fit, composition.mirror),
            tiles: tiles::grid(size),
            shaped: shaped(&composition.look),
            calm: Vec4::new(follow.unsure, if follow.anew { 1.0 } else { 0.0 }, 0.0, 0.0),
            regions,
        }
    }
}

/// The level of a texture's mip levels whose texels are at most as large as the pixels of `output`, in whose
/// height there are so many `tiles`; tiles are square.
fn mip_level(texture: UVec2, tiles: f32, output: UVec2) -> f32 {
    let texels_per_pixel = texture.max_element() as f32 * tiles / output.y.max(1) as f32;
    texels_per_pixel.max(1.0).log2().floor()
}

/// 1 for each region whose matte has a shape of its own, in the order of the ids.
pub(super) fn shaped(look: &Look) -> [Vec4; 2] {
    let flag = |index: usize| match Region::ALL.get(index) {
        Some(region) if look.style(*region).is_shaped() => 1.0,
        _ => 0.0,
    };
    [0, 4].map(|first| Vec4::new(flag(first), flag(first + 1), flag(first + 2), flag(first + 3)))
}

/// Scale and offset that take output coordinates (0–1) to frame coordinates.
pub(super) fn uv_transform((width, height): (u32, u32), output: UVec2, fit: Fit, mirror: bool) -> Vec4 {
    let frame_aspect = width as f32 / height as f32;
    let output_aspect = output.x.max(1) as f32 / output.y.max(1) as f32;
    let wider = frame_aspect / output_aspect;
    let (sx, sy) = match fit {
        Fit::Cover => ((1.0 / wider).min(1.0), wider.min(1.0)),
        Fit::Contain => ((1.0 / wider).max(1.0), wider.max(1.0)),
    };
    let (ox, oy) = ((1.0 - sx) / 2.0, (1.0 - sy) / 2.0);
    if mirror { Vec4::new(-sx, sy, 1.0 - ox, oy) } else { Vec4::new(sx, sy, ox, oy) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_frame(t: Vec4, x: f32, y: f32) -> (f32, f32) {
        (x * t.x + t.z, y * t.y + t.w)
    }

    #[test]
    fn cover_cuts_and_contain_pads_around_the_middle() {
        let square = UVec2::splat(100);
        let cover = uv_transform((200, 100), square, Fit::Cover, false);
        assert_eq!(to_frame(cover, 0.0, 0.0), (0.25, 0.0));
        assert_eq!(to_frame(cover, 1.0, 1.0), (0.75, 1.0));
        let contain = uv_transform((200, 100), square, Fit::Contain, false);
        assert_eq!(to_frame(contain, 0.0, 0.25), (0.0, 0.0));
        assert_eq!(to_frame(contain, 1.0, 0.75), (1.0, 1.0));
    }

    #[test]
    fn small_tiles_are_sampled_from_small_copies() {
        let (texture, output) = (UVec2::new(2048, 1024), UVec2::new(1280, 720));
        for (tiles, level) in [(0.25, 0.0), (0.5, 0.0), (1.0, 1.0), (2.0, 2.0), (20.0, 5.0)] {
            assert_eq!(mip_level(texture, tiles, output), level, "{tiles} tiles");
        }
    }

    #[test]
    fn a_mirror_swaps_left_and_right_only() {
        let mirrored = uv_transform((200, 100), UVec2::new(200, 100), Fit::Cover, true);
        assert_eq!(to_frame(mirrored, 0.0, 0.0), (1.0, 0.0));
        assert_eq!(to_frame(mirrored, 1.0, 1.0), (0.0, 1.0));
    }
}
