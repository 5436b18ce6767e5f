//! What a detector found, as it is compared: of an image and class only the best, as COCO has it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::names::{Named, class_named};
use super::truth::Truth;
use crate::memory::{Bound, Each, bound};

/// Detections of one class in one image that count, the surest ones.
pub const MOST_PER_IMAGE: usize = 100;
/// Detections at most, of those that count.
pub const MOST_DETECTIONS: usize = 8 << 20;
/// Detections that are put in order at a time.
const FEW: usize = 256 << 10;
/// Names of classes that the truth lacks, and are told.
const MOST_NAMES: usize = 1000;

/// What is compared, once as it is read from a file and once together, and half as much while it is put in order.
pub(super) const FOUND: Bound = bound!(
    "evaluate.detections",
    "detections that are compared, the 100 surest of each image and class",
    MOST_DETECTIONS,
    Each::Bytes(size_of::<Found>() as u64 * 5 / 2),
    "refused"
);

/// A detection of an image and a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) class: u32,
    pub(super) image: u32,
    pub(super) score: f64,
    /// Left, upper edge, columns and rows, pixels.
    pub(super) bounds: [f64; 4],
}

/// The best detections of each image and class.
#[derive(Default)]
pub(super) struct Best {
    found: Vec<Found>,
    /// Length at which it is sifted the next time.
    limit: usize,
    /// How many of a class and an image do not count.
    left_out: HashMap<(u32, u32), u64>,
}

impl Best {
    /// Adds one; `false` when there are too many.
    #[must_use]
    pub(super) fn push(&mut self, found: Found) -> bool {
        if self.found.len() >= self.limit.max(FEW) {
            self.sift();
            if self.found.len() >= MOST_DETECTIONS {
                return false;
            }
            self.limit = (2 * self.found.len()).min(MOST_DETECTIONS);
        }
        self.found.push(found);
        true
    }

    /// Puts them in the order of class, image and score, those of one score as they came, and leaves out what does not
    /// count.
    fn sift(&mut self) {
        let place = |found: &Found| (found.class, found.image);
        let surer = |a: &Found, b: &Found| b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal);
        self.found.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| surer(a, b)));
        let Self { found, left_out, .. } = self;
        let (mut last, mut there) = (None, 0);
        found.retain(|found| {
            there = if last == Some(place(found)) { there + 1 } else { 1 };
            last = Some(place(found));
            if there > MOST_PER_IMAGE {
                *left_out.entry(place(found)).or_default() += 1;
            }
            there <= MOST_PER_IMAGE
        });
    }

    /// Those that count, in the order of class, image and score, and how many of a class and an image do not.
    pub(super) fn sorted(mut self) -> (Vec<Found>, HashMap<(u32, u32), u64>) {
        self.sift();
        (self.found, self.left_out)
    }
}

/// What was read, and what of it could not be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Files that were read, by form.
    pub files: BTreeMap<&'static str, u64>,
    /// Files that were passed over, and why.
    pub passed_over: BTreeMap<&'static str, u64>,
    /// Detections in them.
    pub detections: u64,
    /// Detections that were compared, before the surest hundred are taken.
    pub compared: u64,
    /// Detections in images that the truth lacks.
    pub other_images: u64,
    /// Detections in images whose name is that of several images of the truth.
    pub ambiguous_images: u64,
    /// Detections of classes that the truth lacks.
    pub other_classes: u64,
    /// The classes that the truth lacks, with their detections; the first thousand.
    pub other_class_names: BTreeMap<String, u64>,
    /// Images of the truth that no file lists; `None` where files do not list images.
    pub images_not_listed: Option<u64>,
    /// The name of an image that the truth lacks.
    pub other_image: Option<String>,
}

/// Takes in detections and puts them to the truth's images and classes.
pub(super) struct Intake<'t> {
    pub(super) truth: &'t Truth,
    best: Best,
    pub(super) tally: Tally,
    classes: HashMap<String, Option<u32>>,
    listed: Vec<bool>,
    has_unlisted: bool,
}

impl<'t> Intake<'t> {
    pub(super) fn new(truth: &'t Truth) -> Self {
        let listed = vec![false; truth.names.len()];
        let (best, tally, classes) = (Best::default(), Tally::default(), HashMap::new());
        Self { truth, best, tally, classes, listed, has_unlisted: false }
    }

