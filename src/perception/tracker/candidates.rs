//! Which detection could be which track.

use super::assign::Edge;
use super::track::Track;
use crate::perception::Detection;
use crate::perception::box_grid::BoxGrid;

/// Most detections that a track is compared with in earnest: the nearest ones.
const MOST: usize = 16;

/// Finds pairs by place; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    grid: BoxGrid,
    pub edges: Vec<Edge>,
    best: Vec<Edge>,
    /// Pairs that were left out, because a track had too many.
    pub cut: u64,
}

impl Candidates {
    /// Fills `edges` with the pairs of a track of `tracks` and a detection of `chosen`, both indices into the lists
    /// behind, that are of one class and whose likeness is at least `least`. Likeness is their overlap, times
    /// the detection's confidence where `weighted`.
    pub fn find(
        &mut self,
        (tracks, all_tracks): (&[u32], &[Track]),
        (chosen, detections): (&[u32], &[Detection]),
        least: f32,
        weighted: bool,
    ) {
        let Self { grid, edges, best, cut } = self;
        edges.clear();
        grid.clear(chosen.len());
        for index in chosen {
            grid.insert(&detections[*index as usize].bounds);
        }
        for row in tracks {
            let track = &all_tracks[*row as usize];
            best.clear();
            grid.near(&track.bounds, |number| {
                let column = chosen[number];
                let detection = &detections[column as usize];
                if detection.class == track.class {
                    let overlap = track.bounds.overlap(&detection.bounds);
                    let likeness = if weighted { overlap * detection.confidence } else { overlap };
                    if likeness >= least && overlap > 0.0 {
                        best.push(Edge { row: *row, column, gain: likeness - least });
                        if best.len() >= 2 * MOST {
                            *cut += keep_best(best);
                        }
                    }
                }
                true
            });
            *cut += keep_best(best);
            edges.extend_from_slice(best);
        }
    }
}

fn keep_best(edges: &mut Vec<Edge>) -> u64 {
    if edges.len() <= MOST {
        return 0;
    }
    edges.sort_unstable_by(|a, b| b.gain.total_cmp(&a.gain).then(a.column.cmp(&b.column)));
    let cut = edges.len() - MOST;
    edges.truncate(MOST);
    cut as u64
}
