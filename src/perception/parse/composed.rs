//! Six regions from a person matte, hair mattes, faces and colours.

use std::time::Instant;

use super::grid::Grid;
use super::hair::HairNet;
use super::head::Head;
use super::oval;
use super::skin::{Cloud, Palette, Tone};
use crate::frame::RgbImage;
use crate::perception::face::TrackedFace;
use crate::perception::{RegionMask, Timings};

/// Below this the person matte is background.
const NOBODY: u8 = 8;
/// Most pixels that a colour is learned from.
const SAMPLES: usize = 400;
/// How far one frame of video moves what is known of a person's colours.
const FOLLOW: f32 = 0.1;

/// What is known of one person's colours.
#[derive(Debug, Clone, Copy)]
struct Wearer {
    head: Head,
    skin: Cloud,
    palette: Palette,
}

/// Composes regions; remembers people's colours between frames.
#[derive(Debug, Default)]
pub(in crate::perception) struct Composer {
    wearers: Vec<Wearer>,
    hair: Vec<u8>,
    oval: Vec<u8>,
    tones: Vec<Tone>,
}

/// What there is to compose from.
pub(in crate::perception) struct Materials<'a> {
    /// The whole frame at grid size.
    pub picture: &'a RgbImage,
    /// Person probabilities 0–255, grid-sized.
    pub matte: &'a [u8],
    /// The faces.
    pub faces: &'a [TrackedFace],
    /// Their heads.
    pub heads: &'a [Head],
    /// Their hair, where there is a net for it.
    pub hair: Option<&'a HairNet>,
    /// The grid.
    pub grid: Grid,
}

impl Composer {
    /// Forgets everyone.
    pub fn reset(&mut self) {
        self.wearers.clear();
    }

    /// Fills `mask`.
    pub fn compose(&mut self, materials: &Materials<'_>, mask: &mut RegionMask, timings: &mut Timings) {
        let start = Instant::now();
        let Materials { grid, .. } = materials;
        mask.clear(grid.width as u32, grid.height as u32);
        self.hair.clear();
        self.hair.resize(grid.len(), 0);
        self.oval.clear();
        self.oval.resize(grid.len(), 0);
        for face in materials.faces {
            oval::draw(face, grid, &mut self.oval);
        }
        if let Some(net) = materials.hair {
            for head in materials.heads {
                net.paint(head, grid, hair_reach, &mut self.hair);
            }
        }
        self.learn(materials);
        for at in 0..grid.len() {
            let person = materials.matte[at];
            if person >= NOBODY {
                mask.set(at, self.share(materials, at, person));
            }
        }
        timings.postprocess += start.elapsed();
    }

    fn share(&self, materials: &Materials<'_>, at: usize, person: u8) -> [u8; 5] {
        let grid = &materials.grid;
        let point = grid.frame_point(at % grid.width, at / grid.width);
        let tone = Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]);
        let hair = sharpen(f32::from(self.hair[at]) / 255.0);
        let (skin, zone) = self.skin(point, tone);
        let oval = f32::from(self.oval[at]) / 255.0;
        let face = oval.max(skin * zone);
        let person = f32::from(person);
        let rest = person * (1.0 - hair);
        let body = rest * (1.0 - face);
        let shares = [person * hair, body * skin, rest * face, body * (1.0 - skin), 0.0];
        shares.map(|share| share as u8)
    }

    /// How sure `tone` at `point` is skin, and whether skin there is the face's.
    fn skin(&self, point: [f32; 2], tone: Tone) -> (f32, f32) {
        let nearest = self.wearers.iter().map(|wearer| (wearer, wearer.head.uv(point)));
        let nearest = nearest.min_by(|(_, a), (_, b)| a[0].hypot(a[1]).total_cmp(&b[0].hypot(b[1])));
        let Some((wearer, uv)) = nearest else {
            let distance = Cloud::ANY_SKIN.distance(tone);
            return (logistic(3.0 - distance), 0.0);
        };
        let skin = wearer.skin.distance(tone);
        let cloth = wearer.palette.distance(tone);
        let likely = logistic((cloth.min(9.0) - skin) / 1.5);
        let zone = (uv[0] / 0.62).powi(2) + ((uv[1] - 0.1) / 0.75).powi(2);
        let zone = if zone < 1.0 && uv[1] > -0.25 { 1.0 } else { 0.0 };
        (sharpen(likely), zone)
    }

    fn learn(&mut self, materials: &Materials<'_>) {
        self.wearers.retain(|wearer| materials.heads.iter().any(|head| head.id == wearer.head.id));
        for head in materials.heads {
            let known = self.wearers.iter().position(|wearer| wearer.head.id == head.id);
            let before = known.map(|index| self.wearers[index].skin);
            self.sample(materials, head, [-0.5, -0.5, 0.5, 0.5], |hair, oval| oval == 255 && hair < 60);
            let fresh = Cloud::learn(&mut self.tones);
            let skin = match (before, fresh) {
                (Some(mut skin), Some(fresh)) => {
                    skin.follow(fresh, FOLLOW);
                    skin
                }
                (skin, fresh) => skin.or(fresh).unwrap_or(Cloud::ANY_SKIN),
            };
            self.sample(materials, head, [-1.1, -2.4, 1.1, -0.85], |hair, oval| oval == 0 && hair < 60);
            let palette = Palette::learn(&self.tones, &skin);
            let wearer = Wearer { head: *head, skin, palette };
            match known {
                Some(index) => self.wearers[index] = wearer,
                None => self.wearers.push(wearer),
            }
        }
    }

    /// Collects tones of the person in the box (left, bottom, right, top) of head coordinates where
    /// `fits` says yes to hair and oval.
    fn sample(
        &mut self,
        materials: &Materials<'_>,
        head: &Head,
        area: [f32; 4],
        fits: impl Fn(u8, u8) -> bool,
    ) {
        self.tones.clear();
        let grid = &materials.grid;
        let corners = [[0, 1], [2, 1], [0, 3], [2, 3]].map(|[u, v]| head.at([area[u], area[v]]));
        let low = |axis: usize| corners.iter().map(|c| c[axis]).fold(f32::MAX, f32::min);
        let high = |axis: usize| corners.iter().map(|c| c[axis]).fold(f32::MIN, f32::max);
        let (columns, rows) = grid.cells([low(0), low(1), high(0), high(1)]);
        let step = ((columns.len() * rows.len()) as f32 / SAMPLES as f32).sqrt().ceil().max(1.0) as usize;
        for y in rows.step_by(step) {
            for x in columns.clone().step_by(step) {
                let at = y * grid.width + x;
                if materials.matte[at] > 200 && fits(self.hair[at], self.oval[at]) {
                    let [u, v] = head.uv(grid.frame_point(x, y));
                    if u >= area[0] && u <= area[2] && v >= area[1] && v <= area[3] {
                        self.tones.push(Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]));
                    }
                }
            }
        }
    }
}

/// How much of the net's word counts at head coordinates: hair is on and around heads.
fn hair_reach([u, v]: [f32; 2]) -> f32 {
    let (wide, tall) = if v > 0.0 { (1.25, 1.5) } else { (1.25, 2.4) };
    let distance = (u / wide).powi(2) + (v / tall).powi(2);
    (1.6 - distance * 0.6).clamp(0.0, 1.0)
}

fn sharpen(share: f32) -> f32 {
    let t = ((share - 0.25) * 2.0).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
