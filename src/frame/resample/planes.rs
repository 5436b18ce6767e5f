//! Scaling and turning plane by plane.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x2, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use yuv::{
    YuvBiPlanarImage, YuvConversionMode, YuvPlanarImage, YuvRange, YuvStandardMatrix, rgba_to_rgb,
    yuv_nv12_to_rgb, yuv420_to_rgb,
};

use super::Roi;
use super::channel::Channel;
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, Frame, PixelFormat};

/// An upright part of a frame in its pixels, wholly inside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Part {
    pub(super) fn whole(frame: &Frame) -> Self {
        Self { x: 0.0, y: 0.0, width: frame.width.into(), height: frame.height.into() }
    }

    /// What the pixels of a `size` × `size` picture of `roi` that lie wholly inside `frame` show, the
    /// first of those pixels, and how many there are each way; `None` when there are none.
    pub(super) fn of_square(roi: Roi, size: u32, frame: &Frame) -> Option<(Self, (u32, u32), (u32, u32))> {
        let scale = f64::from(roi.size) / f64::from(size.max(1));
        let span = |centre: f32, limit: u32| {
            let start = f64::from(centre) - f64::from(roi.size) / 2.0;
            // A hair's breadth of tolerance: rounding must not cost the pixels at the frame's edge.
            let first = (-start / scale - 1e-3).ceil().clamp(0.0, f64::from(size));
            let end = ((f64::from(limit) - start) / scale + 1e-3).floor();
            let count = end.clamp(first, f64::from(size)) - first;
            let from = (start + first * scale).max(0.0);
            let length = (count * scale).min(f64::from(limit) - from);
            (count >= 1.0 && length > 0.0).then_some((from, length, first as u32, count as u32))
        };
        let (x, width, left, columns) = span(roi.cx, frame.width)?;
        let (y, height, top, rows) = span(roi.cy, frame.height)?;
        Some((Self { x, y, width, height }, (left, top), (columns, rows)))
    }

    fn halved(self) -> Self {
        let [x, y, width, height] = [self.x, self.y, self.width, self.height].map(|v| v / 2.0);
        Self { x, y, width, height }
    }
}

/// Small planes between scaling and colour conversion.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    resizer: Resizer,
    first: Vec<u8>,
    second: Vec<u8>,
    third: Vec<u8>,
    packed: Vec<u8>,
}

impl Scratch {
    /// Scales `part` of `frame` to `size` and writes RGB rows `stride` bytes apart into `out`.
    pub(super) fn scale(
        &mut self,
        frame: &Frame,
        part: Part,
        (width, height): (u32, u32),
        out: &mut [u8],
        stride: usize,
    ) -> Result<(), String> {
        if width == 0 || height == 0 {
            return Err("the target has no pixels".to_owned());
        }
        let (w, h) = (frame.width, frame.height);
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        let to = (width, height);
        // Half the samples each way: what the networks see of colour is no finer, and it is cheaper.
        let small = (width.div_ceil(2), height.div_ceil(2));
        let Self { resizer, first, second, third, packed } = self;
        let chroma = part.halved();
        match frame.format {
            PixelFormat::Nv12 => {
                resize::<U8>(resizer, frame.plane(0), (w, h), part, first, to)?;
                resize::<U8x2>(resizer, frame.plane(1), (half_w, half_h), chroma, second, small)?;
                let picture = YuvBiPlanarImage {
                    y_plane: first,
                    y_stride: width,
                    uv_plane: second,
                    uv_stride: small.0 * 2,
                    width,
                    height,
                };
                let (range, matrix) = standard(frame.color);
                yuv_nv12_to_rgb(&picture, out, stride as u32, range, matrix, MODE)
                    .map_err(|error| error.to_string())
            }
            PixelFormat::I420 => {
                resize::<U8>(resizer, frame.plane(0), (w, h), part, first, to)?;
                resize::<U8>(resizer, frame.plane(1), (half_w, half_h), chroma, second, small)?;
                resize::<U8>(resizer, frame.plane(2), (half_w, half_h), chroma, third, small)?;
                self.planar_to_rgb(frame.color, to, out, stride)
            }
            PixelFormat::Yuyv => {
                // Read as pairs the first byte is luma, as quadruples the second and fourth are Cb
                // and Cr: scaling both ways and dropping the rest unpacks nothing frame-sized.
                let columns = half_w * 2;
                resize::<U8x2>(resizer, frame.plane(0), (columns, h), part, packed, to)?;
                pick(packed, 2, 0, first);
                let chroma = Part { x: chroma.x, width: chroma.width, ..part };
                resize::<U8x4>(resizer, frame.plane(0), (half_w, h), chroma, packed, small)?;
                pick(packed, 4, 1, second);
                pick(packed, 4, 3, third);
                self.planar_to_rgb(frame.color, to, out, stride)
            }
            PixelFormat::Rgba8 => {
                resize::<U8x4>(resizer, frame.plane(0), (w, h), part, packed, to)?;
                rgba_to_rgb(packed, width * 4, out, stride as u32, width, height)
                    .map_err(|error| error.to_string())
            }
        }
    }

