//! The heads of YOLOX as outputs of their own.
//!
//! Its exporter puts boxes, objectness and classes of a grid behind one another, then all grids, and turns the whole
//! round, so that the numbers of a cell lie side by side. Almost all cells are left out for their objectness alone, and
//! the copies cost a thirtieth of a small network's time: each head is given as it comes.

use super::graph::{Edits, Graph};
use crate::models::import::onnx::FLOAT;

/// Numbers of a box, and of objectness.
const BOX: i64 = 4;
const OBJECTNESS: i64 = 1;
/// Numbers of grids that there are.
const GRIDS: std::ops::RangeInclusive<usize> = 3..=4;

/// Gives the heads of each grid, the finest first: `[N, 4, rows, columns]`, `[N, 1, rows, columns]` and
/// `[N, classes, rows, columns]`, in the place of one output `[N, cells, 5 + classes]`.
pub(super) fn open(graph: &Graph<'_>, edits: &mut Edits) {
    edits.outputs = graph.heads();
}

impl Graph<'_> {
    fn heads(&self) -> Option<Vec<String>> {
        let mut outputs = self.outputs.iter();
        let (Some(output), None) = (outputs.next(), outputs.next()) else { return None };
        let turned = self.giver(output, "Transpose")?;
        let [perm] = &turned.attribute[..] else { return None };
        let grids = self.joined(turned.input.first()?, 2)?;
        if perm.ints != [0, 2, 1] || !GRIDS.contains(&grids.len()) {
            return None;
        }
        let grids: Option<Vec<(i64, &[String])>> = grids.iter().map(|grid| self.grid(grid)).collect();
        let grids = grids?;
        let same = grids.iter().all(|(classes, _)| *classes == grids[0].0);
        same.then(|| grids.into_iter().flat_map(|(_, heads)| heads.to_vec()).collect())
    }

    /// Number of classes, and the heads, of a grid whose rows lie behind one another.
    fn grid(&self, value: &str) -> Option<(i64, &[String])> {
        let flat = self.giver(value, "Reshape")?;
        let [joined, shape] = &flat.input[..] else { return None };
        let heads = self.joined(joined, 1)?;
        let [boxes, objectness, classes] = heads else { return None };
        let sure = |value: &str| self.filters(self.giver(value, "Sigmoid")?.input.first()?);
        let classes = sure(classes)?;
        let fits = flat.attribute.is_empty()
            && matches!(self.integers(shape)?[..], [_, wide, -1] if wide == BOX + OBJECTNESS + classes)
            && (self.filters(boxes)?, sure(objectness)?) == (BOX, OBJECTNESS);
        fits.then_some((classes, heads))
    }

    /// What `value` consists of, side by side along `axis`.
    fn joined(&self, value: &str, axis: i64) -> Option<&[String]> {
        let concat = self.giver(value, "Concat")?;
        let [along] = &concat.attribute[..] else { return None };
        (along.i == Some(axis)).then_some(&concat.input[..])
    }

    /// Channels of `value`, which a convolution in single precision gives.
    fn filters(&self, value: &str) -> Option<i64> {
        let conv = self.giver(value, "Conv")?;
        let weights = self.tensor(conv.input.get(1)?).filter(|weights| weights.data_type == FLOAT)?;
        weights.dims.first().copied()
    }
}
