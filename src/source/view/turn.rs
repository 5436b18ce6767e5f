//! Frames, cut and turned.

use super::{Rotation, View};
use crate::frame::{Frame, FramePool, PixelFormat};
use crate::source::{FrameSource, Interrupt, SourceError, SourceInfo, buffer};

/// Side of the squares that a picture is turned in, so that what is read and what is written both stay in the cache.
const SQUARE: usize = 32;

impl View {
    /// `source`, its picture shown so.
    pub(crate) fn of(self, source: Box<dyn FrameSource>) -> Box<dyn FrameSource> {
        if self.is_plain() {
            return source;
        }
        let mut info = source.info().clone();
        (info.width, info.height) = size(&self, (info.width, info.height));
        info.pixel_format = becomes(info.pixel_format);
        Box::new(TurnedSource { source, info, view: self, waiting: None })
    }
}

struct TurnedSource {
    source: Box<dyn FrameSource>,
    info: SourceInfo,
    view: View,
    /// A frame that found no second buffer.
    waiting: Option<Frame>,
}

impl FrameSource for TurnedSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let frame = match self.waiting.take() {
            Some(frame) => frame,
            None => match self.source.next_frame(pool)? {
                Some(frame) => frame,
                None => return Ok(None),
            },
        };
        let (format, size) = (becomes(frame.format), size(&self.view, (frame.width, frame.height)));
        let mut data = match buffer(pool, format.bytes(size.0, size.1), &self.info.uri) {
            Ok(data) => data,
            Err(error) => {
                self.waiting = Some(frame);
                return Err(error);
            }
        };
        turn(&frame, &self.view, &mut data);
        let mut turned = Frame::new(frame.seq, frame.timestamp, format, size, frame.color, data)?;
        turned.arrived = frame.arrived;
        Ok(Some(turned))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        if self.waiting.take().is_some() { Ok(true) } else { self.source.skip_frame() }
    }

    fn interrupt(&self) -> Option<Interrupt> {
        self.source.interrupt()
    }
}

/// 4:2:2 in one plane cannot be turned as it is.
fn becomes(format: PixelFormat) -> PixelFormat {
    if format == PixelFormat::Yuyv { PixelFormat::Nv12 } else { format }
}

fn window(view: &View, size: (u32, u32)) -> [u32; 4] {
    view.crop.map_or([0, 0, size.0, size.1], |crop| crop.window(size))
}

fn size(view: &View, size: (u32, u32)) -> (u32, u32) {
    let [_, _, width, height] = window(view, size);
    if view.rotation.swaps_sides() { (height, width) } else { (width, height) }
}

/// Fills `out`, a picture in the format that the frame's [`becomes`].
fn turn(frame: &Frame, view: &View, out: &mut [u8]) {
    let [left, top, width, height] = window(view, (frame.width, frame.height)).map(|length| length as usize);
    let half = [width.div_ceil(2), height.div_ceil(2)];
    let rotation = view.rotation;
    match frame.format {
        PixelFormat::Rgba8 => {
            place::<4>(Part::of(frame, 0, [left, top], [width, height]), rotation, out);
        }
        PixelFormat::Nv12 => {
            let (luma, pairs) = out.split_at_mut(width * height);
            place::<1>(Part::of(frame, 0, [left, top], [width, height]), rotation, luma);
            place::<2>(Part::of(frame, 1, [left / 2, top / 2], half), rotation, pairs);
        }
        PixelFormat::I420 => {
            let (luma, chroma) = out.split_at_mut(width * height);
            let (blue, red) = chroma.split_at_mut(chroma.len() / 2);
            place::<1>(Part::of(frame, 0, [left, top], [width, height]), rotation, luma);
            place::<1>(Part::of(frame, 1, [left / 2, top / 2], half), rotation, blue);
            place::<1>(Part::of(frame, 2, [left / 2, top / 2], half), rotation, red);
        }
        PixelFormat::Yuyv => {
            let (luma, pairs) = out.split_at_mut(width * height);
            let part = Part::of(frame, 0, [left, top], [width, height]);
            // Chroma of every second row: 4:2:0 has no more.
            let chroma = Part { origin: [left / 2, top / 2], size: half, stride: part.stride * 2, ..part };
            fill(part.size, rotation, luma, |x, y| [part.row(y)[(left + x) * 2]]);
            fill(half, rotation, pairs, |x, y| {
                let at = (chroma.origin[0] + x) * 4;
                let row = chroma.row(y);
                [row[at + 1], row[at + 3]]
            });
        }
    }
}

