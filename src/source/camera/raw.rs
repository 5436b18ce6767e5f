//! Buffers as camera drivers fill them, into frames.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace as JpegColors;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::frame::PixelFormat;

/// The formats that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawFormat {
    Yuyv,
    Uyvy,
    Nv12,
    I420,
    Mjpeg,
    Rgb,
    Bgr,
    Grey,
}

/// One buffer of a driver.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawPicture<'a> {
    pub(super) format: RawFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes from one row of the first plane to the next, as the driver states; unused for JPEG.
    pub(super) stride: usize,
    pub(super) bytes: &'a [u8],
}

/// A buffer that holds no whole picture: counted and passed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct BrokenPicture(pub(super) String);

impl RawFormat {
    /// All, with the codes that drivers use for them.
    const CODES: [(&'static str, Self); 15] = [
        ("YUYV", Self::Yuyv),
        ("YUY2", Self::Yuyv),
        ("UYVY", Self::Uyvy),
        ("NV12", Self::Nv12),
        ("YU12", Self::I420),
        ("I420", Self::I420),
        ("MJPG", Self::Mjpeg),
        ("JPEG", Self::Mjpeg),
        ("MJPEG", Self::Mjpeg),
        ("RGB3", Self::Rgb),
        ("RAWRGB", Self::Rgb),
        ("BGR3", Self::Bgr),
        ("RAWBGR", Self::Bgr),
        ("GREY", Self::Grey),
        ("GRAY", Self::Grey),
    ];

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::CODES.into_iter().find(|(known, _)| *known == code.trim()).map(|(_, format)| format)
    }

    /// What the frame will be.
    pub(super) fn becomes(self) -> PixelFormat {
        match self {
            Self::Yuyv | Self::Uyvy => PixelFormat::Yuyv,
            Self::Nv12 | Self::Grey => PixelFormat::Nv12,
            Self::I420 => PixelFormat::I420,
            Self::Mjpeg | Self::Rgb | Self::Bgr => PixelFormat::Rgba8,
        }
    }

    /// How much worse than the best, where two modes are alike otherwise: work per pixel, then bytes.
    pub(super) fn cost(self) -> f64 {
        match self {
            Self::Nv12 | Self::I420 => 0.0,
            Self::Yuyv => 0.02,
            Self::Uyvy => 0.03,
            Self::Rgb | Self::Bgr => 0.1,
            Self::Mjpeg => 0.15,
            Self::Grey => 1.0,
        }
    }

    /// Bytes of the first plane's rows without padding.
    pub(super) fn row_bytes(self, width: u32) -> usize {
        let width = width as usize;
        match self {
            Self::Yuyv | Self::Uyvy => width.div_ceil(2) * 4,
            Self::Nv12 | Self::I420 | Self::Grey => width,
            Self::Rgb | Self::Bgr => width * 3,
            Self::Mjpeg => 0,
        }
    }
}

impl RawPicture<'_> {
    /// Fills `out`, which has the bytes of a [`RawFormat::becomes`] picture, without padding.
    pub(super) fn unpack(&self, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let (width, height) = (self.width, self.height);
        let row = self.format.row_bytes(width);
        let first = Plane { offset: 0, stride: self.stride, row };
        match self.format {
            RawFormat::Mjpeg => self.decode_jpeg(out),
            RawFormat::Yuyv => self.copy_rows(first, out, row, copy),
            RawFormat::Uyvy => self.copy_rows(first, out, row, swap_pairs),
            RawFormat::Rgb => {
                self.copy_rows(first, out, width as usize * 4, |from, to| widen(from, to, [0, 1, 2]))
            }
            RawFormat::Bgr => {
                self.copy_rows(first, out, width as usize * 4, |from, to| widen(from, to, [2, 1, 0]))
            }
            RawFormat::Grey => {
                let (luma, chroma) = out.split_at_mut(PixelFormat::Nv12.plane(0, width, height).len());
                chroma.fill(128);
                self.copy_rows(first, luma, row, copy)
            }
            RawFormat::Nv12 | RawFormat::I420 => {
                let format = self.format.becomes();
                let mut offset = 0;
                for index in 0..format.plane_count() {
                    let plane = format.plane(index, width, height);
                    // V4L2: the rows of planar chroma are padded half as much as those of luma.
                    let halved = index > 0 && self.format == RawFormat::I420;
                    let stride = if halved { self.stride / 2 } else { self.stride };
                    let rows = &mut out[plane.offset..plane.offset + plane.len()];
                    self.copy_rows(Plane { offset, stride, row: plane.stride }, rows, plane.stride, copy)?;
                    offset += stride * plane.rows;
                }
                Ok(())
            }
        }
    }

    /// Passes each row of `plane` to `each` with its place in `out`.
    fn copy_rows(
        &self,
        plane: Plane,
        out: &mut [u8],
        out_stride: usize,
        each: impl Fn(&[u8], &mut [u8]),
    ) -> Result<(), BrokenPicture> {
        let Plane { offset, stride, row } = plane;
        let rows = out.len() / out_stride.max(1);
        let needed = offset + stride * rows.saturating_sub(1) + row;
        if stride < row || self.bytes.len() < needed {
            return Err(BrokenPicture(format!("{} of {needed} bytes came", self.bytes.len())));
        }
        for (n, to) in out.chunks_exact_mut(out_stride).enumerate() {
            let start = offset + n * stride;
            each(&self.bytes[start..start + row], to);
        }
        Ok(())
    }

    fn decode_jpeg(&self, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let options = DecoderOptions::default().jpeg_set_out_colorspace(JpegColors::RGBA);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(self.bytes), options);
        let broken = |error: zune_jpeg::errors::DecodeErrors| BrokenPicture(format!("{error:?}"));
        decoder.decode_headers().map_err(broken)?;
        let size = decoder.info().map(|info| (u32::from(info.width), u32::from(info.height)));
        if size != Some((self.width, self.height)) {
            return Err(BrokenPicture(format!("a JPEG of {size:?} came")));
        }
        decoder.decode_into(out).map_err(broken)
    }
}

