//! Edges as distributions over distances (Li et al., "Generalized Focal Loss", 2020): NanoDet, PicoDet.

use super::super::Detection;
use super::super::letterbox::Mapping;
use super::Sieve;
use super::sieve::largest;

/// Scores [N, cells, classes] and distances [N, cells, 4 × bins] of each stride.
#[derive(Debug, Clone)]
pub(in super::super) struct Gfl {
    pub levels: Vec<Level>,
    pub classes: usize,
    pub bins: usize,
}

/// One stride.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Level {
    /// Output of the scores, which are probabilities.
    pub scores: usize,
    /// Output of the distances.
    pub distances: usize,
    pub stride: u32,
    /// Cells side by side.
    pub columns: u32,
}

impl Gfl {
    pub(super) fn decode(
        &self,
        level: &Level,
        scores: &[f32],
        distances: &[f32],
        mapping: &Mapping,
        sieve: &mut Sieve,
        found: &mut Vec<Detection>,
    ) {
        let stride = level.stride as f32;
        let cells = scores.chunks_exact(self.classes.max(1)).zip(distances.chunks_exact(4 * self.bins));
        for (cell, (scores, distances)) in cells.enumerate() {
            let Some((class, score)) = largest(scores).filter(|(_, score)| sieve.is_sure(*score)) else {
                continue;
            };
            let columns = level.columns.max(1) as usize;
            let [x, y] = [cell % columns, cell / columns].map(|at| (at as f32 + 0.5) * stride);
            let mut reach = [0.0; 4];
            for (reach, logits) in reach.iter_mut().zip(distances.chunks_exact(self.bins)) {
                *reach = mean(logits) * stride;
            }
            let bounds = [x - reach[0], y - reach[1], x + reach[2], y + reach[3]];
            sieve.keep(class, score, mapping.between(bounds), found);
        }
    }
}

/// Mean of 0, 1, 2, … weighted by the softmax of `logits`.
fn mean(logits: &[f32]) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (bin, logit) in logits.iter().enumerate() {
        let weight = (logit - most).exp();
        sum += weight;
        weighted += weight * bin as f32;
    }
    weighted / sum
}

#[cfg(test)]
mod tests {
    use super::super::super::letterbox::Fit;
    use super::*;

    #[test]
    fn edges_lie_where_their_distributions_are() {
        let gfl = Gfl { levels: Vec::new(), classes: 2, bins: 8 };
        let level = Level { scores: 0, distances: 1, stride: 8, columns: 4 };
        let mut scores = vec![0.0; 8 * 2];
        let mut distances = vec![0.0; 8 * 32];
        // Cell 5 is at (12, 12): one stride to the left, two up, between three and four to the right, none down.
        scores[11] = 0.7;
        for (edge, bins) in [(0, [1, 1]), (1, [2, 2]), (2, [3, 4]), (3, [0, 0])] {
            bins.iter().for_each(|bin| distances[5 * 32 + edge * 8 + bin] = 60.0);
        }
        let mapping = Fit::TopLeft.place((32, 32), (32, 32)).1;
        let mut sieve = Sieve::new(0.3, None, 2);
        let mut found = Vec::new();
        gfl.decode(&level, &scores, &distances, &mapping, &mut sieve, &mut found);
        let [one] = found[..] else { panic!("{found:?}") };
        assert_eq!((one.class, one.confidence), (1, 0.7));
        let [x, y, w, h] = [one.bounds.x, one.bounds.y, one.bounds.width, one.bounds.height];
        let off = [x - 4.0, y + 4.0, w - 36.0, h - 16.0];
        assert!(off.iter().all(|off| off.abs() < 1e-3), "{:?}", one.bounds);
        distances.fill(f32::NAN);
        found.clear();
        gfl.decode(&level, &scores, &distances, &mapping, &mut sieve, &mut found);
        assert!(found.is_empty());
    }
}
