//! Frames that a driver marks as broken or that hold no whole picture: passed over, counted, and too
//! many of them an error.

use super::raw::{BrokenPicture, RawPicture};
use crate::source::SourceError;
use crate::stats::Stats;

/// So many broken frames one after another are no accident.
pub(super) const BROKEN_IN_A_ROW: u32 = 60;

/// Notices JPEGs that break off, whose rest would be grey. A camera that never writes the end of one is taken at its word.
#[derive(Debug, Default)]
pub(super) struct Endings {
    seen: bool,
}

impl Endings {
    /// Unpacks `picture` into `out` unless it breaks off.
    pub(super) fn unpack(&mut self, picture: &RawPicture, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let ends = picture.reaches_its_end();
        self.seen |= ends;
        if self.seen && !ends {
            return Err(BrokenPicture("it breaks off".to_owned()));
        }
        picture.unpack(out)
    }
}

/// Counts a frame that is left out (`camera_frames_broken`); the first one is also logged.
pub(super) fn leave_out(stats: &Stats, camera: &str, reason: &dyn std::fmt::Display) {
    if stats.counter("camera_frames_broken") == 0 {
        tracing::warn!("camera {camera}: a broken frame is left out: {reason}");
    }
    stats.count("camera_frames_broken");
}

/// The error after [`BROKEN_IN_A_ROW`] frames.
pub(super) fn too_many(camera: &str) -> SourceError {
    let reason = format!("{BROKEN_IN_A_ROW} broken frames came one after another; try another size or cable");
    SourceError::Camera { name: camera.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::super::formats::RawFormat;
    use super::*;

    #[test]
    fn a_jpeg_that_breaks_off_is_left_out_once_the_camera_has_shown_that_it_ends_them() {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 4, y as u8 * 4, 90]));
        picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("encodes");
        let whole = jpeg.into_inner();
        let endless = &whole[..whole.len() - 2];
        let half = &whole[..whole.len() * 3 / 4];
        let mut out = vec![0; 64 * 64 * 4];
        let mut unpack = |endings: &mut Endings, bytes| {
            let picture = RawPicture { format: RawFormat::Mjpeg, width: 64, height: 64, stride: 0, bytes };
            endings.unpack(&picture, &mut out).is_ok()
        };
        let mut without = Endings::default();
        assert!(unpack(&mut without, endless) && unpack(&mut without, endless), "it never ends them");
        let mut endings = Endings::default();
        assert!(unpack(&mut endings, &whole) && !unpack(&mut endings, half) && unpack(&mut endings, &whole));
    }
}
