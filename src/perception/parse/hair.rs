//! The hair matte of every head, found in an enlarged view of it.
//!
//! The net was made for selfies: shown a whole room it takes dark clothes for hair. Shown one head at
//! a time it sees what it knows. The matte stays with the head while other heads take their turn.

use std::time::Instant;

use super::grid::Grid;
use super::head::Head;
use crate::frame::{Frame, Resampler, RgbImage, Roi};
use crate::perception::net::Net;
use crate::perception::{PerceptionError, PerceptionOptions, Timings};

/// Smallest and largest side of a kept matte.
const SIDES: [u32; 2] = [32, 256];
/// Logits beyond this are certain.
const REACH: f32 = 7.0;
/// Steps per unit of logit in the table of the sigmoid.
const STEPS: f32 = 32.0;

/// A head's hair, 0–255, over a square fixed to the head.
#[derive(Debug, Default)]
struct Patch {
    head: u64,
    /// The square's centre in head coordinates and its side in face heights.
    centre: [f32; 2],
    size: f32,
    side: u32,
    values: Vec<u8>,
    /// Frames since the net saw it.
    age: u32,
}

/// The hair net and the mattes it gave. Input [1, 4, 512, 512] RGB and previous mask (0: none),
/// output [1, 2, 512, 512] logits of background and hair. Source: MediaPipe's hair segmentation.
#[derive(Debug)]
pub(in crate::perception) struct HairNet {
    net: Net,
    output: String,
    picture: RgbImage,
    patches: Vec<Patch>,
    spare: Vec<Patch>,
    small: Vec<f32>,
    order: Vec<(u32, usize)>,
    sigmoid: Vec<u8>,
    frames: u32,
}

impl HairNet {
    pub fn new(net: Net) -> Result<Self, PerceptionError> {
        let (width, height) = net.size();
        let wanted = width as usize * height as usize * 2;
        let found = net.outputs().find(|(_, count)| *count == wanted).map(|(name, _)| name.to_owned());
        let Some(output) = found.filter(|_| width == height && width.is_power_of_two()) else {
            return Err(net.contract(format!("it has no output of 2×{height}×{width} logits")));
        };
        Ok(Self {
            net,
            output,
            picture: RgbImage::default(),
            patches: Vec::new(),
            spare: Vec::new(),
            small: Vec::new(),
            order: Vec::new(),
            sigmoid: (0..=(2.0 * REACH * STEPS) as usize)
                .map(|step| (255.0 / (1.0 + (REACH - step as f32 / STEPS).exp())) as u8)
                .collect(),
            frames: 0,
        })
    }

    pub fn name(&self) -> &str {
        self.net.name()
    }

    /// Forgets everyone.
    pub fn reset(&mut self) {
        self.spare.append(&mut self.patches);
    }

    /// Looks at `heads`: all of them in stills, else those that waited longest, never-seen ones first.
    pub fn update(
        &mut self,
        frame: &Frame,
        heads: &[Head],
        grid: &Grid,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        self.keep(heads);
        let runs = if options.stills { heads.len() } else { options.hair_runs.max(1) };
        let every = if options.stills { 1 } else { options.hair_every.max(1) };
        self.frames = self.frames.wrapping_add(1);
        let rest = !self.frames.is_multiple_of(every);
        self.order.clear();
        self.order.extend(heads.iter().enumerate().map(|(index, head)| {
            let patch = self.patches.iter().find(|patch| patch.head == head.id);
            (patch.map_or(u32::MAX, |patch| patch.age), index)
        }));
        self.order.sort_by_key(|(age, _)| std::cmp::Reverse(*age));
        for turn in 0..runs.min(heads.len()) {
            let (age, index) = self.order[turn];
            if rest && age != u32::MAX {
                break;
            }
            let head = &heads[index];
            self.look(frame, head, grid, resampler, timings)?;
        }
        Ok(())
    }

    /// Paints the hair of `head` into `plane` (grid-sized, 0–255; the larger value stays), each value
    /// times what `weight` says for its head coordinates; only where `matte` has a person.
    pub fn paint(
        &self,
        head: &Head,
        matte: &[u8],
        grid: &Grid,
        weight: impl Fn([f32; 2]) -> f32,
        plane: &mut [u8],
    ) {
        let Some(patch) = self.patches.iter().find(|patch| patch.head == head.id) else { return };
        let roi = patch.roi(head);
        let half = roi.size / 2.0;
        let bounds = [roi.cx - half, roi.cy - half, roi.cx + half, roi.cy + half];
        let (columns, rows) = grid.cells(bounds);
        let scale = patch.side as f32 / roi.size;
        let side = patch.side as usize;
        let limit = (side - 1) as f32;
        for y in rows {
            for x in columns.clone() {
                if matte[y * grid.width + x] == 0 {
                    continue;
                }
                let [px, py] = grid.frame_point(x, y);
                let u = ((px - bounds[0]) * scale - 0.5).clamp(0.0, limit);
                let v = ((py - bounds[1]) * scale - 0.5).clamp(0.0, limit);
                let value = bilinear(&patch.values, side, u, v);
                let to = &mut plane[y * grid.width + x];
                if value as u8 > *to {
                    *to = (*to).max((value * weight(head.uv([px, py]))) as u8);
                }
            }
        }
    }