/// A window of a plane.
#[derive(Clone, Copy)]
struct Part<'a> {
    plane: &'a [u8],
    stride: usize,
    origin: [usize; 2],
    size: [usize; 2],
}

impl<'a> Part<'a> {
    fn of(frame: &'a Frame, plane: usize, origin: [usize; 2], size: [usize; 2]) -> Self {
        let stride = frame.format.plane(plane, frame.width, frame.height).stride;
        Self { plane: frame.plane(plane), stride, origin, size }
    }

    fn row(&self, y: usize) -> &'a [u8] {
        &self.plane[(self.origin[1] + y) * self.stride..]
    }
}

/// Puts a window of pixels of `N` bytes, turned, into `out`.
fn place<const N: usize>(part: Part, rotation: Rotation, out: &mut [u8]) {
    let [left, _] = part.origin;
    let [width, height] = part.size;
    if rotation == Rotation::None {
        for (y, to) in out.chunks_exact_mut(width * N).take(height).enumerate() {
            to.copy_from_slice(&part.row(y)[left * N..(left + width) * N]);
        }
        return;
    }
    fill(part.size, rotation, out, |x, y| {
        let at = (part.origin[1] + y) * part.stride + (left + x) * N;
        let mut pixel = [0; N];
        pixel.copy_from_slice(&part.plane[at..at + N]);
        pixel
    });
}

/// Fills `out` with a window of `size`, turned, whose pixels `at` gives.
fn fill<const N: usize>(
    [width, height]: [usize; 2],
    rotation: Rotation,
    out: &mut [u8],
    at: impl Fn(usize, usize) -> [u8; N],
) {
    match rotation {
        Rotation::None => squares([width, height], out, at),
        Rotation::Quarter => squares([height, width], out, |x, y| at(y, height - 1 - x)),
        Rotation::Half => squares([width, height], out, |x, y| at(width - 1 - x, height - 1 - y)),
        Rotation::ThreeQuarters => squares([height, width], out, |x, y| at(width - 1 - y, x)),
    }
}

