//! Boxes that the network has sorted out itself: DETR's kin, and YOLO end to end.

use super::super::Detection;
use super::super::PixelBox;
use super::super::letterbox::Mapping;
use super::Sieve;

/// [boxes, 6]: two corners in pixels of the picture, confidence, class.
pub(super) fn end_to_end(values: &[f32], mapping: &Mapping, sieve: &mut Sieve, found: &mut Vec<Detection>) {
    for one in values.chunks_exact(6) {
        if let Some(class) = class_number(one[5]) {
            sieve.keep(class, one[4], mapping.between([one[0], one[1], one[2], one[3]]), found);
        }
    }
}

/// [queries, 4 + classes]: centre and sides in parts of the picture, a probability per class.
pub(super) fn joined(
    values: &[f32],
    classes: usize,
    size: [f32; 2],
    mapping: &Mapping,
    sieve: &mut Sieve,
    found: &mut Vec<Detection>,
) {
    for query in values.chunks_exact(4 + classes) {
        let (bounds, probabilities) = query.split_at(4);
        for (class, probability) in probabilities.iter().enumerate() {
            if sieve.is_sure(*probability) {
                sieve.keep(class, *probability, parts(bounds, size, mapping), found);
            }
        }
    }
}

/// Scores [queries, classes] and boxes [queries, 4] in parts of the picture.
pub(super) struct Queries<'o> {
    pub scores: &'o [f32],
    pub boxes: &'o [f32],
    pub classes: usize,
    pub are_logits: bool,
}

impl Queries<'_> {
    /// Every class of a query that is sure enough is a detection, as in the post-processing of RT-DETR (Zhao et al.
    /// 2024).
    pub fn decode(&self, size: [f32; 2], mapping: &Mapping, sieve: &mut Sieve, found: &mut Vec<Detection>) {
        let queries = self.scores.chunks_exact(self.classes.max(1)).zip(self.boxes.chunks_exact(4));
        for (scores, bounds) in queries {
            for (class, score) in scores.iter().enumerate() {
                let probability = if self.are_logits { 1.0 / (1.0 + (-score).exp()) } else { *score };
                if sieve.is_sure(probability) {
                    sieve.keep(class, probability, parts(bounds, size, mapping), found);
                }
            }
        }
    }
}

/// Classes, corners in pixels of the frame and confidences, one per query.
pub(super) fn sized(
    labels: &[i64],
    boxes: &[f32],
    scores: &[f32],
    sieve: &mut Sieve,
    found: &mut Vec<Detection>,
) {
    for ((label, bounds), score) in labels.iter().zip(boxes.chunks_exact(4)).zip(scores) {
        let [left, top, right, bottom] = [bounds[0], bounds[1], bounds[2], bounds[3]];
        let bounds = PixelBox { x: left, y: top, width: right - left, height: bottom - top };
        if let Ok(class) = usize::try_from(*label) {
            sieve.keep(class, *score, bounds, found);
        }
    }
}

fn parts(bounds: &[f32], [width, height]: [f32; 2], mapping: &Mapping) -> PixelBox {
    mapping.centred([bounds[0] * width, bounds[1] * height, bounds[2] * width, bounds[3] * height])
}

fn class_number(value: f32) -> Option<usize> {
    (value >= 0.0 && value < f32::from(u16::MAX)).then(|| value.round() as usize)
}

#[cfg(test)]
mod tests {
    use super::super::super::letterbox::Fit;
    use super::*;

    fn sieve() -> Sieve {
        Sieve::new(0.3, Some(vec![true, false, true]), 3)
    }

    #[test]
    fn boxes_in_parts_of_a_stretched_picture_are_parts_of_the_frame() {
        let mapping = Fit::Stretch.place((200, 100), (64, 64)).1;
        let boxes = [0.5, 0.5, 0.1, 0.2];
        // 0.88, 0.12, 0.5 as probabilities; the second class is not wanted.
        let queries = Queries { scores: &[2.0, -2.0, 0.0], boxes: &boxes, classes: 3, are_logits: true };
        let mut found = Vec::new();
        queries.decode([64.0, 64.0], &mapping, &mut sieve(), &mut found);
        assert_eq!(found.len(), 2);
        let bounds = found[0].bounds;
        let near = [bounds.x - 90.0, bounds.y - 40.0, bounds.width - 20.0, bounds.height - 20.0];
        assert!(near.iter().all(|off| off.abs() < 1e-3), "{bounds:?}");
        assert!((found[0].confidence - 0.880_797).abs() < 1e-5 && found[1].confidence == 0.5);
        let mut also = Vec::new();
        let values = [0.5, 0.5, 0.1, 0.2, 0.88, 0.9, 0.5];
        joined(&values, 3, [64.0, 64.0], &mapping, &mut sieve(), &mut also);
        assert_eq!(also.iter().map(|one| one.bounds).collect::<Vec<_>>(), [found[0].bounds; 2]);
    }

    #[test]
    fn end_to_end_and_sized_outputs_are_read_as_they_are() {
        let mapping = Fit::Centred.place((128, 64), (64, 64)).1;
        let values =
            [8.0, 20.0, 16.0, 32.0, 0.9, 2.0, 8.0, 20.0, 16.0, 32.0, 0.9, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let mut found = Vec::new();
        end_to_end(&values, &mapping, &mut sieve(), &mut found);
        let expected = PixelBox { x: 16.0, y: 8.0, width: 16.0, height: 24.0 };
        assert_eq!(found, [Detection { class: 2, confidence: 0.9, bounds: expected }]);
        found.clear();
        let boxes = [16.0, 8.0, 32.0, 32.0].repeat(4);
        sized(&[2, -1, 3, 2], &boxes, &[0.9, 0.9, 0.9, f32::NAN], &mut sieve(), &mut found);
        assert_eq!(found, [Detection { class: 2, confidence: 0.9, bounds: expected }]);
        let mut all = Sieve::new(0.3, None, 3);
        sized(&[2, 7, 90], &boxes, &[0.9, 0.8, 0.1], &mut all, &mut found);
        assert_eq!(
            (found.len(), all.unnamed),
            (2, Some((1, 7))),
            "what has no name is counted where it is sure"
        );
        found.truncate(1);
        for class in [f32::NAN, -1.0, f32::INFINITY] {
            end_to_end(&[8.0, 20.0, 16.0, 32.0, 0.9, class], &mapping, &mut sieve(), &mut found);
        }
        assert_eq!(found.len(), 1);
    }
}
