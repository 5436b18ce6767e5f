//! Everyone's colours: skin learned from faces, clothes learned from chests, and the table that tells
//! one from the other.

use super::compose::Materials;
use super::hair_guess;
use super::head::Head;
use super::skin::{Cloud, Palette, Tone, distance_to_any_skin};

/// Most pixels that a colour is learned from.
const SAMPLES: usize = 400;
/// Frames between two lessons.
const LESSON: u32 = 8;
/// How far one lesson moves what is known of a person's skin.
const FOLLOW: f32 = 0.3;
/// Squared distance of a face's colour from what is known beyond which it is another person's.
const STRANGER: f32 = 4.0;
/// Squared distance beyond which nothing is skin.
const SKIN_REACH: f32 = 9.0;
/// The same for people whose face is not seen: only what is surely skin.
const UNSEEN_REACH: f32 = 3.5;
/// Where skin is learned from, in head coordinates: left, bottom, right, top.
const FACE: [f32; 4] = [-0.5, -0.5, 0.5, 0.5];
/// Where clothes are learned from.
const CLOTHES: [f32; 4] = [-1.1, -2.4, 1.1, -0.85];
/// Bits per colour channel that the table tells apart.
const BITS: u32 = 6;
/// Surely part of a person.
pub(super) const SURE: u8 = 200;
/// Above this a pixel is too hairy to learn other colours from.
pub(super) const HAIRY: u8 = 60;

/// What is known of one person's colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wearer {
    pub head: Head,
    /// Of the face; `None` while none was seen.
    pub skin: Option<Cloud>,
    pub palette: Palette,
    /// Colour of the hair; `None` while none was seen.
    pub hair: Option<Cloud>,
}

/// The people in view and a table from colour to how sure it is skin.
#[derive(Debug, Default)]
pub(super) struct Wearers {
    people: Vec<Wearer>,
    tones: Vec<Tone>,
    /// 0: not asked yet, else likelihood + 1 of 254.
    table: Vec<u8>,
    frames: u32,
}

impl Wearers {
    /// Forgets everyone.
    pub fn reset(&mut self) {
        self.people.clear();
        self.frames = 0;
    }

    /// Who is there.
    pub fn people(&self) -> &[Wearer] {
        &self.people
    }

    /// Learns from this frame when someone came or went, or when it is time to.
    pub fn learn(&mut self, materials: &Materials<'_>, hair: &[u8], oval: &[u8]) {
        let heads = materials.heads;
        let same = self.people.len() == heads.len()
            && heads.iter().all(|head| self.people.iter().any(|wearer| wearer.head.id == head.id));
        self.frames += 1;
        if same && self.frames < LESSON {
            for wearer in &mut self.people {
                if let Some(head) = heads.iter().find(|head| head.id == wearer.head.id) {
                    wearer.head = *head;
                }
            }
            return;
        }
        self.frames = 0;
        self.people.retain(|wearer| heads.iter().any(|head| head.id == wearer.head.id));
        for head in heads {
            let known = self.people.iter().position(|wearer| wearer.head.id == head.id);
            let before = known.and_then(|index| self.people[index].skin);
            sample(&mut self.tones, materials, head, FACE, |at| oval[at] == 255 && hair[at] < HAIRY);
            let fresh = Cloud::learn(&mut self.tones);
            // Someone else stands where they stood.
            let stranger =
                before.zip(fresh).is_some_and(|(before, fresh)| before.distance(fresh.mean) > STRANGER);
            let skin = match (before, fresh) {
                (Some(mut skin), Some(fresh)) if !stranger => {
                    skin.follow(fresh, FOLLOW);
                    Some(skin)
                }
                (skin, fresh) => fresh.or(skin),
            };
            let far = |tone: Tone| match &skin {
                Some(skin) => skin.distance(tone),
                None => distance_to_any_skin(tone),
            };
            sample(&mut self.tones, materials, head, CLOTHES, |at| oval[at] == 0 && hair[at] < HAIRY);
            let palette = Palette::learn(&self.tones, far);
            let mut wearer = Wearer { head: *head, skin, palette, hair: None };
            let fresh = hair_guess::learn(&wearer, materials, hair, oval, &mut self.tones);
            wearer.hair = match (known.and_then(|index| self.people[index].hair), fresh) {
                (Some(mut hair), Some(fresh)) if !stranger => {
                    hair.follow(fresh, FOLLOW);
                    Some(hair)
                }
                (hair, fresh) => fresh.or(hair.filter(|_| !stranger)),
            };
            match known {
                Some(index) => self.people[index] = wearer,
                None => self.people.push(wearer),
            }
        }
        self.table.clear();
        self.table.resize(1 << (3 * BITS), 0);
    }

    /// How sure the colour `rgb` is somebody's skin and nobody's clothes, 0–254.
    pub fn skin(&mut self, rgb: &[u8]) -> u8 {
        let part = |v: u8| usize::from(v >> (8 - BITS));
        let key = (part(rgb[0]) << (2 * BITS)) | (part(rgb[1]) << BITS) | part(rgb[2]);
        match self.table.get(key).copied() {
            Some(0) | None => {
                let likely = (self.judge(Tone::of(rgb)) * 254.0) as u8;
                if let Some(entry) = self.table.get_mut(key) {
                    *entry = likely + 1;
                }
                likely
            }
            Some(known) => known - 1,
        }
    }

    fn judge(&self, tone: Tone) -> f32 {
        let mut skin = distance_to_any_skin(tone) + SKIN_REACH - UNSEEN_REACH;
        let mut cloth = SKIN_REACH;
        let seen = self.people.iter().any(|wearer| wearer.skin.is_some());
        if seen {
            skin = f32::INFINITY;
        }
        for wearer in &self.people {
            cloth = cloth.min(wearer.palette.distance(tone));
            if let Some(cloud) = &wearer.skin {
                skin = skin.min(cloud.distance(tone));
            }
        }
        1.0 / (1.0 + ((skin - cloth) / 1.5).exp())
    }
}

/// Collects tones of the person in the box (left, bottom, right, top) of head coordinates where `fits`
/// says yes to the grid pixel.
pub(super) fn sample(
    tones: &mut Vec<Tone>,
    materials: &Materials<'_>,
    head: &Head,
    area: [f32; 4],
    fits: impl Fn(usize) -> bool,
) {
    tones.clear();
    let grid = &materials.grid;
    let corners = [[0, 1], [2, 1], [0, 3], [2, 3]].map(|[u, v]| head.at([area[u], area[v]]));
    let low = |axis: usize| corners.iter().map(|c| c[axis]).fold(f32::MAX, f32::min);
    let high = |axis: usize| corners.iter().map(|c| c[axis]).fold(f32::MIN, f32::max);
    let (columns, rows) = grid.cells([low(0), low(1), high(0), high(1)]);
    let step = ((columns.len() * rows.len()) as f32 / SAMPLES as f32).sqrt().ceil().max(1.0) as usize;
    for y in rows.step_by(step) {
        for x in columns.clone().step_by(step) {
            let at = y * grid.width + x;
            if materials.matte[at] > SURE && fits(at) {
                let [u, v] = head.uv(grid.frame_point(x, y));
                if u >= area[0] && u <= area[2] && v >= area[1] && v <= area[3] {
                    tones.push(Tone::of(&materials.picture.pixels[at * 3..at * 3 + 3]));
                }
            }
        }
    }
}
