//! The multiclass selfie model: all six regions from one net.

use std::time::Instant;

use super::cut::CutDetector;
use crate::frame::{Frame, Region, Resampler, RgbImage};
use crate::perception::net::Net;
use crate::perception::parser::{RegionParser, Scene, Shot};
use crate::perception::{PerceptionError, RegionMask, Timings};

/// Steps per unit of logit in the table of exponentials.
const STEPS: f32 = 64.0;
/// Below the best logit by this much a region has no share.
const REACH: f32 = 16.0;

/// The net and its small picture. Input [1, 3, H, W] RGB, output [1, 6, H, W] logits in the order of
/// [`Region`]. Source: model card "MediaPipe multiclass selfie segmentation".
#[derive(Debug)]
pub(in crate::perception) struct MulticlassNet {
    net: Net,
    output: String,
    picture: RgbImage,
    exponentials: Vec<f32>,
    cuts: CutDetector,
}

impl RegionParser for MulticlassNet {
    fn reset(&mut self) {
        self.cuts.reset();
    }

    fn parse(
        &mut self,
        Scene { frame, faces, resampler, options }: Scene<'_>,
        mask: &mut RegionMask,
        timings: &mut Timings,
    ) -> Result<Shot, PerceptionError> {
        self.run(frame, resampler, mask, timings)?;
        let shot = self.cuts.shot(&self.picture, options.stills);
        if shot == Shot::New {
            faces.forget();
        }
        faces.update(frame, |_, _| {}, resampler, options, timings)?;
        Ok(shot)
    }
}

impl MulticlassNet {
    pub fn new(net: Net) -> Result<Self, PerceptionError> {
        let (width, height) = net.size();
        let wanted = width as usize * height as usize * Region::COUNT;
        let found = net.outputs().find(|(_, count)| *count == wanted).map(|(name, _)| name.to_owned());
        let Some(output) = found else {
            return Err(net.contract(format!("it has no output of 6×{height}×{width} logits")));
        };
        let exponentials = (0..=(REACH * STEPS) as usize).map(|i| (-(i as f32) / STEPS).exp()).collect();
        Ok(Self { net, output, picture: RgbImage::default(), exponentials, cuts: CutDetector::default() })
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    /// Fills `mask` from `frame`.
    fn run(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        mask: &mut RegionMask,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let (width, height) = self.net.size();
        resampler.stretch(frame, width, height, &mut self.picture)?;
        self.net.feed(&self.picture);
        timings.preprocess += start.elapsed();
        let outputs = self.net.run(&mut timings.person)?;
        let start = Instant::now();
        let (_, logits) = outputs.get(&self.output)?;
        mask.clear(width, height);
        mask.set_guide(&self.picture);
        let area = width as usize * height as usize;
        for at in 0..area {
            let values: [f32; Region::COUNT] = std::array::from_fn(|region| logits[region * area + at]);
            mask.set(at, softmax(values, &self.exponentials));
        }
        timings.postprocess += start.elapsed();
        Ok(())
    }
}

/// Shares of the five regions after background, in 255ths.
fn softmax(logits: [f32; Region::COUNT], exponentials: &[f32]) -> [u8; 5] {
    let best = logits.iter().copied().fold(f32::MIN, f32::max);
    let weights = logits.map(|logit| {
        let steps = ((best - logit) * STEPS) as usize;
        exponentials.get(steps).copied().unwrap_or(0.0)
    });
    let total: f32 = weights.iter().sum();
    let scale = if total > 0.0 { 255.0 / total } else { 0.0 };
    // Rounded down: what is lost goes to background, at most 5 of 255.
    std::array::from_fn(|i| (weights[i + 1] * scale) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_softmax() {
        let exponentials: Vec<f32> =
            (0..=(REACH * STEPS) as usize).map(|i| (-(i as f32) / STEPS).exp()).collect();
        let shares = softmax([0.0, 1.0, -30.0, 0.0, 2.0, 0.5], &exponentials);
        let e = [1.0_f32, 1.0_f32.exp(), 0.0, 1.0, 2.0_f32.exp(), 0.5_f32.exp()];
        let total: f32 = e.iter().sum();
        for (share, weight) in shares.iter().zip(&e[1..]) {
            assert!((f32::from(*share) - weight / total * 255.0).abs() <= 1.5, "{shares:?}");
        }
        assert_eq!(softmax([9.0, -9.0, -9.0, -9.0, -9.0, -9.0], &exponentials), [0; 5]);
    }
}
