//! Hair without a hair net: what lies above and around a face, belongs to the person, is no skin and
//! has the colour of what is right above the forehead.

use super::composed::Materials;
use super::skin::{Cloud, Tone};
use super::wearers::{SURE, Wearer, sample};

/// Squared colour distance up to which something is the same hair.
const SAME_HAIR: f32 = 6.0;
/// Above this a pixel is skin.
const SKIN: u8 = 110;
/// The band above the forehead that hair is learned from: left, bottom, right, top.
const BAND: [f32; 4] = [-0.4, 0.52, 0.4, 0.85];

/// Paints the hair of `wearer` into `plane` (grid-sized, 0–255). `skin` says how sure a pixel is skin,
/// 0–254.
pub(super) fn paint(
    wearer: &Wearer,
    materials: &Materials<'_>,
    skin: &[u8],
    oval: &[u8],
    tones: &mut Vec<Tone>,
    plane: &mut [u8],
) {
    let head = &wearer.head;
    let grid = &materials.grid;
    sample(tones, materials, head, BAND, |at| skin[at] < SKIN && oval[at] == 0);
    let Some(hair) = Cloud::learn(tones) else { return };
    let (columns, rows) = head.cells(grid, 1.9);
    for y in rows {
        for x in columns.clone() {
            let at = y * grid.width + x;
            if materials.matte[at] < SURE / 2 || skin[at] >= SKIN || oval[at] > 128 {
                continue;
            }
            let place = likely_place(head.uv(grid.frame_point(x, y)));
            if place > 0.0 {
                let tone = Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]);
                let distance = hair.distance(tone);
                // Below the chin clothes of the same colour win.
                let cloth = wearer.palette.distance(tone) * (1.5 - place).max(0.0) * 4.0;
                let limit = SAME_HAIR.min(cloth.max(place * SAME_HAIR * 0.5));
                let likely = 1.0 / (1.0 + ((distance - limit) / 1.5).exp());
                plane[at] = plane[at].max((likely * place * 255.0) as u8);
            }
        }
    }
}

/// How likely hair is at head coordinates: a cap over the head, and locks that fall beside the neck.
fn likely_place([u, v]: [f32; 2]) -> f32 {
    let cap = (u / 0.85).powi(2) + ((v - 0.15) / 1.0).powi(2);
    let cap = if v > -0.2 { (3.0 - cap * 2.5).clamp(0.0, 1.0) } else { 0.0 };
    let beside = u.abs() > 0.3 && u.abs() < 0.85 && v > -1.3 && v <= 0.2;
    let lock = if beside { (1.3 + v.min(0.0)).clamp(0.0, 1.0) * 0.8 } else { 0.0 };
    cap.max(lock)
}
