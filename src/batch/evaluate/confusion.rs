//! What is taken for what: a matrix of classes.

use std::cmp::Ordering;

use serde::Serialize;

use super::detections::Found;
use super::matching::overlap;
use super::truth::TruthBox;

/// Boxes of the truth and what was found in their place.
///
/// Of each image the pairs that overlap most are put together first, whatever their classes; each box and each detection is
/// in one pair. What is found in a crowd of its class is left out, as are crowds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    /// Overlap from which on a detection stands for a box.
    pub iou: f64,
    /// Confidence from which on a detection counts.
    pub confidence: f64,
    /// `counts[truth][found]`; the last row is what was found where nothing is, the last column what was not found.
    pub counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// `found` and `truth` are in the order of classes; there are `classes` of them.
    pub(super) fn new(
        found: &[Found],
        truth: &[TruthBox],
        classes: usize,
        iou: f64,
        confidence: f64,
    ) -> Self {
        let mut confusion = Self { iou, confidence, counts: vec![vec![0; classes + 1]; classes + 1] };
        let mut found: Vec<&Found> = found.iter().filter(|found| found.score >= confidence).collect();
        let mut truth: Vec<&TruthBox> = truth.iter().collect();
        found.sort_by_key(|found| found.image);
        truth.sort_by_key(|there| there.image);
        let (mut found, mut truth) = (found.as_slice(), truth.as_slice());
        let mut pairs = Vec::new();
        while let Some(image) = first_image(found, truth) {
            let (here, later) = found.split_at(found.partition_point(|found| found.image == image));
            let (there, others) = truth.split_at(truth.partition_point(|there| there.image == image));
            confusion.image(here, there, &mut pairs);
            (found, truth) = (later, others);
        }
        confusion
    }

    fn image(&mut self, found: &[&Found], truth: &[&TruthBox], pairs: &mut Vec<(f64, usize, usize)>) {
        pairs.clear();
        for (there, box_there) in truth.iter().enumerate().filter(|(_, there)| !there.is_crowd) {
            for (at, one) in found.iter().enumerate() {
                let shared = overlap(one.bounds, box_there.bounds, false);
                if shared >= self.iou {
                    pairs.push((shared, there, at));
                }
            }
        }
        // Most overlap first; of equals the right class, then the surer one.
        pairs.sort_by(|a, b| {
            let is_wrong = |pair: &(f64, usize, usize)| truth[pair.1].class != found[pair.2].class;
            let score = |pair: &(f64, usize, usize)| found[pair.2].score;
            let most = b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal);
            let surer = score(b).partial_cmp(&score(a)).unwrap_or(Ordering::Equal);
            most.then(is_wrong(a).cmp(&is_wrong(b))).then(surer)
        });
        let (mut is_taken, mut is_found) = (vec![false; found.len()], vec![false; truth.len()]);
        let nothing = self.counts.len() - 1;
        for &(_, there, at) in pairs.iter() {
            if !is_taken[at] && !is_found[there] {
                (is_taken[at], is_found[there]) = (true, true);
                self.counts[truth[there].class as usize][found[at].class as usize] += 1;
            }
        }
        for (there, _) in
            truth.iter().zip(&is_found).filter(|(there, is_found)| !**is_found && !there.is_crowd)
        {
            self.counts[there.class as usize][nothing] += 1;
        }
        for (one, _) in found.iter().zip(&is_taken).filter(|(_, is_taken)| !**is_taken) {
            let in_crowd = |there: &&&TruthBox| {
                there.is_crowd
                    && there.class == one.class
                    && overlap(one.bounds, there.bounds, true) >= self.iou
            };
            if !truth.iter().any(|there| in_crowd(&there)) {
                self.counts[nothing][one.class as usize] += 1;
            }
        }
    }
}

fn first_image(found: &[&Found], truth: &[&TruthBox]) -> Option<u32> {
    let (found, truth) = (found.first().map(|one| one.image), truth.first().map(|one| one.image));
    found.into_iter().chain(truth).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(class: u32, image: u32, x: f64) -> TruthBox {
        TruthBox { image, class, bounds: [x, 0.0, 10.0, 10.0], area: 100.0, is_crowd: false, is_zero: false }
    }

    fn found(class: u32, image: u32, score: f64, x: f64) -> Found {
        Found { class, image, score, bounds: [x, 0.0, 10.0, 10.0] }
    }

    #[test]
    fn every_box_and_every_detection_is_counted_once() {
        let truth = [there(0, 0, 0.0), there(0, 2, 0.0), there(1, 0, 100.0), there(1, 3, 0.0)];
        let found = [
            found(0, 0, 0.9, 1.0),
            // Taken for the other class, with the better overlap, by the surer one.
            found(0, 0, 0.8, 100.0),
            found(1, 0, 0.7, 101.0),
            // Not sure enough.
            found(0, 2, 0.1, 0.0),
            // Where nothing is.
            found(1, 9, 0.5, 0.0),
        ];
        let confusion = Confusion::new(&found, &truth, 2, 0.5, 0.25);
        assert_eq!(confusion.counts, [[1, 0, 1], [1, 0, 1], [0, 2, 0]]);
    }

    #[test]
    fn crowds_are_left_out() {
        let crowd = TruthBox { is_crowd: true, bounds: [0.0, 0.0, 100.0, 100.0], ..there(0, 0, 0.0) };
        let inside = [found(0, 0, 0.9, 10.0), found(1, 0, 0.9, 10.0)];
        let confusion = Confusion::new(&inside, &[crowd], 2, 0.5, 0.25);
        assert_eq!(confusion.counts, [[0, 0, 0], [0, 0, 0], [0, 1, 0]], "the other class is wrong");
    }
}