    /// The image of this name; one that the truth lacks is noted.
    pub(super) fn image(&mut self, name: &str) -> Named {
        let named = self.truth.names.find(name);
        if named == Named::Nothing && self.tally.other_image.is_none() {
            self.tally.other_image = Some(name.to_owned());
        }
        named
    }

    /// The image was looked through.
    pub(super) fn list(&mut self, image: u32) {
        self.listed[image as usize] = true;
    }

    /// A file that does not say which images were looked through.
    pub(super) fn lists_no_images(&mut self) {
        self.has_unlisted = true;
    }

    /// The truth's class of this name.
    pub(super) fn class(&mut self, name: &str) -> Option<u32> {
        if let Some(&known) = self.classes.get(name) {
            return known;
        }
        let class = class_named(&self.truth.classes, name);
        if self.classes.len() < MOST_NAMES {
            self.classes.insert(name.to_owned(), class);
        }
        class
    }

    /// Takes in a detection; `name` is asked for its class where the truth lacks that. `false` when there are too many.
    #[must_use]
    pub(super) fn take(
        &mut self,
        image: Named,
        class: Option<u32>,
        name: impl FnOnce() -> String,
        score: f64,
        bounds: [f64; 4],
    ) -> bool {
        let place = self.count(image, class, name, 1);
        place.is_none_or(|(class, image)| self.best.push(Found { class, image, score, bounds }))
    }

    /// Counts `many` detections; the class and the image of the truth that they are to be compared with, if any.
    pub(super) fn count(
        &mut self,
        image: Named,
        class: Option<u32>,
        name: impl FnOnce() -> String,
        many: u64,
    ) -> Option<(u32, u32)> {
        let tally = &mut self.tally;
        match (image, class) {
            (Named::Nothing, _) => tally.other_images += many,
            (Named::Several, _) => tally.ambiguous_images += many,
            (Named::One(_), None) => {
                tally.other_classes += many;
                let (names, name) = (&mut tally.other_class_names, name());
                if names.len() < MOST_NAMES || names.contains_key(&name) {
                    *names.entry(name).or_default() += many;
                }
            }
            (Named::One(image), Some(class)) => {
                tally.compared += many;
                return Some((class, image));
            }
        }
        None
    }

    pub(super) fn finish(mut self) -> Detections {
        if !self.has_unlisted {
            let missing = self.listed.iter().filter(|&&is_listed| !is_listed).count();
            self.tally.images_not_listed = Some(missing as u64);
        }
        Detections { found: self.best.sorted().0, tally: self.tally }
    }
}

/// What a detector found in the truth's images, of the truth's classes.
pub struct Detections {
    /// In the order of class, image and score.
    pub(super) found: Vec<Found>,
    pub(super) tally: Tally,
}

impl Detections {
    /// What was read, and what of it could not be compared.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_hundred_stay_and_equals_keep_their_order() {
        let mut random = fastrand::Rng::with_seed(5);
        let mut best = Best::default();
        let mut all = Vec::new();
        for number in 0..FEW * 3 {
            // One image has more than its share, and scores repeat.
            let image = if number % 5 == 0 { 7 } else { random.u32(0..200_000) };
            let score = f64::from(random.u32(0..500)) / 500.0;
            let found = Found { class: random.u32(0..2), image, score, bounds: [number as f64; 4] };
            all.push(found);
            assert!(best.push(found));
        }
        let (best, left_out) = best.sorted();
        assert_eq!(best.len() as u64 + left_out.values().sum::<u64>(), all.len() as u64);
        for class in 0..2 {
            let of = |found: &&Found| found.class == class && found.image == 7;
            let mut expected: Vec<Found> = all.iter().filter(of).copied().collect();
            expected.sort_by(|a, b| b.score.total_cmp(&a.score));
            expected.truncate(MOST_PER_IMAGE);
            let kept: Vec<Found> = best.iter().filter(of).copied().collect();
            assert!(kept == expected, "class {class}");
        }
        let others = |all: &[Found]| all.iter().filter(|found| found.image != 7).count();
        assert_eq!(others(&best), others(&all), "nobody else loses anything");
    }
}