    /// The square `roi`, upright, as `size` × `size` RGB.
    pub(super) fn rotate(
        &mut self,
        frame: &Frame,
        roi: Roi,
        size: u32,
        out: &mut [u8],
    ) -> Result<(), String> {
        if size == 0 {
            return Err("the target has no pixels".to_owned());
        }
        let n = size as usize;
        let matrix = roi.matrix(size);
        let (w, h) = (frame.width as usize, frame.height as usize);
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        let channel = |plane, offset, step, stride, width, height| Channel {
            data: frame.plane(plane),
            offset,
            step,
            stride,
            width,
            height,
        };
        let [luma, cb, cr] = match frame.format {
            PixelFormat::Nv12 => [
                channel(0, 0, 1, w, w, h),
                channel(1, 0, 2, half_w * 2, half_w, half_h),
                channel(1, 1, 2, half_w * 2, half_w, half_h),
            ],
            PixelFormat::I420 => [
                channel(0, 0, 1, w, w, h),
                channel(1, 0, 1, half_w, half_w, half_h),
                channel(2, 0, 1, half_w, half_w, half_h),
            ],
            PixelFormat::Yuyv => [
                channel(0, 0, 2, half_w * 4, w, h),
                channel(0, 1, 4, half_w * 4, half_w, h),
                channel(0, 3, 4, half_w * 4, half_w, h),
            ],
            PixelFormat::Rgba8 => {
                for colour in 0..3 {
                    let target = out.get_mut(colour..).unwrap_or_default();
                    channel(0, colour, 4, w * 4, w, h).sample(matrix, n, target, 3);
                }
                return Ok(());
            }
        };
        self.first.resize(n * n, 0);
        luma.sample(matrix, n, &mut self.first, 1);
        // Chroma has a quarter of the samples in the frame and needs no more here.
        let small = n.div_ceil(2);
        let rows_halved = frame.format != PixelFormat::Yuyv;
        let chroma = chroma_matrix(matrix, rows_halved);
        self.second.resize(small * small, 0);
        self.third.resize(small * small, 0);
        cb.sample(chroma, small, &mut self.second, 1);
        cr.sample(chroma, small, &mut self.third, 1);
        self.planar_to_rgb(frame.color, (size, size), out, n * 3)
    }

    fn planar_to_rgb(
        &self,
        color: ColorSpace,
        (width, height): (u32, u32),
        out: &mut [u8],
        stride: usize,
    ) -> Result<(), String> {
        let (range, matrix) = standard(color);
        let picture = YuvPlanarImage {
            y_plane: &self.first,
            y_stride: width,
            u_plane: &self.second,
            u_stride: width.div_ceil(2),
            v_plane: &self.third,
            v_stride: width.div_ceil(2),
            width,
            height,
        };
        yuv420_to_rgb(&picture, out, stride as u32, range, matrix).map_err(|error| error.to_string())
    }
}

const MODE: YuvConversionMode = YuvConversionMode::Balanced;

/// Luma positions (in luma samples) to chroma positions (in chroma samples) for a picture of half
/// as many samples each way, both centred on their area.
fn chroma_matrix([a, b, c, d, e, f]: [f32; 6], rows_halved: bool) -> [f32; 6] {
    // Picture (u, v) of the small grid stands for (2u + 0.5, 2v + 0.5) of the large one.
    let (x0, y0) = (c + 0.5 * (a + b), f + 0.5 * (d + e));
    let x = [a, b, (x0 + 0.5) / 2.0 - 0.5];
    let y = if rows_halved { [d, e, (y0 + 0.5) / 2.0 - 0.5] } else { [d * 2.0, e * 2.0, y0] };
    [x[0], x[1], x[2], y[0], y[1], y[2]]
}

fn standard(color: ColorSpace) -> (YuvRange, YuvStandardMatrix) {
    let range = match color.range {
        ColorRange::Limited => YuvRange::Limited,
        ColorRange::Full => YuvRange::Full,
    };
    let matrix = match color.matrix {
        ColorMatrix::Bt601 => YuvStandardMatrix::Bt601,
        ColorMatrix::Bt709 => YuvStandardMatrix::Bt709,
    };
    (range, matrix)
}

fn resize<P: PixelTrait>(
    resizer: &mut Resizer,
    from: &[u8],
    (width, height): (u32, u32),
    part: Part,
    to: &mut Vec<u8>,
    (to_width, to_height): (u32, u32),
) -> Result<(), String> {
    to.resize(to_width as usize * to_height as usize * P::size(), 0);
    let source = TypedImageRef::<P>::from_buffer(width, height, from).map_err(|e| e.to_string())?;
    let mut target = TypedImage::<P>::from_buffer(to_width, to_height, to).map_err(|e| e.to_string())?;
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false).crop(
            part.x,
            part.y,
            part.width.min(f64::from(width) - part.x),
            part.height.min(f64::from(height) - part.y),
        );
    resizer.resize_typed(&source, &mut target, &options).map_err(|e| e.to_string())
}

/// Every `step`-th byte of `from`, starting at `first`.
fn pick(from: &[u8], step: usize, first: usize, to: &mut Vec<u8>) {
    to.resize(from.len() / step, 0);
    for (to, from) in to.iter_mut().zip(from.chunks_exact(step)) {
        *to = from[first];
    }
}
