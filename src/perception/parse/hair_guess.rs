//! Hair by its colour: on the head and beside the neck, what is more like the person's hair than like
//! their skin and clothes. Fills what the hair net misses, and stands in for it where there is none.

use super::compose::Materials;
use super::skin::{Cloud, Tone, distance_to_any_skin};
use super::wearers::{SURE, Wearer, sample};

/// Squared colour distance up to which something on the head is the same hair.
const ON_HEAD: f32 = 12.0;
/// The same beside the neck, where clothes begin.
const BESIDE: f32 = 6.0;
/// Shiny strands are between hair and skin; where hair may be, they are hair.
const IN_FAVOUR: f32 = 1.5;
/// Darker than this colours are more noise than colour.
const NOISY: f32 = 30.0;
/// Closer to the skin than this is a bald head.
const BALD: f32 = 1.5;
/// The hair net is sure.
const SURELY_HAIR: u8 = 170;
/// The net sees no hair at all: on the head its word counts, a cap is no hair.
const NO_HAIR: f32 = 8.0;
/// From this on a doubt of the net is enough to go by the colour.
const DOUBT: f32 = 48.0;
/// Where hair is learned from without a net: a band above the forehead (left, bottom, right, top).
const BAND: [f32; 4] = [-0.3, 0.64, 0.3, 0.92];
/// Where hair is learned from with one: around the head.
const AROUND: [f32; 4] = [-0.8, -0.6, 0.8, 1.0];

/// The colour of the hair on `wearer`'s head; `None` when there is too little, or none.
pub(super) fn learn(
    wearer: &Wearer,
    materials: &Materials<'_>,
    hair: &[u8],
    oval: &[u8],
    tones: &mut Vec<Tone>,
) -> Option<Cloud> {
    if materials.hair.is_some() {
        sample(tones, materials, &wearer.head, AROUND, |at| oval[at] == 0 && hair[at] > SURELY_HAIR);
        Cloud::learn(tones)
    } else {
        sample(tones, materials, &wearer.head, BAND, |at| oval[at] == 0);
        Cloud::learn(tones).filter(|hair| skin_distance(wearer, hair.mean) > BALD)
    }
}

/// Paints hair that has the colour of `wearer`'s into `plane` (grid-sized, 0–255; the larger value
/// stays).
pub(super) fn paint(wearer: &Wearer, materials: &Materials<'_>, oval: &[u8], plane: &mut [u8]) {
    let Some(hair) = &wearer.hair else { return };
    let head = &wearer.head;
    let grid = &materials.grid;
    let (columns, rows) = head.cells(grid, 1.6);
    for y in rows {
        for x in columns.clone() {
            let at = y * grid.width + x;
            if materials.matte[at] < SURE / 2 || oval[at] > 128 || plane[at] > SURELY_HAIR {
                continue;
            }
            let [cap, lock] = likely_place(head.uv(grid.frame_point(x, y)));
            if cap + lock <= 0.0 {
                continue;
            }
            let tone = Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]);
            let (distance, skin) = (hair.distance(tone), skin_distance(wearer, tone));
            // Black hair and a black jacket differ by noise only: then it is the jacket.
            let cloth = wearer.palette.distance_beside(hair, tone) * tone.luma / (tone.luma + NOISY) - 1.0;
            let likely = |limit: f32| 1.0 / (1.0 + (distance - limit.min(skin + IN_FAVOUR)).exp());
            let doubt = (f32::from(plane[at]) - NO_HAIR) / (DOUBT - NO_HAIR);
            let doubt = if materials.hair.is_some() { doubt.clamp(0.0, 1.0) } else { 1.0 };
            let on_head = cap * doubt * likely(ON_HEAD);
            let beside = lock * likely(BESIDE.min(cloth));
            plane[at] = plane[at].max((on_head.max(beside) * 255.0) as u8);
        }
    }
}

fn skin_distance(wearer: &Wearer, tone: Tone) -> f32 {
    wearer.skin.as_ref().map_or_else(|| distance_to_any_skin(tone), |skin| skin.distance(tone))
}

/// How likely hair is at head coordinates: as a cap over the head, and as locks beside the neck.
fn likely_place([u, v]: [f32; 2]) -> [f32; 2] {
    let round = (u / 0.62).powi(2) + ((v - 0.12) / 0.78).powi(2);
    let cap = if v > -0.1 { (3.3 - round * 2.3).clamp(0.0, 1.0) } else { 0.0 };
    let beside = ((u.abs() - 0.25) * 10.0).min((0.9 - u.abs()) * 10.0).clamp(0.0, 1.0);
    let lock = if v <= 0.3 { beside * ((v + 1.5) * 2.0).clamp(0.0, 1.0) } else { 0.0 };
    [cap, lock]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hair_is_over_and_beside_the_face_and_not_on_the_chest() {
        let most = |uv: [f32; 2]| likely_place(uv).into_iter().fold(0.0, f32::max);
        for hairy in [[0.0, 0.75], [0.5, 0.4], [0.6, -0.8], [-0.6, -0.8]] {
            assert!(most(hairy) > 0.6, "{hairy:?}");
        }
        for bare in [[0.0, -0.8], [1.2, 0.0], [0.0, 1.3], [0.6, -2.0]] {
            assert_eq!(most(bare), 0.0, "{bare:?}");
        }
    }
}
