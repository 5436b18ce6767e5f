//! What is kept.

use super::super::{Detection, PixelBox};

/// Lets through what is sure enough and of a class that is wanted.
#[derive(Debug, Clone)]
pub(in super::super) struct Sieve {
    pub confidence: f32,
    /// Per class; none where all are.
    pub wanted: Option<Vec<bool>>,
    /// Number of classes that have a name.
    pub classes: usize,
}

impl Sieve {
    /// Whether a confidence suffices. What is not a number does not.
    pub fn is_sure(&self, confidence: f32) -> bool {
        confidence > self.confidence
    }

    /// Keeps a detection if it is sure, wanted and a box at all.
    pub fn keep(&self, class: usize, confidence: f32, bounds: PixelBox, found: &mut Vec<Detection>) {
        let wanted = self.wanted.as_ref().is_none_or(|wanted| wanted.get(class) == Some(&true));
        if class < self.classes
            && wanted
            && self.is_sure(confidence)
            && confidence.is_finite()
            && bounds.is_real()
        {
            let class = class as u16;
            found.push(Detection { class, confidence, bounds });
        }
    }
}

/// The first of the largest numbers and where it is; what is not a number is no number.
pub(super) fn largest(values: &[f32]) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (index, value) in values.iter().enumerate() {
        if !value.is_nan() && best.is_none_or(|(_, best)| *value > best) {
            best = Some((index, *value));
        }
    }
    best
}
