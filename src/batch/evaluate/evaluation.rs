//! Everything that is said about detections.

use serde::Serialize;

use super::confusion::Confusion;
use super::detections::{Detections, Tally};
use super::matching::{AREAS, Matcher, THRESHOLDS, thresholds};
use super::precision::{CONFIDENCES, ClassScores, confidence};
use super::summary::{ALL, HUNDRED, Summary, average_precision, average_recall, mean};
use super::truth::Truth;

/// From where on a detection counts, in the confusion matrix and where precision and recall are told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Overlap: one of 0.5, 0.55 … 0.95 (the nearest is taken); default 0.5.
    pub iou: f64,
    /// Confidence, 0–1, to hundredths; default 0.25.
    pub confidence: f64,
}

impl Default for OperatingPoint {
    fn default() -> Self {
        Self { iou: 0.5, confidence: 0.25 }
    }
}

impl OperatingPoint {
    fn threshold(self) -> usize {
        (((self.iou - 0.5) / 0.05).round().max(0.0) as usize).min(THRESHOLDS - 1)
    }

    fn place(self) -> usize {
        ((self.confidence * (CONFIDENCES - 1) as f64).round().max(0.0) as usize).min(CONFIDENCES - 1)
    }
}

/// How well a detector does.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// Images of the truth; all are looked at.
    pub images: usize,
    /// COCO's numbers.
    pub summary: Summary,
    /// The operating point that `right`, `precision` and the like are told at.
    pub iou: f64,
    /// Its confidence.
    pub confidence: f64,
    /// What was read, and what of it could not be compared.
    pub tally: Tally,
    /// Boxes of images or classes that the truth itself does not list.
    pub stray_boxes: u64,
    /// Each class of the truth, the best AP first, then by name; those without boxes last.
    pub classes: Vec<ClassReport>,
    /// Precision at recalls 0, 0.01 … 1, mean over classes, for each overlap 0.5 … 0.95.
    pub precision_by_recall: Vec<Vec<f64>>,
    /// Precision, recall and F1 of all classes together at confidences 0, 0.01 … 1.
    pub by_confidence: Vec<Rates>,
    /// Classes of the matrix, in the order of the truth's ids.
    pub confusion_classes: Vec<String>,
    /// What is taken for what.
    pub confusion: Confusion,
}

/// How well one class is found; -1 where nothing is to be found.
#[derive(Debug, Clone, Serialize)]
pub struct ClassReport {
    /// Name in the truth.
    pub name: String,
    /// Boxes to be found.
    pub truth: u64,
    /// Crowds.
    pub crowds: u64,
    /// Detections, the surest hundred of each image.
    pub detections: u64,
    /// Average precision, over overlaps 0.5 … 0.95.
    pub ap: f64,
    /// The same at 0.5.
    pub ap50: f64,
    /// The same at 0.75.
    pub ap75: f64,
    /// Average precision of what is smaller than 32² pixels, of 32² to 96², and of more.
    pub ap_by_size: [f64; AREAS.len() - 1],
    /// Average recall with a hundred detections of an image.
    pub ar100: f64,
    /// At the operating point.
    pub at_point: Rates,
    /// Where F1 is best.
    pub best: Rates,
    /// Precision at recalls 0, 0.01 … 1, at the operating point's overlap.
    pub precision_by_recall: Vec<f64>,
}

impl Evaluation {
    /// Classes that are in the images, or were surely found.
    pub(super) fn told(&self) -> impl Iterator<Item = &ClassReport> {
        self.classes.iter().filter(|class| class.is_told())
    }

    /// A line for all other classes.
    pub(super) fn others(&self) -> Option<String> {
        let others: Vec<&ClassReport> = self.classes.iter().filter(|class| !class.is_told()).collect();
        let found: u64 = others.iter().map(|class| class.detections).sum();
        let (count, confidence) = (others.len(), self.confidence);
        (count > 0).then(|| match found {
            0 => format!("{count} more classes are in no image, and were not found"),
            _ => format!("{count} more classes are in no image: {found} detections below {confidence:.2}"),
        })
    }
}

impl ClassReport {
    fn is_told(&self) -> bool {
        self.truth + self.crowds + self.at_point.right + self.at_point.wrong > 0
    }

    /// Average precision at the operating point's overlap.
    pub(super) fn average_at_point(&self) -> f64 {
        mean(self.precision_by_recall.iter().copied())
    }
}

/// Right and wrong detections from a confidence on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// The confidence.
    pub confidence: f64,
    /// Boxes that are found.
    pub right: u64,
    /// Detections where no box is.
    pub wrong: u64,
    /// Boxes that are missed.
    pub missed: u64,
    /// `right` of all detections; -1 without any.
    pub precision: f64,
    /// `right` of all boxes; -1 without any.
    pub recall: f64,
    /// Harmonic mean of both; -1 where there is neither a detection nor a box.
    pub f1: f64,
}

