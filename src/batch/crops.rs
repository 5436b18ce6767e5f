//! Pictures of single detections.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use image::{ExtendedColorType, ImageBuffer, Rgba};

use super::JobSettings;
use super::ongoing::{WriteError, cannot};
use super::results::FrameResults;
use crate::folders::write_alone;
use crate::frame::{Frame, frame_to_rgba};
use crate::perception::PixelBox;

/// Quality of the JPEG files, 1–100.
const QUALITY: u8 = 90;

/// Writes `crops/NAME/FRAME-NUMBER-CLASS.jpg` for the first detections of an input.
pub(super) struct Crops {
    folder: PathBuf,
    classes: Vec<String>,
    largest: u32,
    /// How many may still be written.
    left: u64,
    left_out: u64,
    rgba: Vec<u8>,
    rgb: Vec<u8>,
    jpeg: Vec<u8>,
}

impl Crops {
    pub(super) fn new(settings: &JobSettings, name: &str) -> Self {
        let safe =
            |class: &String| class.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        Self {
            folder: settings.out.join("crops").join(name),
            classes: settings.classes.iter().map(safe).collect(),
            largest: settings.crop_size.max(1),
            left: settings.crops,
            left_out: 0,
            rgba: Vec::new(),
            rgb: Vec::new(),
            jpeg: Vec::new(),
        }
    }

    /// Cuts what was found out of `picture`.
    pub(super) fn add(&mut self, picture: &Frame, frame: &FrameResults) -> Result<(), WriteError> {
        let found = frame.detections.len() as u64;
        let wanted = found.min(self.left);
        self.left_out += found - wanted;
        if wanted == 0 {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(cannot(&self.folder))?;
        let bytes = std::mem::take(&mut self.rgba);
        let Some(image) = rgba_of(picture, bytes) else { return Ok(()) };
        for (n, tracked) in frame.detections.iter().enumerate().take(wanted as usize) {
            let Some([x, y, width, height]) = inside(tracked.detection.bounds, frame.size) else { continue };
            let class = self.classes.get(usize::from(tracked.detection.class)).map_or("", String::as_str);
            let path = self.folder.join(format!("{:06}-{n}-{class}.jpg", frame.frame));
            let scale = (f64::from(self.largest) / f64::from(width.max(height))).min(1.0);
            let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
            let cut = crop_imm(&image, x, y, width, height).to_image();
            let small =
                if scale < 1.0 { resize(&cut, side(width), side(height), FilterType::Triangle) } else { cut };
            self.rgb.clear();
            self.rgb.extend(small.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]));
            self.jpeg.clear();
            let encoded = JpegEncoder::new_with_quality(&mut self.jpeg, QUALITY).encode(
                &self.rgb,
                small.width(),
                small.height(),
                ExtendedColorType::Rgb8,
            );
            encoded.map_err(std::io::Error::other).map_err(cannot(&path))?;
            write_alone(&path, 0o644, |file| file.write_all(&self.jpeg)).map_err(cannot(&path))?;
            self.left -= 1;
        }
        self.rgba = image.into_raw();
        Ok(())
    }

    /// How many detections got no picture, because there were enough.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// `picture` as RGBA in `bytes`; none where it cannot be converted.
pub(super) fn rgba_of(picture: &Frame, mut bytes: Vec<u8>) -> Option<ImageBuffer<Rgba<u8>, Vec<u8>>> {
    frame_to_rgba(picture, &mut bytes).ok()?;
    ImageBuffer::from_raw(picture.width, picture.height, bytes)
}

/// The whole pixels of `bounds` that lie in a frame of `size`: left, top, width, height; none where there are none.
pub(super) fn inside(bounds: PixelBox, (width, height): (u32, u32)) -> Option<[u32; 4]> {
    let span = |start: f32, length: f32, limit: u32| {
        let from = start.floor().clamp(0.0, limit as f32) as u32;
        let to = (start + length).ceil().clamp(0.0, limit as f32) as u32;
        (to > from).then(|| (from, to - from))
    };
    let (x, width) = span(bounds.x, bounds.width, width)?;
    let (y, height) = span(bounds.y, bounds.height, height)?;
    Some([x, y, width, height])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_cut_at_the_edges_of_the_frame() {
        let bounds = |x, y, width, height| PixelBox { x, y, width, height };
        assert_eq!(inside(bounds(-10.0, 5.5, 20.0, 1000.0), (100, 50)), Some([0, 5, 10, 45]));
        assert_eq!(inside(bounds(200.0, 5.0, 20.0, 10.0), (100, 50)), None);
        assert_eq!(inside(bounds(f32::NAN, 0.0, 5.0, 5.0), (100, 50)), None);
        assert_eq!(inside(bounds(3.0, 3.0, -5.0, 5.0), (100, 50)), None);
    }
}
