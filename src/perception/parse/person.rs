//! The person matte.

use std::time::Instant;

use super::grid::Grid;
use super::wide::{self, Tiles};
use crate::frame::{Frame, Resampler, RgbImage, Roi};
use crate::perception::net::Net;
use crate::perception::{PerceptionError, PerceptionOptions, Timings};

/// The person net, the small picture it saw and the matte it gave.
#[derive(Debug)]
pub(in crate::perception) struct PersonNet {
    net: Net,
    output: String,
    tiles: Tiles,
    tile: RgbImage,
    /// The whole frame, stretched to the net's size.
    pub picture: RgbImage,
    /// Probability that a pixel of the picture is a person, 0–255, row-major.
    pub matte: Vec<u8>,
}

impl PersonNet {
    pub fn new(net: Net) -> Result<Self, PerceptionError> {
        let (width, height) = net.size();
        let area = width as usize * height as usize;
        let found = net.outputs().find(|(_, count)| *count == area).map(|(name, _)| name.to_owned());
        let Some(output) = found else {
            return Err(net.contract(format!("it has no output of {width}×{height} probabilities")));
        };
        let (tiles, tile, picture) = (Tiles::default(), RgbImage::default(), RgbImage::default());
        Ok(Self { net, output, tiles, tile, picture, matte: vec![0; area] })
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    pub fn size(&self) -> (u32, u32) {
        self.net.size()
    }

    /// Forgets in which parts of the frame people were too small for one look at all of it.
    pub fn reset(&mut self) {
        self.tiles = Tiles::default();
    }

    /// Fills `picture` and `matte` from `frame`.
    pub fn run(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let (width, height) = self.net.size();
        resampler.stretch(frame, width, height, &mut self.picture)?;
        self.net.feed(&self.picture);
        timings.preprocess += start.elapsed();
        let outputs = self.net.run(&mut timings.person)?;
        let start = Instant::now();
        let (_, probabilities) = outputs.get(&self.output)?;
        for (to, from) in self.matte.iter_mut().zip(probabilities) {
            // Not a number becomes 0: background.
            *to = (from * 255.0 + 0.5) as u8;
        }
        timings.postprocess += start.elapsed();
        Ok(())
    }

    /// Looks closer at parts of a wide or tall frame and adds the people whom the look at all of it
    /// missed. Call after [`run`](Self::run). Returns how many parts were looked at.
    pub fn look_closer(
        &mut self,
        frame: &Frame,
        grid: &Grid,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<u64, PerceptionError> {
        let (size, height) = self.net.size();
        let due = self.tiles.due(options.stills);
        let mut looked = 0;
        for (index, tile) in wide::tiles(frame).into_iter().flatten().enumerate() {
            if size == height && due[index] {
                self.look(frame, grid, (index, tile), resampler, timings)?;
                looked += 1;
            }
        }
        Ok(looked)
    }

    fn look(
        &mut self,
        frame: &Frame,
        grid: &Grid,
        (index, tile): (usize, Roi),
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let (size, _) = self.net.size();
        resampler.letterbox(frame, tile, size, &mut self.tile)?;
        self.net.feed(&self.tile);
        timings.preprocess += start.elapsed();
        let outputs = self.net.run(&mut timings.person)?;
        let start = Instant::now();
        let (_, probabilities) = outputs.get(&self.output)?;
        let found = wide::missed(probabilities, size as usize, tile, grid, &self.matte);
        if self.tiles.note(index, found, grid) {
            wide::add(probabilities, size as usize, tile, grid, frame, &mut self.matte);
        }
        timings.postprocess += start.elapsed();
        Ok(())
    }
}
