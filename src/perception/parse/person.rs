//! The person matte.

use std::time::Instant;

use crate::frame::{Frame, Resampler, RgbImage};
use crate::perception::net::Net;
use crate::perception::{PerceptionError, Timings};

/// The person net, the small picture it saw and the matte it gave.
#[derive(Debug)]
pub(in crate::perception) struct PersonNet {
    net: Net,
    output: String,
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
        Ok(Self { net, output, picture: RgbImage::default(), matte: vec![0; area] })
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    pub fn size(&self) -> (u32, u32) {
        self.net.size()
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
}
