//! Six regions from a person matte, hair mattes, faces and colours.

use std::ops::Range;
use std::time::Instant;

use super::grid::Grid;
use super::hair::HairNet;
use super::head::Head;
use super::patches::Sums;
use super::wearers::{SURE, Wearers};
use super::{hair_guess, oval};
use crate::frame::RgbImage;
use crate::perception::face::TrackedFace;
use crate::perception::{RegionMask, Timings};

/// Below this the person matte is background.
const NOBODY: u8 = 8;
/// Less likely skin than this is none.
const CLOTH: f32 = 0.2;
/// Ears and foreheads lie within so many face heights of the middle of the face.
const HEAD: f32 = 0.9;
/// Half the window, in face heights, in which skin must fill [`PATCH_MASS`].
const PATCH: f32 = 0.28;
/// Least area of a patch of skin in squared face heights; a hand has about 0.15.
const PATCH_MASS: f32 = 0.06;

/// Composes regions; remembers people's colours between frames.
#[derive(Debug, Default)]
pub(in crate::perception) struct Composer {
    wearers: Wearers,
    hair: Vec<u8>,
    oval: Vec<u8>,
    skin: Vec<u8>,
    sums: Sums,
    zones: Vec<(Range<usize>, Range<usize>)>,
}

/// What there is to compose from.
pub(in crate::perception) struct Materials<'a> {
    /// The whole frame at grid size.
    pub picture: &'a RgbImage,
    /// Person probabilities 0–255, grid-sized.
    pub matte: &'a [u8],
    /// The faces.
    pub faces: &'a [TrackedFace],
    /// Their heads, and guessed ones.
    pub heads: &'a [Head],
    /// Their hair, where there is a net for it.
    pub hair: Option<&'a HairNet>,
    /// The grid.
    pub grid: Grid,
}

impl Composer {
    /// Forgets everyone.
    pub fn reset(&mut self) {
        self.wearers.reset();
    }

    /// Fills `mask`.
    pub fn compose(&mut self, materials: &Materials<'_>, mask: &mut RegionMask, timings: &mut Timings) {
        let start = Instant::now();
        let grid = &materials.grid;
        mask.clear(grid.width as u32, grid.height as u32);
        mask.set_guide(materials.picture);
        let Some((columns, rows)) = occupied(materials.matte, grid) else {
            timings.postprocess += start.elapsed();
            return;
        };
        for plane in [&mut self.hair, &mut self.oval, &mut self.skin] {
            plane.clear();
            plane.resize(grid.len(), 0);
        }
        for face in materials.faces {
            oval::draw(face, grid, &mut self.oval);
        }
        if let Some(net) = materials.hair {
            for head in materials.heads {
                net.paint(head, materials.matte, grid, hair_reach, &mut self.hair);
            }
        }
        self.wearers.learn(materials, &self.hair, &self.oval);
        for y in rows.clone() {
            for at in y * grid.width + columns.start..y * grid.width + columns.end {
                if materials.matte[at] >= NOBODY {
                    self.skin[at] = self.wearers.skin(&materials.picture.pixels[at * 3..at * 3 + 3]);
                }
            }
        }
        for wearer in self.wearers.people() {
            hair_guess::paint(wearer, materials, &self.oval, &mut self.hair);
        }
        self.share_out(materials, (columns, rows), mask);
        timings.postprocess += start.elapsed();
    }

