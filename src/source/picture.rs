//! Still images from disk to RGBA, with limits.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::{SourceError, jpeg};
use crate::stats::Stats;

/// Most pixels a side that are decoded.
const SIDE_LIMIT: u32 = 16_384;
/// Most megapixels that are decoded.
const MEGAPIXEL_LIMIT: u64 = 256;
/// Most bytes that a decoder may allocate: a picture at the limit in 16-bit RGBA.
const ALLOCATION_LIMIT: u64 = MEGAPIXEL_LIMIT * 1_000_000 * 8;
/// Longest side of what is handed on: larger than any screen needs, small enough for every GPU.
const LIVE_SIDE: u32 = 4096;

/// 8-bit RGBA, sRGB-encoded, opaque, upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
}

/// Reads, turns upright by its EXIF orientation, lays over black where it is transparent, and scales down
/// to 4096 pixels on the long side (counted as `images_scaled_down`).
///
/// # Errors
/// [`SourceError`] for a missing, unreadable, empty, damaged or enormous file.
pub(super) fn load(path: &Path, stats: &Stats) -> Result<Picture, SourceError> {
    let reader = open(path)?;
    let broken = |error: image::ImageError| SourceError::Image {
        path: path.to_owned(),
        reason: plain(&error.to_string()),
    };
    let mut reader = ImageReader::new(whole_jpeg(path, reader)?)
        .with_guessed_format()
        .map_err(|e| SourceError::from_io(path, e))?;
    // The header is read first, so that an enormous picture is named as such.
    reader.no_limits();
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let megapixels = u64::from(width) * u64::from(height) / 1_000_000;
    if width.max(height) > SIDE_LIMIT || megapixels > MEGAPIXEL_LIMIT {
        return Err(SourceError::ImageTooLarge {
            path: path.to_owned(),
            width,
            height,
            side: SIDE_LIMIT,
            megapixels: MEGAPIXEL_LIMIT,
        });
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(ALLOCATION_LIMIT);
    decoder.set_limits(limits).map_err(broken)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if width.max(height) > LIVE_SIDE {
        stats.count("images_scaled_down");
        tracing::warn!(
            "{}: {width}×{height} is scaled down to {LIVE_SIDE} pixels on the long side",
            path.display()
        );
        picture = picture.resize(LIVE_SIDE, LIVE_SIDE, image::imageops::FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    let transparent = picture.color().has_alpha();
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    let mut pixels = rgba.into_raw();
    if transparent {
        lay_over_black(&mut pixels);
    }
    Ok(Picture { width, height, pixels })
}

fn open(path: &Path) -> Result<BufReader<File>, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::from_io(path, error))?;
    let mut reader = BufReader::new(file);
    let mut first = [0];
    match reader.read(&mut first).and_then(|read| reader.rewind().map(|()| read)) {
        Ok(0) => Err(SourceError::EmptyFile(path.to_owned())),
        Ok(_) => Ok(reader),
        Err(error) => Err(SourceError::from_io(path, error)),
    }
}

/// `reader`, at its start again, unless it is a JPEG that breaks off: the decoder would show what is missing
/// as grey and say nothing.
fn whole_jpeg(path: &Path, mut reader: BufReader<File>) -> Result<BufReader<File>, SourceError> {
    let unreadable = |error| SourceError::from_io(path, error);
    let is_jpeg = reader.fill_buf().map_err(unreadable)?.starts_with(&[0xFF, 0xD8, 0xFF]);
    let whole = !is_jpeg || jpeg::reaches_its_end(&mut reader).map_err(unreadable)?;
    reader.rewind().map_err(unreadable)?;
    let truncated =
        || SourceError::Image { path: path.to_owned(), reason: "the JPEG is truncated".to_owned() };
    whole.then_some(reader).ok_or_else(truncated)
}

/// What the decoder says, on one line.
fn plain(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lay_over_black(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u16::from(pixel[3]);
        if alpha != 255 {
            for channel in &mut pixel[..3] {
                *channel = ((u16::from(*channel) * alpha + 127) / 255) as u8;
            }
            pixel[3] = 255;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_becomes_black() {
        let mut pixels = [200, 100, 50, 0, 200, 100, 50, 128, 9, 8, 7, 255];
        lay_over_black(&mut pixels);
        assert_eq!(pixels, [0, 0, 0, 255, 100, 50, 25, 255, 9, 8, 7, 255]);
    }
}
