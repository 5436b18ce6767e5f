//! Signed distances to the edges of regions, from the mask.
//!
//! Texels beside an edge know how far it is by how the probability crosses one half between them and their
//! neighbour; all others take the edge of the nearest of these texels. It is found exactly, in two passes of lower
//! envelopes of parabolas. Source: P. Felzenszwalb, D. Huttenlocher, "Distance Transforms of Sampled Functions", Theory of
//! Computing 8 (2012).

use crate::compositor::program::PEOPLE;
use crate::frame::Region;
use crate::perception::RegionMask;

/// Where there is no edge at all, it is so far away, in heights of the frame.
const FAR: f32 = 1.0;

/// Buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Distances {
    shares: Vec<f32>,
    /// Where the edge beside a texel is, in heights of the frame; not a number where there is none.
    edges: Vec<[f32; 2]>,
    /// Squared distance along the row to the nearest texel beside an edge, and its column.
    squares: Vec<f32>,
    columns: Vec<usize>,
    heights: Vec<f32>,
    envelope: Envelope,
}

impl Distances {
    /// Distance of each texel of `mask` to the edge of region number `region` ([`PEOPLE`]: of everybody), in heights of
    /// the frame, above 0 inside, row-major; `aspect` is the frame's width over its height.
    pub(super) fn of(&mut self, mask: &RegionMask, region: usize, aspect: f32, out: &mut Vec<f32>) {
        let (columns, rows) = (mask.width as usize, mask.height as usize);
        out.clear();
        if columns == 0 || rows == 0 {
            return;
        }
        let (plane, channel) = if region < 4 { (&mask.plane0, region) } else { (&mask.plane1, region - 4) };
        self.shares.clear();
        if region == PEOPLE {
            let background = Region::Background.index();
            let shares = mask.plane0.chunks_exact(4).map(|texel| 0.5 - f32::from(texel[background]) / 255.0);
            self.shares.extend(shares);
        } else {
            self.shares.extend(plane.chunks_exact(4).map(|texel| f32::from(texel[channel]) / 255.0 - 0.5));
        }
        let [across, down] = [aspect / columns as f32, 1.0 / rows as f32];
        self.find_edges(columns, rows, [across, down]);
        self.squares.clear();
        self.columns.clear();
        for row in self.edges.chunks_exact(columns) {
            self.heights.clear();
            self.heights.extend(row.iter().map(|[x, _]| if x.is_nan() { f32::INFINITY } else { 0.0 }));
            self.envelope.find(&self.heights, across);
            for x in 0..columns {
                let (nearest, square) = self.envelope.lowest(x, &self.heights, across);
                self.columns.push(nearest);
                self.squares.push(square);
            }
        }
        out.resize(columns * rows, FAR);
        for x in 0..columns {
            self.heights.clear();
            self.heights.extend(self.squares.iter().skip(x).step_by(columns));
            self.envelope.find(&self.heights, down);
            for y in 0..rows {
                let (row, _) = self.envelope.lowest(y, &self.heights, down);
                let column = self.columns.get(row * columns + x).copied().unwrap_or(x);
                let edge = self.edges.get(row * columns + column).copied().unwrap_or([f32::NAN; 2]);
                let place = [(x as f32 + 0.5) * across, (y as f32 + 0.5) * down];
                // Without an edge it is not a number, and far away.
                let distance = (place[0] - edge[0]).hypot(place[1] - edge[1]).min(FAR);
                let at = y * columns + x;
                if let (Some(slot), Some(share)) = (out.get_mut(at), self.shares.get(at)) {
                    *slot = distance.copysign(*share);
                }
            }
        }
    }

    /// The edge beside each texel whose neighbour is on the other side of it.
    fn find_edges(&mut self, columns: usize, rows: usize, [across, down]: [f32; 2]) {
        self.edges.clear();
        for (at, own) in self.shares.iter().enumerate() {
            let (x, y) = (at % columns, at / columns);
            // How far away the probability crosses one half on the way to a neighbour.
            let crossing = |is_there: bool, there: usize, step: f32| {
                let other = self.shares.get(there).copied().filter(|_| is_there)?;
                (own.is_sign_negative() != other.is_sign_negative())
                    .then(|| step * (own.abs() / (own.abs() + other.abs()).max(1e-6)))
            };
            let nearer = |a: Option<f32>, b: Option<f32>| match (a, b) {
                (Some(a), Some(b)) if b.abs() < a.abs() => Some(b),
                (a, b) => a.or(b),
            };
            let right = crossing(x + 1 < columns, at + 1, across);
            let left = crossing(x > 0, at.wrapping_sub(1), -across);
            let below = crossing(y + 1 < rows, at + columns, down);
            let above = crossing(y > 0, at.wrapping_sub(columns), -down);
            let offset = match (nearer(left, right), nearer(above, below)) {
                // The foot of the height of the right triangle that the edge cuts off.
                (Some(a), Some(b)) => {
                    let square = (a * a + b * b).max(1e-12);
                    [a * b * b / square, a * a * b / square]
                }
                (Some(a), None) => [a, 0.0],
                (None, Some(b)) => [0.0, b],
                (None, None) => [f32::NAN; 2],
            };
            let place = [(x as f32 + 0.5) * across, (y as f32 + 0.5) * down];
            self.edges.push([place[0] + offset[0], place[1] + offset[1]]);
        }
    }
}

