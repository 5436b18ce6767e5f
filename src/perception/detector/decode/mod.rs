//! From the numbers of an output to boxes in pixels of the frame.
//!
//! Every decoder leaves out what is not surer than the threshold before it looks any closer, and boxes whose
//! numbers are not finite.

mod gfl;
mod grid;
mod planes;
mod queries;
mod rows;
mod sieve;

pub(super) use gfl::{Gfl, Level};
pub(super) use grid::Grid;
pub(super) use sieve::Sieve;

use self::planes::Planes;
use super::Detection;
use super::letterbox::Mapping;
use crate::models::{Outputs, SessionError};

/// Where a network's boxes, classes and confidences are; indices of outputs in the graph's order.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    /// [N, cells, 5 + classes]: centre, sides, objectness, a probability per class; in pixels, or relative to a
    /// grid.
    Rows { output: usize, classes: usize, grid: Option<Grid> },
    /// The same as three outputs for each grid, relative to it: [N, 4, rows, columns] boxes, [N, 1, rows, columns],
    /// [N, classes, rows, columns].
    Planes { classes: usize, grid: Grid },
    /// [N, 4 + classes or more, cells]: centre and sides in pixels, a probability per class.
    Columns { output: usize, classes: usize },
    /// [N, boxes, 6]: two corners in pixels, confidence, class.
    EndToEnd { output: usize },
    /// [N, queries, 4 + classes]: centre and sides in parts of the picture, a probability per class.
    Queries { output: usize, classes: usize },
    /// [N, queries, classes] and [N, queries, 4]: the same, as logits or probabilities.
    Logits { scores: usize, boxes: usize, classes: usize, are_logits: bool },
    /// [N, queries] classes as 64-bit integers, [N, queries, 4] corners in pixels of the frame, [N, queries].
    Sized { labels: usize, boxes: usize, scores: usize },
    /// See [`Gfl`].
    Gfl(Gfl),
}

impl Layout {
    /// Number of classes, where the outputs tell.
    pub fn classes(&self) -> Option<usize> {
        match self {
            Self::Rows { classes, .. }
            | Self::Planes { classes, .. }
            | Self::Columns { classes, .. }
            | Self::Queries { classes, .. }
            | Self::Logits { classes, .. } => Some(*classes),
            Self::Gfl(gfl) => Some(gfl.classes),
            Self::EndToEnd { .. } | Self::Sized { .. } => None,
        }
    }