impl Rates {
    fn new(confidence: f64, [right, wrong]: [u64; 2], expected: u64) -> Self {
        let share = |of: u64| if of == 0 { -1.0 } else { right as f64 / of as f64 };
        let missed = expected.saturating_sub(right);
        let all = 2 * right + wrong + missed;
        let f1 = if all == 0 { -1.0 } else { 2.0 * right as f64 / all as f64 };
        Self {
            confidence,
            right,
            wrong,
            missed,
            precision: share(right + wrong),
            recall: share(expected),
            f1,
        }
    }
}

/// Scores of every class, in the order of the truth's classes.
pub fn score(detections: &Detections, truth: &Truth) -> Vec<ClassScores> {
    let (mut found, mut boxes) = (detections.found.as_slice(), truth.boxes.as_slice());
    let (mut matcher, mut judged) = (Matcher::default(), Vec::new());
    (0..truth.classes.len() as u32)
        .map(|class| {
            let (own, later) = found.split_at(found.partition_point(|found| found.class <= class));
            let (there, others) = boxes.split_at(boxes.partition_point(|there| there.class <= class));
            (found, boxes) = (later, others);
            judged.clear();
            let mut expected = [0; AREAS.len()];
            let (mut own, mut there) = (own, there);
            while let Some(image) =
                own.first().map(|one| one.image).into_iter().chain(there.first().map(|one| one.image)).min()
            {
                let (here, next) = own.split_at(own.partition_point(|one| one.image <= image));
                let (boxes, others) = there.split_at(there.partition_point(|one| one.image <= image));
                matcher.judge(here, boxes, &mut judged, &mut expected);
                (own, there) = (next, others);
            }
            ClassScores::new(&judged, expected)
        })
        .collect()
}

/// Compares detections with the truth as COCO's tools do, and says where they differ.
pub fn evaluate(detections: &Detections, truth: &Truth, point: OperatingPoint) -> Evaluation {
    let (threshold, place) = (point.threshold(), point.place());
    let scores = score(detections, truth);
    let classes = truth.classes.iter().enumerate().zip(&scores).map(|((class, name), scores)| {
        let own = |other: u32| other as usize == class;
        let rates = |at| Rates::new(confidence(at), scores.counts(threshold, at), scores.expected[ALL]);
        let best =
            (0..CONFIDENCES).map(rates).reduce(|best, next| if next.f1 > best.f1 { next } else { best });
        let one = std::slice::from_ref(scores);
        ClassReport {
            name: name.clone(),
            truth: scores.expected[ALL],
            crowds: truth.boxes.iter().filter(|there| own(there.class) && there.is_crowd).count() as u64,
            detections: detections.found.iter().filter(|found| own(found.class)).count() as u64,
            ap: average_precision(one, ALL, 0..THRESHOLDS),
            ap50: average_precision(one, ALL, 0..1),
            ap75: average_precision(one, ALL, 5..6),
            ap_by_size: [1, 2, 3].map(|area| average_precision(one, area, 0..THRESHOLDS)),
            ar100: average_recall(one, ALL, HUNDRED),
            at_point: rates(place),
            best: best.unwrap_or_else(|| rates(place)),
            precision_by_recall: scores.precision(ALL, HUNDRED, threshold).to_vec(),
        }
    });
    let mut classes: Vec<ClassReport> = classes.collect();
    classes.sort_by(|a, b| b.ap.total_cmp(&a.ap).then_with(|| a.name.cmp(&b.name)));
    let iou = thresholds()[threshold];
    Evaluation {
        images: truth.names.len(),
        summary: Summary::of(&scores),
        iou,
        confidence: confidence(place),
        tally: detections.tally.clone(),
        stray_boxes: truth.stray,
        classes,
        precision_by_recall: (0..THRESHOLDS).map(|threshold| mean_curve(&scores, threshold)).collect(),
        by_confidence: (0..CONFIDENCES).map(|at| together(&scores, threshold, at)).collect(),
        confusion_classes: truth.classes.clone(),
        confusion: Confusion::new(
            &detections.found,
            &truth.boxes,
            truth.classes.len(),
            iou,
            confidence(place),
        ),
    }
}

fn mean_curve(scores: &[ClassScores], threshold: usize) -> Vec<f64> {
    let places = 0..super::precision::RECALLS;
    places.map(|at| mean(scores.iter().map(|class| class.precision(ALL, HUNDRED, threshold)[at]))).collect()
}

/// All classes that have boxes, as one.
fn together(scores: &[ClassScores], threshold: usize, at: usize) -> Rates {
    let (mut counts, mut expected) = ([0; 2], 0);
    for class in scores {
        let [right, wrong] = class.counts(threshold, at);
        counts = [counts[0] + right, counts[1] + wrong];
        expected += class.expected[ALL];
    }
    Rates::new(confidence(at), counts, expected)
}
