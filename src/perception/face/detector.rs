//! Where faces are: BlazeFace boxes with six key points.

use std::time::{Duration, Instant};

use super::anchors::anchors;
use crate::frame::{Frame, Resampler, RgbImage, Roi};
use crate::perception::PerceptionError;
use crate::perception::net::Net;

/// Values per box: centre, size, six key points.
const BOX: usize = 16;
/// A box below this is no face. Source: MediaPipe's `min_detection_confidence` default.
const MIN_SCORE: f32 = 0.5;
/// Boxes that overlap more are one face. Source: MediaPipe's `min_suppression_threshold`.
const SAME_FACE: f32 = 0.3;

/// A face found; positions in frame pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Detection {
    /// 0–1.
    pub score: f32,
    /// Left, top, right, bottom.
    pub bbox: [f32; 4],
    /// The person's right eye and left eye.
    pub eyes: [[f32; 2]; 2],
}

/// The detector net with its anchors and buffers.
#[derive(Debug)]
pub(super) struct Detector {
    net: Net,
    anchors: Vec<[f32; 2]>,
    boxes: String,
    scores: String,
    picture: RgbImage,
    candidates: Vec<Detection>,
}

impl Detector {
    pub fn new(net: Net) -> Result<Self, PerceptionError> {
        let (width, height) = net.size();
        let counted: Vec<(String, usize)> =
            net.outputs().map(|(name, count)| (name.to_owned(), count)).collect();
        let find = |elements: usize| {
            counted.iter().find(|(_, count)| *count == elements).map(|(name, _)| name.clone())
        };
        let most = counted.iter().map(|(_, count)| *count).max().unwrap_or(0) / BOX;
        let (Some(boxes), Some(scores)) = (find(most * BOX), find(most)) else {
            return Err(net.contract("it has no pair of outputs for boxes and scores"));
        };
        let anchors = (width == height).then(|| anchors(width, most)).flatten();
        let Some(anchors) = anchors else {
            return Err(net.contract(format!("no anchors are known for {most} boxes at {width}×{height}")));
        };
        Ok(Self { net, anchors, boxes, scores, picture: RgbImage::default(), candidates: Vec::new() })
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    /// Adds the faces inside the square `part` of `frame` to `found`, best first. The net knows faces that
    /// lean against the square by up to about half a right angle.
    ///
    /// Pixels are picked without antialiasing, as MediaPipe picks them: with it, boxes move so much that
    /// landmarks differ by 0.5 % of the distance of the eyes, and no more faces are found.
    pub fn detect(
        &mut self,
        frame: &Frame,
        part: Roi,
        resampler: &mut Resampler,
        found: &mut Vec<Detection>,
        (preprocess, inference): (&mut Duration, &mut Duration),
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let (size, _) = self.net.size();
        resampler.turned_on_black(frame, part, size, &mut self.picture)?;
        self.net.feed(&self.picture);
        *preprocess += start.elapsed();
        let outputs = self.net.run(inference)?;
        let (_, boxes) = outputs.get(&self.boxes)?;
        let (_, scores) = outputs.get(&self.scores)?;
        self.candidates.clear();
        for ((raw, logit), anchor) in boxes.chunks_exact(BOX).zip(scores).zip(&self.anchors) {
            let score = 1.0 / (1.0 + (-logit.clamp(-100.0, 100.0)).exp());
            if score >= MIN_SCORE {
                self.candidates.push(decode(raw, *anchor, score, part, size));
            }
        }
        merge(&mut self.candidates, found);
        Ok(())
    }
}

fn decode(raw: &[f32], anchor: [f32; 2], score: f32, part: Roi, size: u32) -> Detection {
    let side = size as f32;
    let at = |x: f32, y: f32| part.point([x + anchor[0] * side, y + anchor[1] * side], size);
    let (half_w, half_h) = (raw[2] / 2.0, raw[3] / 2.0);
    let [x0, y0] = at(raw[0] - half_w, raw[1] - half_h);
    let [x1, y1] = at(raw[0] + half_w, raw[1] + half_h);
    let eyes = [at(raw[4], raw[5]), at(raw[6], raw[7])];
    Detection { score, bbox: [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)], eyes }
}

/// Weighted non-maximum suppression: boxes of one face become their mean, weighted by score.
fn merge(candidates: &mut Vec<Detection>, found: &mut Vec<Detection>) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    while let Some(best) = candidates.first().copied() {
        let mut sum = Detection { score: 0.0, bbox: [0.0; 4], eyes: [[0.0; 2]; 2] };
        candidates.retain(|other| {
            let same = *other == best || overlap(&best.bbox, &other.bbox) > SAME_FACE;
            if same {
                let weight = other.score;
                sum.score += weight;
                for (to, from) in sum.bbox.iter_mut().zip(other.bbox) {
                    *to += from * weight;
                }
                for (to, from) in sum.eyes.as_flattened_mut().iter_mut().zip(other.eyes.as_flattened()) {
                    *to += from * weight;
                }
            }
            !same
        });
        let bbox = sum.bbox.map(|v| v / sum.score);
        let eyes = sum.eyes.map(|eye| eye.map(|v| v / sum.score));
        found.push(Detection { score: best.score, bbox, eyes });
    }
}

/// Intersection over union of two boxes.
pub(super) fn overlap(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let side = |low: usize| (a[low + 2].min(b[low + 2]) - a[low].max(b[low])).max(0.0);
    let area = |r: &[f32; 4]| (r[2] - r[0]).max(0.0) * (r[3] - r[1]).max(0.0);
    let both = side(0) * side(1);
    both / (area(a) + area(b) - both).max(f32::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(score: f32, left: f32) -> Detection {
        Detection { score, bbox: [left, 0.0, left + 10.0, 10.0], eyes: [[left, 3.0]; 2] }
    }

    #[test]
    fn a_face_found_in_a_turned_square_is_told_where_it_is() {
        // The middle of the frame's upper right quarter, half a pixel off each way.
        let mut raw = [0.0; BOX];
        (raw[2], raw[3]) = (2.0, 1.0);
        let part = Roi { cx: 2.0, cy: 2.0, size: 4.0, angle: -std::f32::consts::FRAC_PI_2 };
        let found = decode(&raw, [2.5 / 4.0, 3.5 / 4.0], 0.9, part, 4);
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(&found.eyes[0], &[3.5, 1.5]), "{found:?}");
        assert!(near(&found.bbox, &[3.0, 0.5, 4.0, 2.5]), "its sides are swapped: {found:?}");
    }

    #[test]
    fn boxes_of_one_face_become_their_weighted_mean() {
        let mut candidates = vec![face(0.5, 2.0), face(1.0, 0.0), face(0.6, 50.0)];
        let mut found = Vec::new();
        merge(&mut candidates, &mut found);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].score, 1.0);
        assert!((found[0].bbox[0] - 2.0 * 0.5 / 1.5).abs() < 1e-5, "{:?}", found[0]);
        assert!((found[0].eyes[1][0] - 2.0 * 0.5 / 1.5).abs() < 1e-5);
        assert!((found[1].bbox[0] - 50.0).abs() < 1e-4);
    }
}
