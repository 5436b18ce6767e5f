//! A camera's picture without a camera, to measure with.

use super::formats::RawFormat;
use super::raw::RawPicture;
use crate::frame::PixelFormat;

/// A picture as a driver hands it over.
#[derive(Debug, Clone)]
pub(crate) struct CameraPicture {
    format: RawFormat,
    size: (u32, u32),
    bytes: Vec<u8>,
}

impl CameraPicture {
    /// One in the format that drivers call `code`: the bytes of `jpeg` for motion JPEG, a pattern for all others; none for
    /// a format that is not understood.
    pub(crate) fn new(code: &str, size: (u32, u32), jpeg: &[u8]) -> Option<Self> {
        let format = RawFormat::from_code(code)?;
        let bytes = match format {
            RawFormat::Mjpeg => jpeg.to_vec(),
            // No format has more rows than three planes of full size.
            _ => (0..format.row_bytes(size.0) * size.1 as usize * 3).map(|n| (n % 251) as u8).collect(),
        };
        Some(Self { format, size, bytes })
    }

    /// What the frame will be.
    pub(crate) fn becomes(&self) -> PixelFormat {
        self.format.becomes()
    }

    /// Fills `out` as a camera fills a frame; why not, where the picture is broken.
    pub(crate) fn unpack(&self, out: &mut [u8]) -> Result<(), String> {
        let (format, (width, height)) = (self.format, self.size);
        let stride = format.row_bytes(width);
        RawPicture { format, width, height, stride, bytes: &self.bytes }
            .unpack(out)
            .map_err(|error| error.to_string())
    }
}