    /// Drops the mattes of heads that are gone.
    fn keep(&mut self, heads: &[Head]) {
        let mut kept = 0;
        for index in 0..self.patches.len() {
            if heads.iter().any(|head| head.id == self.patches[index].head) {
                self.patches[index].age += 1;
                self.patches.swap(kept, index);
                kept += 1;
            }
        }
        self.spare.extend(self.patches.drain(kept..));
    }

    fn look(
        &mut self,
        frame: &Frame,
        head: &Head,
        grid: &Grid,
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let (size, _) = self.net.size();
        let roi = snapped(head.hair_view(), size).moved_into(frame);
        resampler.letterbox(frame, roi, size, &mut self.picture)?;
        self.net.feed(&self.picture);
        timings.preprocess += start.elapsed();
        let outputs = self.net.run(&mut timings.hair)?;
        let start = Instant::now();
        let (_, raw) = outputs.get(&self.output)?;
        let cells = roi.size / grid.step[0].min(grid.step[1]);
        // A power of two that is no larger than the net's picture divides it.
        let side = (cells as u32).next_power_of_two().clamp(SIDES[0], SIDES[1].min(size));
        average(raw, size as usize, side as usize, &mut self.small);
        let position = self.patches.iter().position(|patch| patch.head == head.id);
        let index = position.unwrap_or_else(|| {
            self.patches.push(self.spare.pop().unwrap_or_default());
            self.patches.len() - 1
        });
        let patch = &mut self.patches[index];
        patch.head = head.id;
        patch.centre = head.uv([roi.cx, roi.cy]);
        patch.size = roi.size / head.height;
        patch.side = side;
        patch.age = 0;
        patch.values.clear();
        let table = &self.sigmoid;
        patch.values.extend(self.small.iter().map(|logit| {
            let steps = (logit.clamp(-REACH, REACH) + REACH) * STEPS;
            table.get(steps as usize).copied().unwrap_or(0)
        }));
        timings.postprocess += start.elapsed();
        Ok(())
    }
}

impl Patch {
    /// Where the patch lies now that its head is there.
    fn roi(&self, head: &Head) -> Roi {
        let [cx, cy] = head.at(self.centre);
        Roi { cx, cy, size: self.size * head.height, angle: 0.0 }
    }
}

fn bilinear(values: &[u8], side: usize, u: f32, v: f32) -> f32 {
    let (x, y) = (u as usize, v as usize);
    let (fx, fy) = (u - x as f32, v - y as f32);
    let at = y * side + x;
    let right = usize::from(x + 1 < side);
    let down = if y + 1 < side { side } else { 0 };
    let value = |index: usize| f32::from(values[index]);
    let top = value(at) * (1.0 - fx) + value(at + right) * fx;
    let bottom = value(at + down) * (1.0 - fx) + value(at + down + right) * fx;
    top * (1.0 - fy) + bottom * fy
}

/// The same view at exactly `size` pixels where it nearly has them, on even pixels: then it is copied,
/// not scaled, which costs a tenth.
fn snapped(roi: Roi, size: u32) -> Roi {
    let side = size as f32;
    if !(side * 0.82..side * 1.22).contains(&roi.size) {
        return roi;
    }
    let even = |v: f32| (v / 2.0).round() * 2.0;
    Roi { cx: even(roi.cx), cy: even(roi.cy), size: side, ..roi }
}

/// Hair logits over background from `raw` (two planes of `from`² logits: background, hair), averaged
/// down to `side`²; `side` divides `from`.
fn average(raw: &[f32], from: usize, side: usize, to: &mut Vec<f32>) {
    to.clear();
    to.resize(side * side, 0.0);
    let each = (from / side).max(1);
    let scale = 1.0 / (each * each) as f32;
    let (background, hair) = raw.split_at(raw.len() / 2);
    let rows = background.chunks_exact(from).zip(hair.chunks_exact(from));
    for (y, (background, hair)) in rows.enumerate() {
        let Some(line) = to.chunks_exact_mut(side).nth(y / each) else { return };
        let cells = background.chunks_exact(each).zip(hair.chunks_exact(each));
        for (to, (background, hair)) in line.iter_mut().zip(cells) {
            let sum = |cell: &[f32]| cell.iter().fold(0.0, |sum, logit| sum + logit);
            *to += (sum(hair) - sum(background)) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_are_averaged_in_place() {
        let mut raw = vec![1.0; 2 * 16];
        // Hair: the right half of the upper half.
        for at in [2, 3, 6, 7] {
            raw[16 + at] = 5.0;
        }
        let mut to = Vec::new();
        average(&raw, 4, 2, &mut to);
        assert_eq!(to, [0.0, 4.0, 0.0, 0.0]);
        average(&raw, 4, 4, &mut to);
        assert_eq!(to[..4], [0.0, 0.0, 4.0, 4.0]);
    }
}
