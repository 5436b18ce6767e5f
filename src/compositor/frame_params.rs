//! What `shaders/frame.wgsl` is told of the camera's picture, field by field in the same order.

use bevy::math::{UVec2, Vec4};
use bevy::render::render_resource::ShaderType;

use super::{Composition, Fit};
use crate::frame::{Frame, PixelFormat};

/// `Picture` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
pub(super) struct PictureParams {
    /// Rows of the YUV → RGB matrix, the offset in `w`.
    yuv_r: Vec4,
    yuv_g: Vec4,
    yuv_b: Vec4,
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub(super) uv: Vec4,
    /// Frame width, height, format (0 NV12, 1 I420, 2 YUYV, 3 RGBA), 1 when there is a mask.
    frame: Vec4,
}

impl PictureParams {
    pub(super) fn new(composition: &Composition, frame: &Frame) -> Self {
        let ([r, g, b], [r0, g0, b0]) = frame.color.to_rgb();
        let row = |[y, u, v]: [f32; 3], offset: f32| Vec4::new(y, u, v, offset);
        let format = match frame.format {
            PixelFormat::Nv12 => 0.0,
            PixelFormat::I420 => 1.0,
            PixelFormat::Yuyv => 2.0,
            PixelFormat::Rgba8 => 3.0,
        };
        let size = composition.output_size;
        Self {
            yuv_r: row(r, r0),
            yuv_g: row(g, g0),
            yuv_b: row(b, b0),
            uv: uv_transform((frame.width, frame.height), size, composition.fit, composition.mirror),
            frame: Vec4::new(
                frame.width as f32,
                frame.height as f32,
                format,
                if composition.parsed.is_some() { 1.0 } else { 0.0 },
            ),
        }
    }
}

/// Scale and offset that take output coordinates (0–1) to frame coordinates.
fn uv_transform((width, height): (u32, u32), output: UVec2, fit: Fit, mirror: bool) -> Vec4 {
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
    fn a_mirror_swaps_left_and_right_only() {
        let mirrored = uv_transform((200, 100), UVec2::new(200, 100), Fit::Cover, true);
        assert_eq!(to_frame(mirrored, 0.0, 0.0), (1.0, 0.0));
        assert_eq!(to_frame(mirrored, 1.0, 1.0), (0.0, 1.0));
    }
}
