//! Hair without a hair net: what lies above and around a face, belongs to the person, and is more like
//! what is right above the forehead than like the face's skin.

use super::compose::Materials;
use super::skin::{Cloud, Tone, distance_to_any_skin};
use super::wearers::{SURE, Wearer, sample};

/// Squared colour distance up to which something on the head is the same hair.
const ON_HEAD: f32 = 12.0;
/// The same beside the neck, where clothes begin.
const BESIDE: f32 = 5.0;
/// Closer to the skin than this is a bald head.
const BALD: f32 = 1.5;
/// The band above the forehead that hair is learned from: left, bottom, right, top.
const BAND: [f32; 4] = [-0.3, 0.64, 0.3, 0.92];

/// Paints the hair of `wearer` into `plane` (grid-sized, 0–255).
pub(super) fn paint(
    wearer: &Wearer,
    materials: &Materials<'_>,
    oval: &[u8],
    tones: &mut Vec<Tone>,
    plane: &mut [u8],
) {
    let head = &wearer.head;
    let grid = &materials.grid;
    let skin = |tone: Tone| {
        wearer.skin.as_ref().map_or_else(|| distance_to_any_skin(tone), |skin| skin.distance(tone))
    };
    sample(tones, materials, head, BAND, |at| oval[at] == 0);
    let Some(hair) = Cloud::learn(tones).filter(|hair| skin(hair.mean) > BALD) else { return };
    let (columns, rows) = head.cells(grid, 1.5);
    for y in rows {
        for x in columns.clone() {
            let at = y * grid.width + x;
            if materials.matte[at] < SURE / 2 || oval[at] > 128 {
                continue;
            }
            let [cap, lock] = likely_place(head.uv(grid.frame_point(x, y)));
            if cap + lock <= 0.0 {
                continue;
            }
            let tone = Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]);
            let (distance, skin) = (hair.distance(tone), skin(tone));
            let likely = |limit: f32| 1.0 / (1.0 + (distance - limit.min(skin)).exp());
            let on_head = cap * likely(ON_HEAD);
            let beside = lock * likely(BESIDE.min(wearer.palette.distance(tone)));
            plane[at] = plane[at].max((on_head.max(beside) * 255.0) as u8);
        }
    }
}

/// How likely hair is at head coordinates: as a cap over the head, and as locks beside the neck.
fn likely_place([u, v]: [f32; 2]) -> [f32; 2] {
    let round = (u / 0.62).powi(2) + ((v - 0.12) / 0.78).powi(2);
    let cap = if v > -0.1 { (3.3 - round * 2.3).clamp(0.0, 1.0) } else { 0.0 };
    let beside = u.abs() > 0.3 && u.abs() < 0.8 && v > -1.3 && v <= 0.3;
    let lock = if beside { (1.3 + v.min(0.0)).clamp(0.0, 1.0) * 0.9 } else { 0.0 };
    [cap, lock]
}
