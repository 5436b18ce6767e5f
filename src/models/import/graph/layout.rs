//! Axis orders: NHWC as TFLite has images, NCHW as ONNX has them.

/// Axis order of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::models::import) enum Layout {
    /// TFLite's own order; for images NHWC.
    Native,
    /// Rank 4 with channels second.
    Nchw,
}

/// NCHW axis `i` is native axis `TO_NCHW[i]`.
pub(super) const TO_NCHW: [usize; 4] = [0, 3, 1, 2];
/// Native axis `i` is NCHW axis `TO_NATIVE[i]`.
pub(super) const TO_NATIVE: [usize; 4] = [0, 2, 3, 1];

impl Layout {
    /// Where native axis `axis` lies in this layout.
    pub(in crate::models::import) fn axis(self, axis: usize) -> usize {
        match self {
            Self::Native => axis,
            Self::Nchw => TO_NATIVE[axis],
        }
    }

    /// `per_axis`, given in native order, in the order of this layout.
    pub(in crate::models::import) fn arrange<T: Clone>(self, per_axis: &[T]) -> Vec<T> {
        match self {
            Self::Native => per_axis.to_vec(),
            Self::Nchw => TO_NCHW.iter().map(|axis| per_axis[*axis].clone()).collect(),
        }
    }
}

/// The layout of graph inputs and outputs of a rank.
pub(in crate::models::import) fn edge_layout(rank: usize) -> Layout {
    if rank == 4 { Layout::Nchw } else { Layout::Native }
}

/// Whether NHWC and NCHW of this native shape are the same bytes.
pub(super) fn same_memory(shape: &[usize]) -> bool {
    shape[3] == 1 || shape[1] * shape[2] == 1
}