    fn share_out(
        &mut self,
        materials: &Materials<'_>,
        (columns, rows): (Range<usize>, Range<usize>),
        mask: &mut RegionMask,
    ) {
        let grid = &materials.grid;
        let matte = materials.matte;
        self.sums.build(grid, (columns.clone(), rows.clone()), &self.skin, |at| matte[at] > SURE);
        self.zones.clear();
        self.zones.extend(self.wearers.people().iter().map(|wearer| wearer.head.cells(grid, HEAD)));
        let face = self.face_height(grid);
        let (near, far) = (((face / 16.0) as usize).clamp(1, 4), ((face * PATCH) as usize).clamp(2, 24));
        let least = (PATCH_MASS * face * face).clamp(3.0, 1200.0) * 255.0;
        for y in rows {
            for x in columns.clone() {
                let at = y * grid.width + x;
                let person = matte[at];
                if person < NOBODY {
                    continue;
                }
                let hair = sharpen(f32::from(self.hair[at]) / 255.0);
                let oval = f32::from(self.oval[at]) / 255.0;
                let mut skin = 0.0;
                let mut face = oval;
                if hair < 1.0 && oval < 1.0 {
                    skin = self.skin_at(x, y, at, person, (near, far), least);
                    if self.zones.iter().any(|(columns, rows)| columns.contains(&x) && rows.contains(&y)) {
                        face = oval.max(self.face_zone(grid.frame_point(x, y), skin));
                    }
                    skin = sharpen(skin);
                }
                let person = f32::from(person);
                let rest = person * (1.0 - hair);
                let body = rest * (1.0 - face);
                let shares = [person * hair, body * skin, rest * face, body * (1.0 - skin), 0.0];
                mask.set(at, shares.map(|share| share as u8));
            }
        }
    }

    /// Likelihood of skin, 0–1: the pixel's own colour and its neighbours', in a patch large enough.
    fn skin_at(
        &self,
        x: usize,
        y: usize,
        at: usize,
        person: u8,
        (near, far): (usize, usize),
        least: f32,
    ) -> f32 {
        let (sum, count) = self.sums.around(x, y, near);
        let own = f32::from(self.skin[at]) / 254.0;
        let neighbours = if count > 0 { sum as f32 / (count as f32 * 254.0) } else { own };
        // At the silhouette's edge the pixel's colour is half background.
        let likely = if person > SURE { own * 0.55 + neighbours * 0.45 } else { neighbours };
        if likely < CLOTH {
            return 0.0;
        }
        let (mass, _) = self.sums.around(x, y, far);
        likely * (mass as f32 / least).min(1.0)
    }

    /// Share of the face outside its oval: ears and the forehead up to the hair.
    fn face_zone(&self, point: [f32; 2], skin: f32) -> f32 {
        let inside = |[u, v]: [f32; 2], wide: f32, tall: f32| {
            v > -0.25 && (u / wide).powi(2) + ((v - 0.1) / tall).powi(2) < 1.0
        };
        let mut share = 0.0_f32;
        for wearer in self.wearers.people() {
            let uv = wearer.head.uv(point);
            // Right beside the face even a shiny forehead or a shaded ear belongs to it.
            if wearer.skin.is_some() && inside(uv, 0.5, 0.58) {
                share = share.max(skin.max(0.6));
            } else if inside(uv, 0.62, 0.75) {
                share = share.max(skin * 1.5 + 0.2);
            }
        }
        sharpen(share.min(1.0))
    }

    /// Height of the largest face in grid pixels.
    fn face_height(&self, grid: &Grid) -> f32 {
        let step = grid.step[0].max(grid.step[1]);
        let tallest = self.wearers.people().iter().map(|wearer| wearer.head.height).fold(0.0, f32::max);
        (tallest / step).max(8.0)
    }
}

/// Columns and rows in which there is anybody.
fn occupied(matte: &[u8], grid: &Grid) -> Option<(Range<usize>, Range<usize>)> {
    let mut rows = None;
    let (mut left, mut right) = (grid.width, 0);
    for (y, row) in matte.chunks_exact(grid.width.max(1)).enumerate() {
        let Some(first) = row.iter().position(|p| *p >= NOBODY) else { continue };
        let last = row.iter().rposition(|p| *p >= NOBODY).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last + 1));
        rows = Some((rows.map_or(y, |(top, _)| top), y + 1));
    }
    rows.map(|(top, bottom)| (left..right, top..bottom))
}

/// How much of the hair net's word counts at head coordinates: hair is on and around heads.
fn hair_reach([u, v]: [f32; 2]) -> f32 {
    let (wide, tall) = if v > 0.0 { (1.25, 1.5) } else { (1.25, 2.4) };
    let distance = (u / wide).powi(2) + (v / tall).powi(2);
    (1.6 - distance * 0.6).clamp(0.0, 1.0)
}

fn sharpen(share: f32) -> f32 {
    let t = ((share - 0.25) * 2.0).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
