//! The grid that BlazeFace detectors count their boxes from.

/// Centres of the anchors of a detector that gives `count` boxes for a `size` × `size` picture, in
/// 0–1 of it, row by row. `None` when no known detector has so many.
///
/// Source: MediaPipe's `face_detection_short_range` (strides 8, 16, 16, 16, two anchors each) and
/// `face_detection_full_range` (stride 4, one anchor) options; anchor sizes are fixed at 1.
pub(super) fn anchors(size: u32, count: usize) -> Option<Vec<[f32; 2]>> {
    [&[(8, 2), (16, 6)][..], &[(4, 1)][..]]
        .into_iter()
        .map(|layers| grid(size, layers))
        .find(|anchors| anchors.len() == count)
}

fn grid(size: u32, layers: &[(u32, usize)]) -> Vec<[f32; 2]> {
    let mut anchors = Vec::new();
    for (stride, each) in layers {
        let cells = size / stride;
        for cell in 0..cells * cells {
            let centre = |at: u32| (at as f32 + 0.5) / cells as f32;
            anchors.extend(std::iter::repeat_n([centre(cell % cells), centre(cell / cells)], *each));
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_known_detectors_have_their_anchors() {
        let short = anchors(128, 896).expect("short range");
        assert_eq!(short[0], [0.5 / 16.0, 0.5 / 16.0]);
        assert_eq!(short[2], [1.5 / 16.0, 0.5 / 16.0]);
        assert_eq!(short[512], [0.5 / 8.0, 0.5 / 8.0]);
        let full = anchors(192, 2304).expect("full range");
        assert_eq!(full[49], [1.5 / 48.0, 1.5 / 48.0]);
        assert_eq!(anchors(128, 1000), None);
    }
}
