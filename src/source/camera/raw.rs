//! Buffers as camera drivers fill them, into frames.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace as JpegColors;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::formats::{Chroma, Packing, RawFormat, Sample};
use super::words::{copy, mosaic, reorder, swap_pairs, widen};
use crate::source::jpeg_reaches_its_end;

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

impl RawPicture<'_> {
    /// Whether a JPEG has its end; what is no JPEG has.
    pub(super) fn reaches_its_end(&self) -> bool {
        self.format != RawFormat::Mjpeg || jpeg_reaches_its_end(&mut { self.bytes }).unwrap_or(false)
    }

    /// Fills `out`, which has the bytes of a [`RawFormat::becomes`] picture, without padding.
    pub(super) fn unpack(&self, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let width = self.width as usize;
        let row = self.format.row_bytes(self.width);
        let first = Plane { offset: 0, stride: self.stride, row };
        match self.format {
            RawFormat::Mjpeg => self.decode_jpeg(out),
            RawFormat::YUYV => self.copy_rows(first, out, row, copy),
            RawFormat::UYVY => self.copy_rows(first, out, row, swap_pairs),
            RawFormat::Packed422(order) => {
                self.copy_rows(first, out, row, |from, to| reorder(from, to, order))
            }
            RawFormat::RGB => self.copy_rows(first, out, width * 4, widen::<3, 0, 1, 2>),
            RawFormat::BGR => self.copy_rows(first, out, width * 4, widen::<3, 2, 1, 0>),
            RawFormat::RGBX => self.copy_rows(first, out, width * 4, widen::<4, 0, 1, 2>),
            RawFormat::BGRX => self.copy_rows(first, out, width * 4, widen::<4, 2, 1, 0>),
            RawFormat::Rgb(packing) => self.copy_rows(first, out, width * 4, |from, to| {
                for (from, to) in from.chunks_exact(packing.bytes).zip(to.chunks_exact_mut(4)) {
                    let [red, green, blue] = packing.components(from);
                    to.copy_from_slice(&[red, green, blue, 255]);
                }
            }),
            RawFormat::Yuv(packing) => self.split_words(first, packing, out),
            RawFormat::Grey(sample) => {
                let (luma, chroma) = out.split_at_mut(self.luma_bytes());
                chroma.fill(128);
                self.copy_rows(first, luma, width, |from, to| match sample {
                    Sample::Byte => to.copy_from_slice(from),
                    _ => to.iter_mut().enumerate().for_each(|(x, to)| *to = sample.at(from, x)),
                })
            }
            RawFormat::Bayer(sample, red) => self.merge_mosaic(first, sample, red, out),
            RawFormat::SemiPlanar(chroma) => self.unpack_pairs(chroma, out),
            RawFormat::Planar(chroma) => self.unpack_planes(chroma, out),
        }
    }

    fn luma_bytes(&self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Luma, then chroma in pairs: chroma that there is more of than a frame has is left out.
    fn unpack_pairs(&self, chroma: Chroma, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let width = self.width as usize;
        let (luma, pairs) = out.split_at_mut(self.luma_bytes());
        self.copy_rows(Plane { offset: 0, stride: self.stride, row: width }, luma, width, copy)?;
        // V4L2: chroma has the rows of luma, twice as long where it has as many columns.
        let stride = self.stride * 2 / chroma.across;
        let skipped = 2 / chroma.down;
        let plane = Plane {
            offset: self.stride * self.height as usize,
            stride: stride * skipped,
            row: width.div_ceil(chroma.across) * 2,
        };
        let step = 4 / chroma.across;
        let [first, second] = if chroma.swapped { [1, 0] } else { [0, 1] };
        self.copy_rows(plane, pairs, width.div_ceil(2) * 2, |from, to| {
            if step == 2 && !chroma.swapped {
                return to.copy_from_slice(from);
            }
            for (from, to) in from.chunks(step).zip(to.chunks_exact_mut(2)) {
                to.copy_from_slice(&[from[first], from[second]]);
            }
        })
    }

    fn unpack_planes(&self, chroma: Chroma, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let (width, height) = (self.width as usize, self.height as usize);
        let (luma, rest) = out.split_at_mut(self.luma_bytes());
        self.copy_rows(Plane { offset: 0, stride: self.stride, row: width }, luma, width, copy)?;
        // V4L2: the rows of planar chroma are padded half as much as those of luma.
        let (stride, row) = (self.stride / chroma.across, width.div_ceil(chroma.across));
        let offset = self.stride * height;
        let both = [offset, offset + stride * height.div_ceil(chroma.down)];
        let [first, second] = if chroma.swapped { [both[1], both[0]] } else { both };
        let (blue, red) = rest.split_at_mut(rest.len() / 2);
        for (offset, to) in [(first, blue), (second, red)] {
            let plane = Plane { offset, stride: stride * 2 / chroma.down, row };
            self.copy_rows(plane, to, width.div_ceil(2), copy)?;
        }
        Ok(())
    }

    /// Words of Y, Cb and Cr: luma of all, chroma of every second one of every second row.
    fn split_words(&self, plane: Plane, packing: Packing, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let width = self.width as usize;
        let (luma, pairs) = out.split_at_mut(self.luma_bytes());
        self.copy_rows(plane, luma, width, |from, to| {
            for (from, to) in from.chunks_exact(packing.bytes).zip(to) {
                *to = packing.components(from)[0];
            }
        })?;
        let half = Plane { stride: plane.stride * 2, ..plane };
        self.copy_rows(half, pairs, width.div_ceil(2) * 2, |from, to| {
            for (from, to) in from.chunks(packing.bytes * 2).zip(to.chunks_exact_mut(2)) {
                to.copy_from_slice(&packing.components(from)[1..]);
            }
        })
    }

    fn merge_mosaic(
        &self,
        plane: Plane,
        sample: Sample,
        red: (usize, usize),
        out: &mut [u8],
    ) -> Result<(), BrokenPicture> {
        let (stride, height) = (plane.stride, self.height as usize);
        let needed = stride * height.saturating_sub(1) + plane.row;
        if stride < plane.row || self.bytes.len() < needed {
            return Err(BrokenPicture(format!("{} of {needed} bytes came", self.bytes.len())));
        }
        let row = |y: usize| &self.bytes[y * stride..y * stride + plane.row];
        for (y, to) in out.chunks_exact_mut(self.width as usize * 4).enumerate() {
            // The last row of an odd height goes with the one above.
            let other = if y % 2 == 0 && y + 1 < height { y + 1 } else { y.saturating_sub(1) };
            mosaic([row(y), row(other)], sample, red, y % 2 == 1, to);
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const NV12: RawFormat = RawFormat::SemiPlanar(Chroma { across: 2, down: 2, swapped: false });
    const I420: RawFormat = RawFormat::Planar(Chroma { across: 2, down: 2, swapped: false });

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
        assert_eq!(unpack(RawFormat::YUYV, (2, 2), 6, &bytes), Ok(vec![1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(unpack(RawFormat::UYVY, (2, 2), 6, &bytes), Ok(vec![2, 1, 4, 3, 6, 5, 8, 7]));
    }

    #[test]
    fn planes_with_padding_find_their_place() {
        let bytes = [1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0];
        assert_eq!(unpack(NV12, (2, 2), 4, &bytes), Ok(vec![1, 2, 3, 4, 5, 6]));
        let bytes = [1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 6, 0];
        assert_eq!(unpack(I420, (2, 2), 4, &bytes), Ok(vec![1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn rgb_and_grey_become_what_frames_can_be() {
        assert_eq!(unpack(RawFormat::RGB, (1, 1), 3, &[1, 2, 3]), Ok(vec![1, 2, 3, 255]));
        assert_eq!(
            unpack(RawFormat::BGR, (1, 2), 4, &[1, 2, 3, 0, 4, 5, 6]),
            Ok(vec![3, 2, 1, 255, 6, 5, 4, 255])
        );
        assert_eq!(unpack(RawFormat::Grey(Sample::Byte), (1, 1), 1, &[7]), Ok(vec![7, 128, 128]));
    }

    #[test]
    fn chroma_of_any_order_and_density_finds_its_place() {
        let code = |code| RawFormat::from_code(code).expect(code);
        assert_eq!(unpack(code("YVYU"), (2, 1), 4, &[1, 9, 2, 8]), Ok(vec![1, 8, 2, 9]));
        assert_eq!(unpack(code("VYUY"), (2, 1), 4, &[9, 1, 8, 2]), Ok(vec![1, 8, 2, 9]));
        assert_eq!(unpack(code("NV21"), (2, 2), 2, &[1, 2, 3, 4, 9, 8]), Ok(vec![1, 2, 3, 4, 8, 9]));
        assert_eq!(unpack(code("YV12"), (2, 2), 2, &[1, 2, 3, 4, 9, 8]), Ok(vec![1, 2, 3, 4, 8, 9]));
        // Two rows of chroma, of which one is kept; then two columns as well.
        assert_eq!(unpack(code("NV16"), (2, 2), 2, &[1, 2, 3, 4, 8, 9, 0, 0]), Ok(vec![1, 2, 3, 4, 8, 9]));
        assert_eq!(unpack(code("422P"), (2, 2), 2, &[1, 2, 3, 4, 8, 0, 9, 0]), Ok(vec![1, 2, 3, 4, 8, 9]));
        let full = [1, 2, 3, 4, 8, 9, 0, 0, 0, 0, 0, 0];
        assert_eq!(unpack(code("NV24"), (2, 2), 2, &full), Ok(vec![1, 2, 3, 4, 8, 9]));
        let words = [1, 8, 9, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0];
        assert_eq!(unpack(code("YUVA"), (2, 2), 8, &words), Ok(vec![1, 2, 3, 4, 8, 9]));
    }

    #[test]
    fn odd_sizes_are_unpacked_whole() {
        for code in ["YUYV", "NV12", "NV21", "NV24", "YU12", "422P", "RGBP", "YUVA", "GREY", "Y16", "RGGB"] {
            let format = RawFormat::from_code(code).expect(code);
            let stride = format.row_bytes(5).next_multiple_of(4);
            assert!(unpack(format, (5, 3), stride, &[7; 400]).is_ok(), "{code}");
            assert!(unpack(format, (5, 3), stride, &[7; 13]).is_err(), "{code} is too short");
        }
    }

    #[test]
    fn a_short_buffer_is_broken_and_not_read_past_its_end() {
        assert!(unpack(RawFormat::YUYV, (2, 2), 6, &[0; 9]).is_err());
        assert!(unpack(NV12, (4, 4), 4, &[0; 20]).is_err());
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
