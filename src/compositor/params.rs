//! What `shaders/compose.wgsl` is told, field by field in the same order.

use bevy::math::Vec4;
use bevy::render::render_resource::ShaderType;

use super::Composition;
use super::frame_params::PictureParams;
use crate::frame::{Frame, Region};

/// `Region` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct RegionParams {
    /// Tint (sRGB), opacity.
    tint: Vec4,
    /// Tiles across and down the picture, shading, 1 when there is a texture.
    tile: Vec4,
}

/// `Compose` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct ComposeParams {
    picture: PictureParams,
    regions: [RegionParams; Region::COUNT],
}

impl ComposeParams {
    pub(super) fn new(composition: &Composition, frame: &Frame, has_texture: [bool; Region::COUNT]) -> Self {
        let size = composition.output_size;
        let aspect = size.x as f32 / size.y.max(1) as f32;
        let regions = Region::ALL.map(|region| {
            let style = composition.look.style(region);
            let [red, green, blue] = style.tint;
            let tiles = 1.0 / style.scale;
            let textured = if has_texture[region.index()] { 1.0 } else { 0.0 };
            // A texture that is not loaded yet leaves the region bare rather than white.
            let opacity = if style.texture.is_some() { style.opacity * textured } else { style.opacity };
            RegionParams {
                tint: Vec4::new(red, green, blue, opacity),
                tile: Vec4::new(tiles * aspect, tiles, style.shading, textured),
            }
        });
        Self { picture: PictureParams::new(composition, frame), regions }
    }
}
