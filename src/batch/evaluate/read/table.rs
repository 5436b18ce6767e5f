//! What tables have in common: the columns that are read, and what becomes of a row.

use super::{Failure, Frames};
use crate::batch::evaluate::detections::Intake;

/// Columns that are read.
pub(super) const COLUMNS: [&str; 7] = ["frame", "class", "confidence", "x", "y", "width", "height"];

/// A detection as a table has it.
pub(super) struct Row<'a> {
    pub(super) frame: u64,
    /// Its name, or its number.
    pub(super) class: &'a str,
    /// Confidence, left, upper edge, columns and rows, in the order of [`COLUMNS`].
    pub(super) numbers: [f64; 5],
}

impl Row<'_> {
    /// `classes` are asked where the class is written as its number.
    pub(super) fn put_to(
        &self,
        frames: &mut Frames<'_>,
        classes: &[String],
        intake: &mut Intake<'_>,
    ) -> Result<(), Failure> {
        intake.tally.detections += 1;
        let image = frames.image(self.frame, intake);
        let by_number = || self.class.parse().ok().and_then(|number: usize| classes.get(number));
        let class = match intake.class(self.class) {
            None => by_number().and_then(|name| intake.class(name)),
            found => found,
        };
        let [confidence, bounds @ ..] = self.numbers;
        let is_taken = intake.take(image, class, || self.class.to_owned(), confidence, bounds);
        if is_taken { Ok(()) } else { Err(Failure::TooMany) }
    }
}
