//! Which detections are right: COCO's matching of one class in one image, `evaluateImg` of its tools.

use super::detections::Found;
use super::truth::TruthBox;

/// Ranges of areas in square pixels, both ends included: all, small, medium, large.
pub const AREAS: [[f64; 2]; 4] =
    [[0.0, 1e10], [0.0, 32.0 * 32.0], [32.0 * 32.0, 96.0 * 96.0], [96.0 * 96.0, 1e10]];
/// How many overlaps a detection is judged at.
pub const THRESHOLDS: usize = 10;

/// Overlaps from which on a detection is right: 0.5, 0.55 … 0.95, to the last bit as `numpy.linspace` has them.
pub fn thresholds() -> [f64; THRESHOLDS] {
    let (first, last) = (0.5, 0.95);
    let step = (last - first) / (THRESHOLDS - 1) as f64;
    std::array::from_fn(|at| if at + 1 == THRESHOLDS { last } else { at as f64 * step + first })
}

/// How a detection did. Bits are thresholds, fields are areas.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Judged {
    pub(super) score: f64,
    /// Its place in its image, the surest is 0.
    pub(super) place: u8,
    pub(super) is_matched: [u16; AREAS.len()],
    pub(super) is_ignored: [u16; AREAS.len()],
}

/// Intersection over union; over the detection's own area where the truth is a crowd.
pub(super) fn overlap(found: [f64; 4], truth: [f64; 4], is_crowd: bool) -> f64 {
    let width = (found[2] + found[0]).min(truth[2] + truth[0]) - found[0].max(truth[0]);
    let height = (found[3] + found[1]).min(truth[3] + truth[1]) - found[1].max(truth[1]);
    if width <= 0.0 || height <= 0.0 {
        return 0.0;
    }
    let (shared, own) = (width * height, found[2] * found[3]);
    let all = if is_crowd { own } else { own + truth[2] * truth[3] - shared };
    shared / all
}

/// Judges one class of one image after the other, with buffers that are used again.
#[derive(Default)]
pub(super) struct Matcher {
    overlaps: Vec<f64>,
    order: Vec<usize>,
    is_ignored: Vec<bool>,
    is_taken: Vec<bool>,
}

impl Matcher {
    /// Judges `found`, the surest first, and counts the boxes of the truth of each range of areas in `expected`.
    pub(super) fn judge(
        &mut self,
        found: &[Found],
        truth: &[TruthBox],
        judged: &mut Vec<Judged>,
        expected: &mut [u64; AREAS.len()],
    ) {
        let first = judged.len();
        judged.extend((0..).zip(found).map(|(place, found)| Judged {
            score: found.score,
            place,
            ..Judged::default()
        }));
        self.overlaps.clear();
        for one in found {
            self.overlaps.extend(truth.iter().map(|there| overlap(one.bounds, there.bounds, there.is_crowd)));
        }
        for (area, [least, most]) in AREAS.into_iter().enumerate() {
            let is_outside = |size: f64| size < least || size > most;
            self.is_ignored.clear();
            self.is_ignored.extend(truth.iter().map(|there| there.is_crowd || is_outside(there.area)));
            expected[area] += self.is_ignored.iter().filter(|&&is_ignored| !is_ignored).count() as u64;
            // Those that count come first.
            self.order.clear();
            self.order.extend(0..truth.len());
            self.order.sort_by_key(|&at| self.is_ignored[at]);
            for (bit, threshold) in thresholds().into_iter().enumerate() {
                self.is_taken.clear();
                self.is_taken.resize(truth.len(), false);
                for (at, one) in found.iter().enumerate() {
                    let judged = &mut judged[first + at];
                    let bit = 1 << bit;
                    let overlaps = &self.overlaps[at * truth.len()..][..truth.len()];
                    let taken = self.best(truth, overlaps, threshold);
                    if let Some(taken) = taken {
                        self.is_taken[taken] = true;
                        if self.is_ignored[taken] {
                            judged.is_ignored[area] |= bit;
                        }
                    }
                    // COCO's tools note the id of the box that was matched, and take 0 for none.
                    if taken.is_some_and(|taken| !truth[taken].is_zero) {
                        judged.is_matched[area] |= bit;
                    } else if is_outside(one.bounds[2] * one.bounds[3]) {
                        judged.is_ignored[area] |= bit;
                    }
                }
            }
        }
    }

    /// The box that overlaps most of those that are not taken; one that is ignored only where no other does.
    fn best(&self, truth: &[TruthBox], overlaps: &[f64], threshold: f64) -> Option<usize> {
        let (mut most, mut best) = (threshold.min(1.0 - 1e-10), None);
        for &at in &self.order {
            if self.is_taken[at] && !truth[at].is_crowd {
                continue;
            }
            if self.is_ignored[at] && best.is_some_and(|best: usize| !self.is_ignored[best]) {
                break;
            }
            if overlaps[at] >= most {
                (most, best) = (overlaps[at], Some(at));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(bounds: [f64; 4], is_crowd: bool) -> TruthBox {
        TruthBox { image: 0, class: 0, bounds, area: bounds[2] * bounds[3], is_crowd, is_zero: false }
    }

    fn found(score: f64, bounds: [f64; 4]) -> Found {
        Found { class: 0, image: 0, score, bounds }
    }

    fn judge(found: &[Found], truth: &[TruthBox]) -> (Vec<Judged>, [u64; 4]) {
        let (mut judged, mut expected) = (Vec::new(), [0; 4]);
        Matcher::default().judge(found, truth, &mut judged, &mut expected);
        (judged, expected)
    }

    const ALL: u16 = (1 << THRESHOLDS) - 1;

    #[test]
    fn thresholds_are_those_of_numpy() {
        let all = thresholds();
        assert_eq!((all[0], all[5], all[9]), (0.5, 0.75, 0.95));
        assert_eq!(all[2].to_bits(), 0.6_f64.to_bits());
    }

    #[test]
    fn a_box_is_found_once() {
        let boxed = [10.0, 10.0, 50.0, 50.0];
        let (judged, expected) = judge(&[found(0.9, boxed), found(0.8, boxed)], &[there(boxed, false)]);
        assert_eq!(expected, [1, 0, 1, 0], "2500 square pixels are medium");
        assert_eq!((judged[0].is_matched[0], judged[1].is_matched[0]), (ALL, 0));
        assert_eq!((judged[1].is_ignored[0], judged[1].is_ignored[1], judged[1].is_ignored[2]), (0, ALL, 0));
    }

    #[test]
    fn what_lies_in_a_crowd_is_neither_right_nor_wrong() {
        let crowd = there([0.0, 0.0, 200.0, 200.0], true);
        let inside = [10.0, 10.0, 20.0, 20.0];
        let (judged, expected) = judge(&[found(0.9, inside), found(0.8, inside)], &[crowd]);
        assert_eq!(expected, [0; 4]);
        assert!(judged.iter().all(|one| one.is_ignored[0] == ALL));
    }

    #[test]
    fn overlaps_are_areas() {
        assert_eq!(overlap([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 2.0, 2.0], false), 1.0 / 3.0);
        assert_eq!(overlap([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 2.0, 2.0], true), 0.5);
        assert_eq!(overlap([0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 2.0, 2.0], false), 0.0);
        assert_eq!(overlap([0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 2.0, 2.0], false), 0.0, "edges touch");
    }
}
