//! Non-maximum suppression: of boxes that are the same thing, the surest stays.

use super::super::box_grid::BoxGrid;
use super::Detection;

/// Suppresses per class; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Suppressor {
    kept: BoxGrid,
}

impl Suppressor {
    /// Sorts `found`, the surest first, and leaves of those of one class that overlap by more than `iou` the
    /// surest. What remains is looked up by place, so that ten thousand boxes side by side cost what they should.
    pub fn apply(&mut self, found: &mut Vec<Detection>, iou: f32) {
        found.sort_unstable_by(Detection::order);
        self.kept.clear(found.len());
        let mut count = 0;
        for next in 0..found.len() {
            let candidate = found[next];
            let unique = self.kept.near(&candidate.bounds, |kept| {
                let kept = &found[kept];
                kept.class != candidate.class || kept.bounds.overlap(&candidate.bounds) <= iou
            });
            if unique {
                self.kept.insert(&candidate.bounds);
                found[count] = candidate;
                count += 1;
            }
        }
        found.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use super::super::PixelBox;
    use super::*;

    fn random(count: usize, classes: u16) -> Vec<Detection> {
        let mut random = fastrand::Rng::with_seed(9);
        let one = |_| Detection {
            class: random.u16(0..classes),
            confidence: random.f32(),
            bounds: PixelBox {
                x: random.f32() * 600.0,
                y: random.f32() * 400.0,
                width: 5.0 + random.f32() * 90.0,
                height: 5.0 + random.f32() * 90.0,
            },
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn it_leaves_what_looking_at_all_pairs_leaves() {
        for (count, classes) in [(0, 1), (1, 1), (300, 1), (2000, 3)] {
            let mut found = random(count, classes);
            let mut sorted = found.clone();
            sorted.sort_by(Detection::order);
            let mut expected: Vec<Detection> = Vec::new();
            for one in sorted {
                let same =
                    |other: &Detection| other.class == one.class && other.bounds.overlap(&one.bounds) > 0.45;
                if !expected.iter().any(same) {
                    expected.push(one);
                }
            }
            Suppressor::default().apply(&mut found, 0.45);
            assert!(found == expected, "{} and {} of {count}", found.len(), expected.len());
            assert!(count < 300 || (found.len() < count && found.len() > 10));
        }
    }

    #[test]
    fn equal_detections_come_in_one_order_whatever_order_they_came_in() {
        let mut found = random(200, 4);
        found.iter_mut().for_each(|one| one.confidence = 0.5);
        let mut reversed = found.iter().rev().copied().collect();
        Suppressor::default().apply(&mut found, 0.3);
        Suppressor::default().apply(&mut reversed, 0.3);
        assert!(found == reversed);
    }
}
