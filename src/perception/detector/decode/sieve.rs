//! What is kept.

use super::super::{Detection, PixelBox};

/// Lets through what is sure enough and of a class that is wanted.
#[derive(Debug)]
pub(in super::super) struct Sieve {
    confidence: f32,
    /// Per class; none where all are.
    wanted: Option<Vec<bool>>,
    /// Number of classes that have a name.
    classes: usize,
    /// What would have been kept if its class had a name: how many, and the class of the last one.
    pub unnamed: Option<(u64, usize)>,
    /// Of each cell, its best score and which class that is of; kept for reuse.
    pub(super) best: Vec<(f32, u16)>,
    /// Cells that may have something; kept for reuse.
    pub(super) sure: Vec<usize>,
}

impl Sieve {
    pub fn new(confidence: f32, wanted: Option<Vec<bool>>, classes: usize) -> Self {
        Self { confidence, wanted, classes, unnamed: None, best: Vec::new(), sure: Vec::new() }
    }

    /// Whether a confidence suffices. What is not a number does not.
    pub fn is_sure(&self, confidence: f32) -> bool {
        confidence > self.confidence
    }

    /// Keeps a detection if it is sure, wanted, of a class with a name, and a box at all.
    pub fn keep(&mut self, class: usize, confidence: f32, bounds: PixelBox, found: &mut Vec<Detection>) {
        let wanted = self.wanted.as_ref().is_none_or(|wanted| wanted.get(class) == Some(&true));
        if !(wanted && self.is_sure(confidence) && confidence.is_finite() && bounds.is_real()) {
            return;
        }
        if class < self.classes {
            let class = class as u16;
            found.push(Detection { class, confidence, bounds });
        } else {
            let before = self.unnamed.map_or(0, |(count, _)| count);
            self.unnamed = Some((before + 1, class));
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
