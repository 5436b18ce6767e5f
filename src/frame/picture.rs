//! One picture of the stream.

use std::time::{Duration, Instant};

use super::{ColorSpace, PixelFormat, PooledBuffer};

/// Number of a frame, counted by its source from 0; every result of perception carries the number of
/// the frame that it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FrameSeq(pub u64);

/// One picture: pixels in a pooled buffer, its number and its time.
#[derive(Debug)]
pub struct Frame {
    /// Position in the stream.
    pub seq: FrameSeq,
    /// Presentation time since the stream's start.
    pub timestamp: Duration,
    /// Layout of the pixels.
    pub format: PixelFormat,
    /// Columns, at least 1.
    pub width: u32,
    /// Rows, at least 1.
    pub height: u32,
    /// How YUV becomes RGB.
    pub color: ColorSpace,
    /// When it came in, on this machine's clock: what is recorded beside it is put to its place by this.
    pub arrived: Instant,
    data: PooledBuffer,
}

/// A buffer that does not fit its picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {width}×{height} {format:?} picture needs {expected} bytes, the buffer has {found}")]
pub struct FrameError {
    /// Columns asked for.
    pub width: u32,
    /// Rows asked for.
    pub height: u32,
    /// Format asked for.
    pub format: PixelFormat,
    /// Bytes that such a picture has.
    pub expected: usize,
    /// Bytes that were given.
    pub found: usize,
}

impl Frame {
    /// A frame over tightly packed `data`.
    ///
    /// # Errors
    /// When the size is zero or `data` has not exactly the bytes of such a picture.
    pub fn new(
        seq: FrameSeq,
        timestamp: Duration,
        format: PixelFormat,
        (width, height): (u32, u32),
        color: ColorSpace,
        data: PooledBuffer,
    ) -> Result<Self, FrameError> {
        let expected = format.bytes(width, height);
        if expected == 0 || data.len() != expected {
            return Err(FrameError { width, height, format, expected, found: data.len() });
        }
        Ok(Self { seq, timestamp, format, width, height, color, arrived: Instant::now(), data })
    }

    /// All bytes, plane after plane.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Bytes of plane `index` (0 to `format.plane_count() - 1`).
    pub fn plane(&self, index: usize) -> &[u8] {
        let plane = self.format.plane(index, self.width, self.height);
        &self.data[plane.offset..plane.offset + plane.len()]
    }
}
