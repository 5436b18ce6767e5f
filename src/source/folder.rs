//! A folder of still images, one after another.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::picture::{self, Picture};
use super::uri::is_image;
use super::{FrameSource, SourceError, SourceInfo, SourceOptions, buffer};
use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use crate::stats::Stats;

/// Images per second.
const RATE: f64 = 1.0;

/// The images of a folder in natural order (`2.png` before `10.png`), one in memory at a time. One that
/// cannot be read is skipped and counted as `images_skipped`.
#[derive(Debug)]
pub(super) struct FolderSource {
    info: SourceInfo,
    paths: Vec<PathBuf>,
    /// The image that comes next, when it is read already.
    ready: Option<Picture>,
    position: usize,
    next: u64,
    rate: f64,
    repeat: bool,
    stats: Stats,
}

impl FolderSource {
    pub(super) fn open(path: &Path, options: &SourceOptions, stats: &Stats) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::from_io(path, error);
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?.path();
            if is_image(&entry) && !entry.is_dir() {
                paths.push(entry);
            }
        }
        paths.sort_by(|a, b| natural_order(&name(a), &name(b)));
        if paths.is_empty() {
            return Err(SourceError::EmptyFolder(path.to_owned()));
        }
        let rate = options.rate.filter(|rate| *rate > 0.0).unwrap_or(RATE);
        let info = SourceInfo {
            uri: path.display().to_string(),
            description: format!("folder of {} images", paths.len()),
            width: 0,
            height: 0,
            nominal_rate: Some(rate),
            live: false,
            frames: (!options.repeat).then_some(paths.len() as u64),
            pixel_format: PixelFormat::Rgba8,
        };
        let (repeat, stats) = (options.repeat, stats.clone());
        let mut this = Self { info, paths, ready: None, position: 0, next: 0, rate, repeat, stats };
        let first = this.read_next(false)?.ok_or_else(|| SourceError::EmptyFolder(path.to_owned()))?;
        (this.info.width, this.info.height) = (first.width, first.height);
        this.ready = Some(first);
        Ok(this)
    }

    /// The next image that can be read; an error only when none of the folder's can.
    fn read_next(&mut self, wrap: bool) -> Result<Option<Picture>, SourceError> {
        let mut last_error = None;
        for _ in 0..self.paths.len() {
            if self.position == self.paths.len() {
                if !wrap {
                    break;
                }
                self.position = 0;
            }
            let path = &self.paths[self.position];
            self.position += 1;
            match picture::load(path, &self.stats) {
                Ok(picture) => return Ok(Some(picture)),
                Err(error) => {
                    self.stats.count("images_skipped");
                    tracing::warn!("skipped: {error}");
                    last_error = Some(error);
                }
            }
        }
        match last_error {
            Some(error) if self.next == 0 || wrap => Err(error),
            _ => Ok(None),
        }
    }
}

impl FrameSource for FolderSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        if self.ready.is_none() {
            self.ready = self.read_next(self.repeat)?;
        }
        let Some(picture) = &self.ready else { return Ok(None) };
        let mut data = buffer(pool, picture.pixels.len(), &self.info.uri)?;
        data.copy_from_slice(&picture.pixels);
        let size = (picture.width, picture.height);
        let time = Duration::from_secs_f64(self.next as f64 / self.rate);
        let frame =
            Frame::new(FrameSeq(self.next), time, PixelFormat::Rgba8, size, ColorSpace::default(), data)?;
        self.ready = None;
        self.next += 1;
        Ok(Some(frame))
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Runs of digits compare by value, everything else by character.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_digits, b_digits) = (digits(a_rest), digits(b_rest));
        if !a_digits.is_empty() && !b_digits.is_empty() {
            let by_value = |text: &str| {
                let significant = text.trim_start_matches('0');
                (significant.len(), significant.to_owned())
            };
            match by_value(a_digits).cmp(&by_value(b_digits)) {
                Ordering::Equal => {}
                order => return order,
            }
            (a_rest, b_rest) = (&a_rest[a_digits.len()..], &b_rest[b_digits.len()..]);
            continue;
        }
        match (a_rest.chars().next(), b_rest.chars().next()) {
            (None, None) => return a.cmp(b),
            (Some(x), Some(y)) if x == y => {
                (a_rest, b_rest) = (&a_rest[x.len_utf8()..], &b_rest[y.len_utf8()..]);
            }
            (x, y) => return x.cmp(&y),
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["b1", "a10.png", "a2.png", "a02.png", "a", "a2b", "99999999999999999999999", "é1"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(
            names,
            ["99999999999999999999999", "a", "a02.png", "a2.png", "a2b", "a10.png", "b1", "é1"]
        );
    }
}
