//! What `shaders/compose/scene.wgsl` is told, field by field in the same order.

use std::time::Duration;

use bevy::math::{Mat2, URect, UVec2, Vec2, Vec4, Vec4Swizzles};
use bevy::render::render_resource::ShaderType;

use super::matte::Follow;
use super::{Composition, Fit, tiles};
use crate::frame::{Frame, Region};
use crate::look::{Look, RegionStyle};

/// `RegionStyle` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct RegionParams {
    /// Tint (sRGB), opacity.
    tint: Vec4,
    /// From output coordinates to the texture's: one column for x, one for y.
    tile: Vec4,
    /// The texture's place at the output's upper left corner, shading.
    place: Vec4,
}

/// `Compose` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct ComposeParams {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    uv: Vec4,
    /// Columns and rows of tiles, size of a tile as a fraction of the output.
    tiles: Vec4,
    /// How fast the outline follows where the picture does not change, 1 to start anew.
    calm: Vec4,
    regions: [RegionParams; Region::COUNT],
}

impl ComposeParams {
    pub(super) fn new(
        composition: &Composition,
        look: &Look,
        frame: &Frame,
        textured: [bool; Region::COUNT],
        follow: Option<Follow>,
    ) -> Self {
        let follow = follow.unwrap_or_default();
        let size = composition.output_size;
        let aspect = size.x as f32 / size.y.max(1) as f32;
        let regions = Region::ALL.map(|region| {
            let style = look.style(region);
            let [red, green, blue] = style.tint;
            // A texture that is not loaded yet leaves the region bare rather than white.
            let there = style.texture.is_none() || textured[region.index()];
            let opacity = if there { style.opacity } else { 0.0 };
            let (tile, place) = texture_transform(style, aspect, composition.timestamp());
            RegionParams {
                tint: Vec4::new(red, green, blue, opacity),
                tile,
                place: Vec4::new(place.x, place.y, style.shading, 0.0),
            }
        });
        Self {
            uv: composition.uv_of(frame),
            tiles: tiles::grid(size),
            calm: Vec4::new(follow.unsure, if follow.anew { 1.0 } else { 0.0 }, 0.0, 0.0),
            regions,
        }
    }
}

/// The level of a texture's mip levels whose texels are at most as large as the pixels of `output`, where one
/// tile is as high as `scale` heights of the output; tiles are square.
pub(super) fn mip_level(texture: UVec2, scale: f32, output: UVec2) -> u32 {
    let texels_per_pixel = texture.max_element() as f32 / scale / output.y.max(1) as f32;
    texels_per_pixel.max(1.0).log2().floor() as u32
}

/// From output coordinates (0–1) to the texture's: the two columns of a matrix, and the offset. The texture is
/// turned around the middle of the output; it moves by `time`.
fn texture_transform(style: &RegionStyle, aspect: f32, time: Duration) -> (Vec4, Vec2) {
    let turn = Mat2::from_angle(-style.rotation.to_radians());
    let columns = Mat2::from_cols(turn.x_axis * aspect, turn.y_axis) * (1.0 / style.scale);
    // Where nothing is turned, a tile begins in the upper left corner.
    let middle = Vec2::splat(0.5);
    let still = Vec2::new(aspect, 1.0) / style.scale * middle - columns * middle;
    let moved = |speed: f32| {
        // Whole tiles are not seen, and small numbers stay exact for weeks.
        (f64::from(speed / style.scale) * time.as_secs_f64()).rem_euclid(1.0) as f32
    };
    // Along the texture's own rows and columns: turned or not, whole tiles fit.
    let scroll = Vec2::new(moved(style.scroll_x), moved(style.scroll_y));
    (Vec4::new(columns.x_axis.x, columns.x_axis.y, columns.y_axis.x, columns.y_axis.y), still - scroll)
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

/// The pixels of the output that show the frame: all of them but for bars.
pub(super) fn shown_part(uv: Vec4, output: UVec2) -> URect {
    let (a, b) = (-uv.zw() / uv.xy(), (Vec2::ONE - uv.zw()) / uv.xy());
    let inside = |edge: Vec2| (edge.clamp(Vec2::ZERO, Vec2::ONE) * output.as_vec2()).round().as_uvec2();
    URect::from_corners(inside(a), inside(b))
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
        for mirror in [false, true] {
            let part = |fit| shown_part(uv_transform((200, 100), square, fit, mirror), square);
            assert_eq!(part(Fit::Cover), URect::new(0, 0, 100, 100));
            assert_eq!(part(Fit::Contain), URect::new(0, 25, 100, 75));
        }
    }

    #[test]
    fn small_tiles_are_sampled_from_small_copies() {
        let (texture, output) = (UVec2::new(2048, 1024), UVec2::new(1280, 720));
        for (scale, level) in [(4.0, 0), (2.0, 0), (1.0, 1), (0.5, 2), (0.05, 5)] {
            assert_eq!(mip_level(texture, scale, output), level, "a tile of {scale} heights");
        }
    }

    #[test]
    fn textures_turn_around_the_middle_and_scroll_by_their_heights() {
        let at = |style: &RegionStyle, seconds: u64, x: f32, y: f32| {
            let (m, o) = texture_transform(style, 2.0, Duration::from_secs(seconds));
            let place = Vec2::new(m.x * x + m.z * y + o.x, m.y * x + m.w * y + o.y);
            place.fract() + Vec2::new(f32::from(place.x < 0.0), f32::from(place.y < 0.0))
        };
        let near = |a: Vec2, x: f32, y: f32| assert!((a - Vec2::new(x, y)).abs().max_element() < 1e-4, "{a}");
        let plain = RegionStyle { scale: 4.0, ..RegionStyle::default() };
        near(at(&plain, 9, 0.0, 0.0), 0.0, 0.0);
        near(at(&plain, 9, 0.5, 0.5), 0.25, 0.125);
        let turned = RegionStyle { rotation: 90.0, ..plain.clone() };
        near(at(&turned, 0, 0.5, 0.5), 0.25, 0.125);
        // Turned clockwise, what was above the middle is right of it.
        near(at(&turned, 0, 0.75, 0.5), 0.25, 0.0);
        let moving = RegionStyle { scroll_x: 1.0, ..plain };
        near(at(&moving, 1, 0.5, 0.5), 0.0, 0.125);
        near(at(&moving, 4 * 1_000_000, 0.5, 0.5), 0.25, 0.125);
    }

    #[test]
    fn a_mirror_swaps_left_and_right_only() {
        let mirrored = uv_transform((200, 100), UVec2::new(200, 100), Fit::Cover, true);
        assert_eq!(to_frame(mirrored, 0.0, 0.0), (1.0, 0.0));
        assert_eq!(to_frame(mirrored, 1.0, 1.0), (0.0, 1.0));
    }
}
