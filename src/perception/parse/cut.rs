//! Cuts: the next frame shows another scene, and nothing known of the last one holds.

use crate::frame::RgbImage;
use crate::perception::parser::Shot;

/// Every so many pixels each way one is compared.
const STEP: usize = 8;
/// Mean difference in byte values beyond which it is a cut. Within one shot people who run through the
/// picture make 13, cuts between people in one room 25.
const CUT: f32 = 19.0;

/// Compares each frame's small picture with the one before.
#[derive(Debug, Default)]
pub(in crate::perception) struct CutDetector {
    before: Vec<u8>,
    now: Vec<u8>,
}

impl CutDetector {
    /// Whether `picture` goes on with the last one; stills have none before them to be cut from.
    pub fn shot(&mut self, picture: &RgbImage, stills: bool) -> Shot {
        if !stills && self.is_cut(picture) { Shot::New } else { Shot::Same }
    }

    /// Whether `picture` shows another scene than the last one. A lamp that is switched or a camera that
    /// adapts is no cut: brightness is evened out first.
    pub fn is_cut(&mut self, picture: &RgbImage) -> bool {
        std::mem::swap(&mut self.before, &mut self.now);
        self.now.clear();
        let row = picture.width as usize * 3;
        for line in picture.pixels.chunks_exact(row.max(1)).skip(STEP / 2).step_by(STEP) {
            for pixel in line.chunks_exact(3).skip(STEP / 2).step_by(STEP) {
                self.now.extend_from_slice(pixel);
            }
        }
        if self.before.len() != self.now.len() || self.now.is_empty() {
            return false;
        }
        let mean =
            |bytes: &[u8]| bytes.iter().map(|v| u32::from(*v)).sum::<u32>() as f32 / bytes.len() as f32 + 1.0;
        let gain = (mean(&self.now) / mean(&self.before)).clamp(0.25, 4.0);
        let pairs = self.now.iter().zip(&self.before);
        let sum: f32 = pairs.map(|(now, before)| (f32::from(*now) - f32::from(*before) * gain).abs()).sum();
        sum / self.now.len() as f32 > CUT
    }

    /// The next frame is the first.
    pub fn reset(&mut self) {
        self.now.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(value: impl Fn(usize, usize) -> u8) -> RgbImage {
        let pixels = (0..64 * 64).flat_map(|at| [value(at % 64, at / 64); 3]).collect();
        RgbImage { width: 64, height: 64, pixels }
    }

    #[test]
    fn another_scene_is_a_cut_and_another_light_is_none() {
        let mut cuts = CutDetector::default();
        let scene = picture(|x, _| if x < 32 { 40 } else { 120 });
        assert!(!cuts.is_cut(&scene), "the first frame is no cut");
        assert!(!cuts.is_cut(&picture(|x, _| if x < 32 { 60 } else { 180 })));
        assert!(cuts.is_cut(&picture(|_, y| if y < 32 { 180 } else { 20 })));
        assert!(!cuts.is_cut(&picture(|_, y| if y < 32 { 180 } else { 20 })));
    }
}