/// The lowest of parabolas of one width that stand side by side.
#[derive(Debug, Default)]
struct Envelope {
    /// Those that are the lowest somewhere, and where each begins to be it.
    places: Vec<usize>,
    starts: Vec<f32>,
    /// The one that was asked for last.
    last: usize,
}

impl Envelope {
    /// Of parabolas at these `heights`, `step` apart; those without end are none.
    fn find(&mut self, heights: &[f32], step: f32) {
        self.places.clear();
        self.starts.clear();
        self.last = 0;
        let square = |place: usize| (place as f32 * step).powi(2);
        for (place, height) in heights.iter().enumerate().filter(|(_, height)| height.is_finite()) {
            let mut start = f32::NEG_INFINITY;
            while let (Some(last), Some(begins)) = (self.places.last().copied(), self.starts.last()) {
                let known = heights.get(last).copied().unwrap_or_default() + square(last);
                start = (height + square(place) - known) / (2.0 * step * (place - last) as f32);
                if start > *begins {
                    break;
                }
                start = f32::NEG_INFINITY;
                self.places.pop();
                self.starts.pop();
            }
            self.places.push(place);
            self.starts.push(start);
        }
    }

    /// Which one is the lowest at `place`, and how high it is there; asked from left to right.
    fn lowest(&mut self, place: usize, heights: &[f32], step: f32) -> (usize, f32) {
        let at = place as f32 * step;
        while self.starts.get(self.last + 1).is_some_and(|start| *start < at) {
            self.last += 1;
        }
        let Some(lowest) = self.places.get(self.last).copied() else { return (place, f32::INFINITY) };
        let height = heights.get(lowest).copied().unwrap_or(f32::INFINITY);
        (lowest, height + (at - lowest as f32 * step).powi(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hair where `inside` says so, 0–255.
    fn mask((columns, rows): (u32, u32), inside: impl Fn(f32, f32) -> f32) -> RegionMask {
        let mut mask = RegionMask::default();
        mask.clear(columns, rows);
        for (at, texel) in mask.plane0.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % columns, at as u32 / columns);
            let share = inside((x as f32 + 0.5) / columns as f32, (y as f32 + 0.5) / rows as f32);
            let share = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
            texel.copy_from_slice(&[255 - share, share, 0, 0]);
        }
        mask
    }

    #[test]
    fn a_disc_is_as_far_away_as_it_is() {
        // In a frame twice as wide as high; the edge is one texel of doubt wide.
        let size = (96, 64);
        let radius = 0.3;
        let to_edge = |u: f32, v: f32| radius - ((u - 0.5) * 2.0).hypot(v - 0.5);
        let disc = mask(size, |u, v| 0.5 + to_edge(u, v) * 40.0);
        let mut out = Vec::new();
        Distances::default().of(&disc, Region::Hair.index(), 2.0, &mut out);
        for (at, found) in out.iter().enumerate() {
            let (x, y) = (at as u32 % size.0, at as u32 / size.0);
            let expected = to_edge((x as f32 + 0.5) / 96.0, (y as f32 + 0.5) / 64.0);
            // Effects see no more than a quarter of the height; further away half a texel more is nothing.
            let close = if expected.abs() < 0.25 { 0.012 } else { 0.03 };
            assert!((found - expected).abs() < close, "{x} {y}: found {found}, expected {expected}");
        }
        let mut people = Vec::new();
        Distances::default().of(&disc, PEOPLE, 2.0, &mut people);
        assert!(people.iter().zip(&out).all(|(a, b)| (a - b).abs() < 0.004), "who is hair is a person");
    }

    #[test]
    fn without_an_edge_it_is_far_away() {
        let mut out = Vec::new();
        Distances::default().of(&mask((8, 8), |_, _| 0.0), Region::Hair.index(), 1.0, &mut out);
        assert_eq!(out, vec![-FAR; 64]);
        Distances::default().of(&mask((8, 8), |_, _| 1.0), Region::Hair.index(), 1.0, &mut out);
        assert_eq!(out, vec![FAR; 64]);
        Distances::default().of(&RegionMask::default(), Region::Hair.index(), 1.0, &mut out);
        assert!(out.is_empty());
    }
}
