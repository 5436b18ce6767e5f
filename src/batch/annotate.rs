//! A video with what was found drawn into it.

use std::path::PathBuf;
use std::time::Duration;

use image::imageops::{FilterType, resize};
use image::{Rgba, RgbaImage};

use super::JobSettings;
use super::crops::{inside, rgba_of};
use super::ongoing::WriteError;
use super::results::{FrameResults, Tracked};
use crate::ffmpeg::{self, ChildError, VideoWriter, WriterOptions};
use crate::frame::{Frame, rgba_to_nv12};
use crate::glyphs::{Atlas, color_of, write_label};

/// How the names of annotated videos end.
pub(super) const ANNOTATED: &str = ".annotated.mp4";

/// Writes `NAME.annotated.mp4`.
pub(super) struct Annotation {
    path: PathBuf,
    rate: f64,
    writer: Option<(VideoWriter, (u32, u32), Duration)>,
    classes: Vec<String>,
    atlas: Atlas,
    rgba: Vec<u8>,
    nv12: Vec<u8>,
    label: String,
}

impl Annotation {
    pub(super) fn new(settings: &JobSettings, name: &str) -> Self {
        let path = settings.out.join(format!("{name}{ANNOTATED}"));
        let rate = 30.0 / settings.every as f64;
        Self {
            path,
            rate,
            writer: None,
            classes: settings.classes.clone(),
            atlas: Atlas::drawn(),
            rgba: Vec::new(),
            nv12: Vec::new(),
            label: String::new(),
        }
    }

    /// Draws what was found into `picture` and hands it to the encoder. Pictures of another size than the first are
    /// brought to its size.
    pub(super) fn add(&mut self, picture: &Frame, frame: &FrameResults) -> Result<(), WriteError> {
        let Some(mut image) = rgba_of(picture, std::mem::take(&mut self.rgba)) else { return Ok(()) };
        for tracked in frame.detections.iter().rev() {
            self.draw(&mut image, tracked);
        }
        let even = (picture.width & !1, picture.height & !1);
        let (size, begin) = match &self.writer {
            Some((_, size, begin)) => (*size, *begin),
            None => {
                let ffmpeg = ffmpeg::locate().map_err(|error| self.failed(std::io::Error::other(error)))?;
                let options = WriterOptions { rate: self.rate, ..WriterOptions::default() };
                let writer = VideoWriter::start(&ffmpeg, &self.path, even.0, even.1, &options);
                let writer = writer.map_err(|error| self.child(error))?;
                self.writer = Some((writer, even, frame.time));
                (even, frame.time)
            }
        };
        if image.dimensions() != size {
            image = resize(&image, size.0, size.1, FilterType::Triangle);
        }
        rgba_to_nv12(image.as_raw(), size.0, size.1, &mut self.nv12)
            .map_err(|error| self.failed(std::io::Error::other(error)))?;
        self.rgba = image.into_raw();
        let time = frame.time.saturating_sub(begin);
        let written = match &mut self.writer {
            Some((writer, ..)) => writer.write_nv12(time, &self.nv12),
            None => Ok(()),
        };
        written.map_err(|error| self.child(error))
    }

    /// Finishes the file; none where there was no picture.
    pub(super) fn finish(mut self) -> Result<Option<PathBuf>, WriteError> {
        let Some((writer, ..)) = self.writer.take() else { return Ok(None) };
        let summary = writer.finish().map_err(|error| self.child(error))?;
        Ok(Some(summary.path))
    }

    /// Draws the frame of one detection with its label, in the colour of its track, else of its class.
    fn draw(&mut self, image: &mut RgbaImage, tracked: &Tracked) {
        let (width, height) = image.dimensions();
        let Tracked { detection, track } = tracked;
        let Some([x, y, columns, rows]) = inside(detection.bounds, (width, height)) else { return };
        let [red, green, blue] = color_of(track.unwrap_or_else(|| u32::from(detection.class)))
            .map(|channel| (channel * 255.0).round() as u8);
        let colour = Rgba([red, green, blue, 255]);
        let line = (height / 240).max(1);
        let (right, bottom) = (x + columns, y + rows);
        fill(image, [x, y, right, (y + line).min(bottom)], colour);
        fill(image, [x, bottom.saturating_sub(line).max(y), right, bottom], colour);
        fill(image, [x, y, (x + line).min(right), bottom], colour);
        fill(image, [right.saturating_sub(line).max(x), y, right, bottom], colour);
        let class = self.classes.get(usize::from(detection.class)).map_or("?", String::as_str);
        write_label(&mut self.label, class, *track, Some(detection.confidence));
        let size = (height / 40).max(10);
        // Above the box, or in it where there is no room.
        self.write(image, &self.label, [x, y.checked_sub(size).unwrap_or(y)], size, colour);
    }

    /// Writes `text` in black on `colour`, `size` pixels high.
    fn write(&self, image: &mut RgbaImage, text: &str, [left, top]: [u32; 2], size: u32, colour: Rgba<u8>) {
        let wide = (size as f32 * self.atlas.aspect()).round().max(1.0) as u32;
        let end = left + wide * text.chars().count() as u32;
        fill(image, [left, top, end, top + size], colour);
        for (n, letter) in text.chars().enumerate() {
            let start = left + n as u32 * wide;
            for y in top..(top + size).min(image.height()) {
                for x in start..(start + wide).min(image.width()) {
                    let at = [(x - start) as f32 + 0.5, (y - top) as f32 + 0.5];
                    let at = [at[0] / wide as f32, at[1] / size as f32];
                    let left_over = 1.0 - self.atlas.covered(letter, at, size);
                    let [r, g, b, _] = colour.0.map(|channel| (f32::from(channel) * left_over) as u8);
                    image.put_pixel(x, y, Rgba([r, g, b, 255]));
                }
            }
        }
    }

    fn child(&self, error: ChildError) -> WriteError {
        self.failed(std::io::Error::other(error))
    }

    fn failed(&self, error: std::io::Error) -> WriteError {
        WriteError { path: self.path.clone(), error }
    }
}

fn fill(image: &mut RgbaImage, [left, top, right, bottom]: [u32; 4], colour: Rgba<u8>) {
    for y in top..bottom.min(image.height()) {
        for x in left..right.min(image.width()) {
            image.put_pixel(x, y, colour);
        }
    }
}