fn squares<const N: usize>(
    [width, height]: [usize; 2],
    out: &mut [u8],
    at: impl Fn(usize, usize) -> [u8; N],
) {
    for top in (0..height).step_by(SQUARE) {
        for left in (0..width).step_by(SQUARE) {
            for y in top..(top + SQUARE).min(height) {
                let right = (left + SQUARE).min(width);
                let row = &mut out[(y * width + left) * N..(y * width + right) * N];
                for (x, to) in (left..right).zip(row.chunks_exact_mut(N)) {
                    to.copy_from_slice(&at(x, y));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Crop;
    use super::*;
    use crate::frame::{ColorSpace, FrameSeq};

    fn frame(format: PixelFormat, size: (u32, u32), data: &[u8]) -> Frame {
        let mut pixels = FramePool::new(1 << 20).acquire(data.len()).expect("room");
        pixels.copy_from_slice(data);
        Frame::new(FrameSeq(0), Duration::ZERO, format, size, ColorSpace::default(), pixels).expect("fits")
    }

    fn turned(frame: &Frame, rotation: Rotation, crop: Option<&str>) -> ((u32, u32), Vec<u8>) {
        let view = View { rotation, crop: crop.map(|crop| crop.parse::<Crop>().expect(crop)) };
        let size = size(&view, (frame.width, frame.height));
        let mut out = vec![0; becomes(frame.format).bytes(size.0, size.1)];
        turn(frame, &view, &mut out);
        (size, out)
    }

    #[test]
    fn planes_are_turned_clockwise() {
        // 1 2 3 4   over chroma (10, 20) (11, 21)
        // 5 6 7 8
        let picture = frame(PixelFormat::Nv12, (4, 2), &[1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 11, 21]);
        let quarter = vec![5, 1, 6, 2, 7, 3, 8, 4, 10, 20, 11, 21];
        assert_eq!(turned(&picture, Rotation::Quarter, None), ((2, 4), quarter));
        let half = vec![8, 7, 6, 5, 4, 3, 2, 1, 11, 21, 10, 20];
        assert_eq!(turned(&picture, Rotation::Half, None), ((4, 2), half));
        let three = vec![4, 8, 3, 7, 2, 6, 1, 5, 11, 21, 10, 20];
        assert_eq!(turned(&picture, Rotation::ThreeQuarters, None), ((2, 4), three));
    }

    #[test]
    fn every_format_is_turned_alike() {
        // The same picture, 4 × 2: two columns of one colour, two of another.
        let i420 = frame(PixelFormat::I420, (4, 2), &[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 20, 21]);
        let yuyv =
            frame(PixelFormat::Yuyv, (4, 2), &[1, 10, 2, 20, 3, 11, 4, 21, 5, 10, 6, 20, 7, 11, 8, 21]);
        let nv12 = frame(PixelFormat::Nv12, (4, 2), &[1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 11, 21]);
        for rotation in [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
            let expected = turned(&nv12, rotation, None);
            assert_eq!(turned(&yuyv, rotation, None), expected, "{rotation:?}");
            let (_, planes) = turned(&i420, rotation, None);
            let pairs = [planes[8], planes[10], planes[9], planes[11]];
            assert_eq!((&planes[..8], &pairs[..]), (&expected.1[..8], &expected.1[8..]), "{rotation:?}");
        }
        let rgba: Vec<u8> = (0..8).flat_map(|n| [n, n, n, 255]).collect();
        let (_, turned) = turned(&frame(PixelFormat::Rgba8, (4, 2), &rgba), Rotation::Quarter, None);
        assert_eq!(turned.iter().step_by(4).copied().collect::<Vec<_>>(), [4, 0, 5, 1, 6, 2, 7, 3]);
    }

    #[test]
    fn a_part_is_cut_before_it_is_turned() {
        let luma = 0..48;
        let pairs = (0..12).flat_map(|n| [100 + n, 200 + n]);
        let data: Vec<u8> = luma.chain(pairs).collect();
        let picture = frame(PixelFormat::Nv12, (8, 6), &data);
        let (size, out) = turned(&picture, Rotation::None, Some("2,2,4,2"));
        assert_eq!(size, (4, 2));
        assert_eq!(out, [18, 19, 20, 21, 26, 27, 28, 29, 105, 205, 106, 206]);
        let (size, out) = turned(&picture, Rotation::Quarter, Some("2,2,4,2"));
        assert_eq!(size, (2, 4));
        assert_eq!(out, [26, 18, 27, 19, 28, 20, 29, 21, 105, 205, 106, 206]);
    }

    #[test]
    fn larger_pictures_than_a_square_and_odd_ones_are_whole() {
        let data: Vec<u8> = (0..67 * 45 * 4).map(|n| (n % 251) as u8).collect();
        let picture = frame(PixelFormat::Rgba8, (67, 45), &data);
        let (size, once) = turned(&picture, Rotation::Quarter, None);
        let (_, back) = turned(&frame(PixelFormat::Rgba8, size, &once), Rotation::ThreeQuarters, None);
        assert_eq!(back, data);
    }
}