    /// What its numbers are taken for, in a few words.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Rows { grid: Some(_), .. } | Self::Planes { .. } => "boxes relative to a grid",
            Self::Rows { grid: None, .. } | Self::Columns { .. } => "boxes in pixels",
            Self::EndToEnd { .. } => "corners in pixels",
            Self::Queries { .. } => "boxes in parts of the picture",
            Self::Logits { are_logits: true, .. } => "boxes in parts of the picture, scores as logits",
            Self::Logits { are_logits: false, .. } => {
                "boxes in parts of the picture, scores as probabilities"
            }
            Self::Sized { .. } => "corners in pixels of the frame",
            Self::Gfl(_) => "distances as distributions",
        }
    }

    /// Pictures that `outputs` tell of; none where those of one tell of others than those of another.
    ///
    /// # Errors
    /// When an output is missing.
    pub fn pictures(&self, outputs: &Outputs<'_>) -> Result<Option<usize>, SessionError> {
        let first = |shape: &[i64]| usize::try_from(shape.first().copied().unwrap_or_default()).unwrap_or(0);
        let floats = |index: usize| outputs.at(index).map(|(shape, _)| first(shape));
        let agree = |count: usize, others: &mut dyn Iterator<Item = usize>| {
            for other in others {
                if floats(other)? != count {
                    return Ok(None);
                }
            }
            Ok(Some(count))
        };
        match self {
            Self::Rows { output, .. }
            | Self::Columns { output, .. }
            | Self::EndToEnd { output }
            | Self::Queries { output, .. } => floats(*output).map(Some),
            Self::Planes { grid, .. } => agree(floats(0)?, &mut (1..3 * grid.sides().len())),
            Self::Logits { scores, boxes, .. } => agree(floats(*scores)?, &mut [*boxes].into_iter()),
            Self::Sized { labels, boxes, scores } => {
                let count = outputs.integers_at(*labels).map(|(shape, _)| first(shape))?;
                agree(count, &mut [*boxes, *scores].into_iter())
            }
            Self::Gfl(gfl) => {
                let count = floats(gfl.levels.first().map_or(0, |level| level.scores))?;
                agree(count, &mut gfl.levels.iter().flat_map(|level| [level.scores, level.distances]))
            }
        }
    }

    /// Adds what was found in picture `item` of the batch, which was `size` pixels.
    ///
    /// # Errors
    /// When an output is missing; what has another shape than it had at first gives nothing.
    pub fn decode(
        &self,
        outputs: &Outputs<'_>,
        item: usize,
        size: (u32, u32),
        mapping: &Mapping,
        sieve: &mut Sieve,
        found: &mut Vec<Detection>,
    ) -> Result<(), SessionError> {
        let [width, height] = [size.0 as f32, size.1 as f32];
        match self {
            Self::Rows { output, classes, grid } => {
                rows::decode(
                    of_item(outputs.at(*output)?, item),
                    *classes,
                    grid.as_ref(),
                    mapping,
                    sieve,
                    found,
                );
            }
            Self::Planes { grid, .. } => {
                for level in 0..grid.sides().len() {
                    let plane = |head| outputs.at(level * 3 + head).map(|plane| of_item(plane, item).1);
                    let planes = Planes { boxes: plane(0)?, objectness: plane(1)?, classes: plane(2)? };
                    planes.decode((grid, level), mapping, sieve, found);
                }
            }
            Self::Columns { output, classes } => {
                rows::decode_columns(of_item(outputs.at(*output)?, item), *classes, mapping, sieve, found);
            }
            Self::EndToEnd { output } => {
                queries::end_to_end(of_item(outputs.at(*output)?, item).1, mapping, sieve, found);
            }
            Self::Queries { output, classes } => {
                let (_, values) = of_item(outputs.at(*output)?, item);
                queries::joined(values, *classes, [width, height], mapping, sieve, found);
            }
            Self::Logits { scores, boxes, classes, are_logits } => {
                let (_, scores) = of_item(outputs.at(*scores)?, item);
                let (_, boxes) = of_item(outputs.at(*boxes)?, item);
                let queries = queries::Queries { scores, boxes, classes: *classes, are_logits: *are_logits };
                queries.decode([width, height], mapping, sieve, found);
            }
            Self::Sized { labels, boxes, scores } => {
                let (_, labels) = of_item(outputs.integers_at(*labels)?, item);
                let (_, boxes) = of_item(outputs.at(*boxes)?, item);
                let (_, scores) = of_item(outputs.at(*scores)?, item);
                queries::sized(labels, boxes, scores, sieve, found);
            }
            Self::Gfl(gfl) => {
                for level in &gfl.levels {
                    let (_, scores) = of_item(outputs.at(level.scores)?, item);
                    let (_, distances) = of_item(outputs.at(level.distances)?, item);
                    gfl.decode(level, scores, distances, mapping, sieve, found);
                }
            }
        }
        Ok(())
    }
}

/// Shape and numbers of one picture of a batch; none when the batch is smaller.
fn of_item<'o, T>((shape, values): (&[i64], &'o [T]), item: usize) -> ([usize; 2], &'o [T]) {
    let side = |at: usize| shape.get(at).map_or(1, |side| (*side).max(0) as usize);
    let count = values.len() / side(0).max(1);
    let values = values.get(item * count..(item + 1) * count).unwrap_or_default();
    ([side(1), side(2)], values)
}