/// Where the rows of a plane lie in the driver's buffer, in bytes.
#[derive(Debug, Clone, Copy)]
struct Plane {
    offset: usize,
    stride: usize,
    /// A row without padding.
    row: usize,
}

/// Three channels to four, in `order`.
fn widen(from: &[u8], to: &mut [u8], order: [usize; 3]) {
    for (from, to) in from.chunks_exact(3).zip(to.chunks_exact_mut(4)) {
        to.copy_from_slice(&[from[order[0]], from[order[1]], from[order[2]], 255]);
    }
}

fn copy(from: &[u8], to: &mut [u8]) {
    to.copy_from_slice(from);
}

/// Cb Y0 Cr Y1 → Y0 Cb Y1 Cr.
fn swap_pairs(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.chunks_exact(2).zip(to.chunks_exact_mut(2)) {
        to.copy_from_slice(&[from[1], from[0]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(
        format: RawFormat,
        size: (u32, u32),
        stride: usize,
        bytes: &[u8],
    ) -> Result<Vec<u8>, BrokenPicture> {
        let mut out = vec![0; format.becomes().bytes(size.0, size.1)];
        RawPicture { format, width: size.0, height: size.1, stride, bytes }.unpack(&mut out)?;
        Ok(out)
    }

    #[test]
    fn padding_of_rows_and_at_the_end_is_left_out() {
        // 2×2 in rows of 6 bytes, and a tail that means nothing.
        let bytes = [1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99, 77, 77, 77];
        assert_eq!(unpack(RawFormat::Yuyv, (2, 2), 6, &bytes), Ok(vec![1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(unpack(RawFormat::Uyvy, (2, 2), 6, &bytes), Ok(vec![2, 1, 4, 3, 6, 5, 8, 7]));
    }

    #[test]
    fn planes_with_padding_find_their_place() {
        let bytes = [1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0];
        assert_eq!(unpack(RawFormat::Nv12, (2, 2), 4, &bytes), Ok(vec![1, 2, 3, 4, 5, 6]));
        let bytes = [1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 6, 0];
        assert_eq!(unpack(RawFormat::I420, (2, 2), 4, &bytes), Ok(vec![1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn rgb_and_grey_become_what_frames_can_be() {
        assert_eq!(unpack(RawFormat::Rgb, (1, 1), 3, &[1, 2, 3]), Ok(vec![1, 2, 3, 255]));
        assert_eq!(
            unpack(RawFormat::Bgr, (1, 2), 4, &[1, 2, 3, 0, 4, 5, 6]),
            Ok(vec![3, 2, 1, 255, 6, 5, 4, 255])
        );
        assert_eq!(unpack(RawFormat::Grey, (1, 1), 1, &[7]), Ok(vec![7, 128, 128]));
    }

    #[test]
    fn a_short_buffer_is_broken_and_not_read_past_its_end() {
        assert!(unpack(RawFormat::Yuyv, (2, 2), 6, &[0; 9]).is_err());
        assert!(unpack(RawFormat::Nv12, (4, 4), 4, &[0; 20]).is_err());
        assert!(unpack(RawFormat::Mjpeg, (4, 4), 0, &[0xFF, 0xD8, 0xFF]).is_err());
    }

    #[test]
    fn a_jpeg_with_a_tail_of_rubbish_is_decoded() {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(16, 8, image::Rgb([200, 60, 30]));
        picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("encodes");
        let mut bytes = jpeg.into_inner();
        bytes.extend([0; 5000]);
        let out = unpack(RawFormat::Mjpeg, (16, 8), 0, &bytes).expect("decodes");
        assert!(
            out.chunks(4).all(|p| p[0].abs_diff(200) < 8 && p[1].abs_diff(60) < 8 && p[2].abs_diff(30) < 8)
        );
        assert!(unpack(RawFormat::Mjpeg, (8, 8), 0, &bytes).is_err(), "another size than agreed");
    }
}
