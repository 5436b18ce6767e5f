//! COCO's twelve numbers.

use serde::Serialize;

use super::matching::THRESHOLDS;
use super::precision::ClassScores;

/// Areas by their number.
pub(super) const ALL: usize = 0;
/// A hundred detections per image, by its number.
pub(super) const HUNDRED: usize = 2;

/// COCO's numbers, means over classes, 0–1; -1 where there is nothing to find.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Average precision, over overlaps 0.5 … 0.95.
    pub ap: f64,
    /// The same at 0.5.
    pub ap50: f64,
    /// The same at 0.75.
    pub ap75: f64,
    /// Average precision of what is smaller than 32² pixels.
    pub ap_small: f64,
    /// … of 32² to 96².
    pub ap_medium: f64,
    /// … of more than 96².
    pub ap_large: f64,
    /// Average recall with the surest detection of an image.
    pub ar1: f64,
    /// … with the ten surest.
    pub ar10: f64,
    /// … with a hundred.
    pub ar100: f64,
    /// Average recall of what is smaller than 32² pixels.
    pub ar_small: f64,
    /// … of 32² to 96².
    pub ar_medium: f64,
    /// … of more than 96².
    pub ar_large: f64,
}

impl Summary {
    /// Of all `classes`.
    pub fn of(classes: &[ClassScores]) -> Self {
        let every = 0..THRESHOLDS;
        let ap = |area, thresholds| average_precision(classes, area, thresholds);
        let ar = |area, most| average_recall(classes, area, most);
        Self {
            ap: ap(ALL, every.clone()),
            ap50: ap(ALL, 0..1),
            ap75: ap(ALL, 5..6),
            ap_small: ap(1, every.clone()),
            ap_medium: ap(2, every.clone()),
            ap_large: ap(3, every),
            ar1: ar(ALL, 0),
            ar10: ar(ALL, 1),
            ar100: ar(ALL, HUNDRED),
            ar_small: ar(1, HUNDRED),
            ar_medium: ar(2, HUNDRED),
            ar_large: ar(3, HUNDRED),
        }
    }

    /// Name and value of each number, in COCO's order.
    pub fn values(&self) -> [(&'static str, f64); 12] {
        [
            ("AP", self.ap),
            ("AP50", self.ap50),
            ("AP75", self.ap75),
            ("AP small", self.ap_small),
            ("AP medium", self.ap_medium),
            ("AP large", self.ap_large),
            ("AR 1", self.ar1),
            ("AR 10", self.ar10),
            ("AR 100", self.ar100),
            ("AR small", self.ar_small),
            ("AR medium", self.ar_medium),
            ("AR large", self.ar_large),
        ]
    }
}

/// Mean of the precisions that there are.
pub(super) fn average_precision(
    classes: &[ClassScores],
    area: usize,
    thresholds: std::ops::Range<usize>,
) -> f64 {
    mean(classes.iter().flat_map(|class| {
        thresholds
            .clone()
            .flat_map(move |threshold| class.precision(area, HUNDRED, threshold).iter().copied())
    }))
}

/// Mean of the recalls that there are.
pub(super) fn average_recall(classes: &[ClassScores], area: usize, most: usize) -> f64 {
    mean(
        classes
            .iter()
            .flat_map(|class| (0..THRESHOLDS).map(move |threshold| class.recall(area, most, threshold))),
    )
}

/// Mean of the values above -1; -1 where there are none.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values
        .filter(|&value| value > -1.0)
        .fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { -1.0 } else { sum / count as f64 }
}
