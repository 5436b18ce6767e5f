//! Precision and recall of one class: `accumulate` of COCO's tools.

use std::cmp::Ordering;

use super::matching::{AREAS, Judged, THRESHOLDS};
use super::truth::MOST_CLASSES;
use crate::memory::{Bound, Each, bound};

/// How many detections of an image count.
pub const MOST_DETECTIONS: [usize; 3] = [1, 10, 100];
/// Recalls that precision is told at: 0, 0.01 … 1.
pub const RECALLS: usize = 101;
/// Confidences that right and wrong detections are counted at: 0, 0.01 … 1.
pub const CONFIDENCES: usize = 101;

/// Recalls, to the last bit as `numpy.linspace` has them.
pub fn recalls() -> [f64; RECALLS] {
    std::array::from_fn(|at| if at + 1 == RECALLS { 1.0 } else { at as f64 * 0.01 })
}

/// Precisions and counts of a class.
pub(super) const SCORES: Bound = bound!(
    "evaluate.scores",
    "precision and recall of the classes of the ground truth",
    MOST_CLASSES,
    Each::Bytes(128 << 10),
    "refused"
);

/// How well one class is found. What cannot be said, because there is nothing to find, is -1.
#[derive(Debug, Clone)]
pub struct ClassScores {
    /// By area, number of detections, threshold and recall.
    precision: Vec<f64>,
    /// By area, number of detections and threshold.
    recall: Vec<f64>,
    /// Boxes to be found, by area.
    pub expected: [u64; AREAS.len()],
    /// Detections that are as sure as this or surer, right and wrong, by threshold and confidence; those of all areas.
    counts: Vec<[u64; 2]>,
}

/// One place of the table of scores.
fn at(area: usize, most: usize, threshold: usize) -> usize {
    (area * MOST_DETECTIONS.len() + most) * THRESHOLDS + threshold
}

impl ClassScores {
    /// `judged` is in the order of images, then of scores.
    pub(super) fn new(judged: &[Judged], expected: [u64; AREAS.len()]) -> Self {
        let cells = AREAS.len() * MOST_DETECTIONS.len() * THRESHOLDS;
        let mut scores = Self {
            precision: vec![-1.0; cells * RECALLS],
            recall: vec![-1.0; cells],
            expected,
            counts: vec![[0; 2]; THRESHOLDS * CONFIDENCES],
        };
        let mut order: Vec<u32> = (0..).take(judged.len()).collect();
        let score = |at: u32| judged[at as usize].score;
        order.sort_by(|&a, &b| score(b).partial_cmp(&score(a)).unwrap_or(Ordering::Equal));
        let mut line = Vec::with_capacity(judged.len());
        for (area, &expected) in expected.iter().enumerate() {
            if expected == 0 {
                continue;
            }
            for (most, &limit) in MOST_DETECTIONS.iter().enumerate() {
                for threshold in 0..THRESHOLDS {
                    line.clear();
                    let (mut right, mut wrong) = (0_u64, 0_u64);
                    let counted = order.iter().map(|&at| &judged[at as usize]);
                    for one in counted.filter(|one| usize::from(one.place) < limit) {
                        if one.is_ignored[area] >> threshold & 1 == 0 {
                            match one.is_matched[area] >> threshold & 1 {
                                1 => right += 1,
                                _ => wrong += 1,
                            }
                        }
                        let share = right as f64 / ((wrong + right) as f64 + f64::EPSILON);
                        line.push((right as f64 / expected as f64, share));
                    }
                    scores.set(at(area, most, threshold), &mut line);
                }
            }
        }
        scores.count(judged);
        scores
    }

    /// `line` is recall and precision as detections are added.
    fn set(&mut self, cell: usize, line: &mut [(f64, f64)]) {
        self.recall[cell] = line.last().map_or(0.0, |last| last.0);
        for at in (1..line.len()).rev() {
            line[at - 1].1 = line[at - 1].1.max(line[at].1);
        }
        let precision = &mut self.precision[cell * RECALLS..][..RECALLS];
        for (value, recall) in precision.iter_mut().zip(recalls()) {
            let place = line.partition_point(|&(reached, _)| reached < recall);
            *value = line.get(place).map_or(0.0, |&(_, precision)| precision);
        }
    }

    fn count(&mut self, judged: &[Judged]) {
        for one in judged {
            // The last confidence that it is not below.
            let last = (0..CONFIDENCES).rev().find(|&at| one.score >= confidence(at));
            for threshold in 0..THRESHOLDS {
                if let Some(last) = last
                    && one.is_ignored[0] >> threshold & 1 == 0
                {
                    let is_right = one.is_matched[0] >> threshold & 1 == 1;
                    self.counts[threshold * CONFIDENCES + last][usize::from(!is_right)] += 1;
                }
            }
        }
        for line in self.counts.chunks_mut(CONFIDENCES) {
            for at in (1..line.len()).rev() {
                let [right, wrong] = line[at];
                line[at - 1][0] += right;
                line[at - 1][1] += wrong;
            }
        }
    }

    /// Precision at each of [`recalls`], interpolated; -1 where there is nothing to find.
    pub fn precision(&self, area: usize, most: usize, threshold: usize) -> &[f64] {
        &self.precision[at(area, most, threshold) * RECALLS..][..RECALLS]
    }

    /// The share of boxes that is found; -1 where there is nothing to find.
    pub fn recall(&self, area: usize, most: usize, threshold: usize) -> f64 {
        self.recall[at(area, most, threshold)]
    }

    /// Right and wrong detections that are as sure as the confidence number `confidence`, or surer.
    pub fn counts(&self, threshold: usize, confidence: usize) -> [u64; 2] {
        self.counts[threshold * CONFIDENCES + confidence]
    }
}

/// Confidence number `at`.
pub fn confidence(at: usize) -> f64 {
    at as f64 / (CONFIDENCES - 1) as f64
}
