//! Whole pictures from one layout to another, at their own size.

use yuv::{
    BufferStoreMut, YuvBiPlanarImage, YuvBiPlanarImageMut, YuvConversionMode, YuvError, YuvPackedImage,
    YuvPlanarImage, YuvRange, YuvStandardMatrix, rgba_to_yuv_nv12, yuv_nv12_to_rgba, yuv420_to_rgba,
    yuyv422_to_rgba,
};

use super::{ColorMatrix, ColorRange, ColorSpace, Frame, PixelFormat};

/// A picture that cannot be converted: its buffer is smaller than its size says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {width}×{height} picture cannot be converted: {reason}")]
pub struct ConvertError {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// What is wrong.
    pub reason: String,
}

impl ColorSpace {
    fn matrix(self) -> YuvStandardMatrix {
        match self.matrix {
            ColorMatrix::Bt601 => YuvStandardMatrix::Bt601,
            ColorMatrix::Bt709 => YuvStandardMatrix::Bt709,
        }
    }

    fn range(self) -> YuvRange {
        match self.range {
            ColorRange::Limited => YuvRange::Limited,
            ColorRange::Full => YuvRange::Full,
        }
    }
}

/// `frame` as 8-bit RGBA, tightly packed, opaque; `out` is kept between uses.
///
/// # Errors
/// [`ConvertError`] when the converter refuses the picture.
pub fn frame_to_rgba(frame: &Frame, out: &mut Vec<u8>) -> Result<(), ConvertError> {
    let (width, height) = (frame.width, frame.height);
    let stride = width * 4;
    out.resize(PixelFormat::Rgba8.bytes(width, height), 0);
    let (range, matrix) = (frame.color.range(), frame.color.matrix());
    let plane_stride = |index| frame.format.plane(index, width, height).stride as u32;
    let converted = match frame.format {
        PixelFormat::Nv12 => {
            let image = YuvBiPlanarImage {
                y_plane: frame.plane(0),
                y_stride: plane_stride(0),
                uv_plane: frame.plane(1),
                uv_stride: plane_stride(1),
                width,
                height,
            };
            yuv_nv12_to_rgba(&image, out, stride, range, matrix, YuvConversionMode::Balanced)
        }
        PixelFormat::I420 => {
            let image = YuvPlanarImage {
                y_plane: frame.plane(0),
                y_stride: plane_stride(0),
                u_plane: frame.plane(1),
                u_stride: plane_stride(1),
                v_plane: frame.plane(2),
                v_stride: plane_stride(2),
                width,
                height,
            };
            yuv420_to_rgba(&image, out, stride, range, matrix)
        }
        PixelFormat::Yuyv => {
            let image = YuvPackedImage { yuy: frame.plane(0), yuy_stride: plane_stride(0), width, height };
            yuyv422_to_rgba(&image, out, stride, range, matrix)
        }
        PixelFormat::Rgba8 => {
            out.copy_from_slice(frame.data());
            Ok(())
        }
    };
    converted.map_err(|error| refusal(width, height, &error))
}

/// 8-bit RGBA (sRGB-encoded, alpha ignored) as tightly packed NV12 in BT.709, limited range: what the
/// recorder feeds its encoder. `out` is kept between uses.
///
/// # Errors
/// [`ConvertError`] when `rgba` is not `width` × `height` pixels.
pub fn rgba_to_nv12(rgba: &[u8], width: u32, height: u32, out: &mut Vec<u8>) -> Result<(), ConvertError> {
    let wanted = PixelFormat::Rgba8.bytes(width, height);
    if rgba.len() != wanted || wanted == 0 {
        let reason = format!("{} bytes were given, {wanted} are expected", rgba.len());
        return Err(ConvertError { width, height, reason });
    }
    out.resize(PixelFormat::Nv12.bytes(width, height), 0);
    let (luma, chroma) = out.split_at_mut(PixelFormat::Nv12.plane(0, width, height).len());
    let mut image = YuvBiPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(luma),
        y_stride: width,
        uv_plane: BufferStoreMut::Borrowed(chroma),
        uv_stride: PixelFormat::Nv12.plane(1, width, height).stride as u32,
        width,
        height,
    };
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt709);
    rgba_to_yuv_nv12(&mut image, rgba, width * 4, range, matrix, YuvConversionMode::Balanced)
        .map_err(|error| refusal(width, height, &error))
}

fn refusal(width: u32, height: u32, error: &YuvError) -> ConvertError {
    ConvertError { width, height, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::frame::{FramePool, FrameSeq};

    fn frame(format: PixelFormat, size: (u32, u32), color: ColorSpace, bytes: &[u8]) -> Frame {
        let mut data = FramePool::new(1 << 20).acquire(bytes.len()).expect("fits");
        data.copy_from_slice(bytes);
        Frame::new(FrameSeq(0), Duration::ZERO, format, size, color, data).expect("right size")
    }

    #[test]
    fn colours_survive_the_way_to_nv12_and_back_at_odd_sizes() {
        // Flat colours: chroma is halved, so only areas can be compared.
        for size in [(64, 48), (63, 47)] {
            for rgb in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [120, 90, 60]] {
                let pixels = [rgb[0], rgb[1], rgb[2], 255].repeat((size.0 * size.1) as usize);
                let mut nv12 = Vec::new();
                rgba_to_nv12(&pixels, size.0, size.1, &mut nv12).expect("converts");
                let color = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };
                let mut back = Vec::new();
                frame_to_rgba(&frame(PixelFormat::Nv12, size, color, &nv12), &mut back).expect("converts");
                let worst = pixels.iter().zip(&back).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(worst <= Some(3), "{rgb:?} at {size:?}: off by {worst:?}");
            }
        }
    }

    #[test]
    fn every_layout_of_one_grey_is_the_same_grey() {
        let color = ColorSpace::default();
        let size = (16, 4);
        let grey = |format: PixelFormat| -> Vec<u8> {
            let bytes = format.bytes(size.0, size.1);
            match format {
                PixelFormat::Yuyv => [126, 128].repeat(bytes / 2),
                _ => (0..bytes).map(|i| if i < 64 { 126 } else { 128 }).collect(),
            }
        };
        for format in [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv] {
            let mut rgba = Vec::new();
            frame_to_rgba(&frame(format, size, color, &grey(format)), &mut rgba).expect("converts");
            assert!(rgba.chunks(4).all(|p| p[..3].iter().all(|v| v.abs_diff(128) <= 1)), "{format:?}");
        }
    }

    #[test]
    fn a_buffer_of_the_wrong_size_is_refused() {
        assert!(rgba_to_nv12(&[0; 15], 2, 2, &mut Vec::new()).is_err());
    }
}
