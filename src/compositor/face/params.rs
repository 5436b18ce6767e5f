//! What `shaders/face.wgsl` is told, field by field in the same order.

use bevy::math::{UVec4, Vec4};
use bevy::render::render_resource::ShaderType;

use super::geometry::{Coat, Geometry, NONE};
use super::outline::Outline;
use super::place::FIRST_OUTLINE;
use crate::compositor::Composition;
use crate::look::{FaceMeshStyle, FacePartStyle, Look};

/// Rows of the picture that the width of lines is stated for.
const STATED_ROWS: f32 = 720.0;

/// `Coat` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct CoatParams {
    /// Tint (sRGB), opacity.
    tint: Vec4,
    /// Tiles across the map, shading, feather in heights of the face, 1 when there is a texture.
    tile: Vec4,
    /// Outline, outline that clips it, set of outlines that are cut out, 1 when only the front is painted.
    shape: UVec4,
}

impl CoatParams {
    fn new(coat: &Coat, style: &FacePartStyle, has_texture: bool) -> Self {
        let [red, green, blue] = style.tint;
        let textured = if has_texture { 1.0 } else { 0.0 };
        let cuts = coat.cuts.iter().fold(0, |set, outline| set | 1 << *outline as u32);
        let clip = coat.clip.map_or(NONE, |outline| outline as u32);
        Self {
            tint: Vec4::new(red, green, blue, style.opacity),
            tile: Vec4::new(1.0 / style.scale, style.shading, style.feather, textured),
            shape: UVec4::new(coat.outline as u32, clip, cuts, u32::from(coat.front_only)),
        }
    }
}

/// `Params` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct FaceParams {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    uv: Vec4,
    /// Output width and height, 1 when mirrored.
    output: Vec4,
    /// Colour and opacity of the lines.
    line_color: Vec4,
    /// Width of the lines in pixels.
    line: Vec4,
    /// First point and number of points of each outline.
    outlines: [UVec4; Outline::COUNT],
    coats: [CoatParams; Geometry::COATS],
}

impl FaceParams {
    /// `has_texture` says it for each coat.
    pub(super) fn new(
        (composition, look): (&Composition, &Look),
        uv: Vec4,
        coats: &[Coat],
        has_texture: impl Fn(&Coat) -> bool,
    ) -> Self {
        let FaceMeshStyle { color: [red, green, blue], width, opacity, .. } = look.face_mesh;
        let size = composition.output_size.as_vec2();
        let mirrored = if composition.mirror { 1.0 } else { 0.0 };
        let mut params = Self {
            uv,
            output: Vec4::new(size.x, size.y, mirrored, 0.0),
            line_color: Vec4::new(red, green, blue, opacity),
            line: Vec4::new(width * size.y / STATED_ROWS, 0.0, 0.0, 0.0),
            outlines: Outline::ALL.map(|outline| {
                UVec4::new((FIRST_OUTLINE + outline.first()) as u32, outline.points() as u32, 0, 0)
            }),
            ..Self::default()
        };
        for (slot, coat) in params.coats.iter_mut().zip(coats) {
            *slot = CoatParams::new(coat, look.face_part(coat.part), has_texture(coat));
        }
        params
    }
}
