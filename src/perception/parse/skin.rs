//! What a person's skin looks like, learned from their face, and what it is not: their clothes.

/// A pixel's colour for telling skin from cloth: brightness, and two colour differences that stay the
/// same when the light gets weaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tone {
    /// Brightness 0–255.
    pub luma: f32,
    /// Redness: (R - luma) over luma.
    pub red: f32,
    /// Blueness: (B - luma) over luma.
    pub blue: f32,
}

/// Keeps the colour differences of near-black pixels, which are noise, small.
const DARK: f32 = 24.0;

impl Tone {
    /// From R, G, B as bytes.
    pub fn of(rgb: &[u8]) -> Self {
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(f32::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        let scale = 1.0 / (luma + DARK);
        Self { luma, red: (r - luma) * scale, blue: (b - luma) * scale }
    }

    fn lerp(self, other: Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self {
            luma: mix(self.luma, other.luma),
            red: mix(self.red, other.red),
            blue: mix(self.blue, other.blue),
        }
    }
}

/// A cloud of tones: middle and spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cloud {
    pub mean: Tone,
    pub spread: Tone,
}

/// Spreads are at least this: noise of cameras and of their compression.
const LEAST: Tone = Tone { luma: 30.0, red: 0.04, blue: 0.04 };
/// Spreads are at most this: beards, glasses and shadows are no skin.
const MOST: Tone = Tone { luma: 60.0, red: 0.09, blue: 0.09 };
/// Brightness says less than colour.
const LUMA_WEIGHT: f32 = 0.35;

impl Cloud {
    /// Median and median deviation of `tones`, which are put in another order; `None` when there are
    /// too few to learn from.
    pub fn learn(tones: &mut [Tone]) -> Option<Self> {
        if tones.len() < 24 {
            return None;
        }
        let (luma, luma_spread) = median(tones, |tone| tone.luma);
        let (red, red_spread) = median(tones, |tone| tone.red);
        let (blue, blue_spread) = median(tones, |tone| tone.blue);
        let spread = Tone {
            luma: luma_spread.clamp(LEAST.luma, MOST.luma),
            red: red_spread.clamp(LEAST.red, MOST.red),
            blue: blue_spread.clamp(LEAST.blue, MOST.blue),
        };
        Some(Self { mean: Tone { luma, red, blue }, spread })
    }

    /// Moves towards `other` by `share` (0–1).
    pub fn follow(&mut self, other: Self, share: f32) {
        self.mean = self.mean.lerp(other.mean, share);
        self.spread = self.spread.lerp(other.spread, share);
    }

    /// Squared distance of `tone` in spreads.
    pub fn distance(&self, tone: Tone) -> f32 {
        let luma = (tone.luma - self.mean.luma) / self.spread.luma;
        let red = (tone.red - self.mean.red) / self.spread.red;
        let blue = (tone.blue - self.mean.blue) / self.spread.blue;
        luma * luma * LUMA_WEIGHT + red * red + blue * blue
    }
}

/// Squared distance of `tone` from the skin of people in general, for when no face could be learned
/// from. Skins of all people lie on one line from pale to dark: as much less blue as more red.
pub(super) fn distance_to_any_skin(tone: Tone) -> f32 {
    let warmth = ((tone.red - tone.blue) / 2.0 - 0.22).abs() - 0.08;
    let off = (tone.red + tone.blue) / 0.05;
    let warmth = warmth.max(0.0) / 0.04;
    let dark = (45.0 - tone.luma).max(0.0) / 10.0;
    warmth * warmth + off * off + dark * dark
}

/// Median and 1.4826 times the median absolute deviation (the deviation of a normal distribution).
fn median(tones: &mut [Tone], of: impl Fn(&Tone) -> f32) -> (f32, f32) {
    let middle = tones.len() / 2;
    let pick = |tones: &mut [Tone], key: &dyn Fn(&Tone) -> f32| {
        let (_, tone, _) = tones.select_nth_unstable_by(middle, |a, b| key(a).total_cmp(&key(b)));
        key(tone)
    };
    let value = pick(tones, &|tone| of(tone));
    let deviation = pick(tones, &|tone| (of(tone) - value).abs());
    (value, deviation * 1.4826)
}

/// How many colours clothes are summed up in.
const COLOURS: usize = 4;
/// A colour of clothes this close to the skin is bare skin.
const BARE: f32 = 4.0;
/// Locks take no larger share of the chest.
const LOCKS: f32 = 0.3;
/// A colour of the chest this close to the hair may be hair.
const SAME_HAIR: f32 = 5.0;
/// Noise of one colour of cloth.
const CLOTH: Tone = Tone { luma: 26.0, red: 0.045, blue: 0.045 };

/// The main colours of what someone wears and their shares, by k-means over samples of the chest.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Palette {
    clouds: [Option<(Cloud, f32)>; COLOURS],
}

impl Palette {
    /// Learns from `tones`; colours that are skin by `skin`'s squared distance are left out.
    pub fn learn(tones: &[Tone], skin: impl Fn(Tone) -> f32) -> Self {
        if tones.len() < 24 {
            return Self::default();
        }
        let key = |tone: &Tone| [tone.luma / CLOTH.luma, tone.red / CLOTH.red, tone.blue / CLOTH.blue];
        let near =
            |a: [f32; 3], b: [f32; 3]| -> f32 { a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum() };
        // Start far apart: each new centre is the sample farthest from those before.
        let mut centres = [key(&tones[0]); COLOURS];
        for index in 1..COLOURS {
            let mut farthest = (0.0, key(&tones[0]));
            for tone in tones {
                let k = key(tone);
                let distance = centres[..index].iter().map(|c| near(*c, k)).fold(f32::MAX, f32::min);
                if distance > farthest.0 {
                    farthest = (distance, k);
                }
            }
            centres[index] = farthest.1;
        }
        let mut counts = [0_usize; COLOURS];
        for _ in 0..4 {
            let mut sums = [[0.0_f32; 3]; COLOURS];
            counts = [0; COLOURS];
            for tone in tones {
                let k = key(tone);
                let mut best = (f32::MAX, 0);
                for (index, centre) in centres.iter().enumerate() {
                    let distance = near(*centre, k);
                    if distance < best.0 {
                        best = (distance, index);
                    }
                }
                counts[best.1] += 1;
                for (sum, value) in sums[best.1].iter_mut().zip(k) {
                    *sum += value;
                }
            }
            for ((centre, sum), count) in centres.iter_mut().zip(sums).zip(counts) {
                if count > 0 {
                    *centre = sum.map(|value| value / count as f32);
                }
            }
        }
        let mut palette = Self::default();
        for ((cloud, centre), count) in palette.clouds.iter_mut().zip(centres).zip(counts) {
            let [luma, red, blue] = centre;
            let mean = Tone { luma: luma * CLOTH.luma, red: red * CLOTH.red, blue: blue * CLOTH.blue };
            let common = count * 20 >= tones.len();
            let share = count as f32 / tones.len() as f32;
            *cloud = (common && skin(mean) > BARE).then_some((Cloud { mean, spread: CLOTH }, share));
        }
        palette
    }

    /// Squared distance of `tone` to the nearest colour in spreads of cloth; infinite when none is
    /// known.
    pub fn distance(&self, tone: Tone) -> f32 {
        self.clouds.iter().flatten().map(|(cloud, _)| cloud.distance(tone)).fold(f32::INFINITY, f32::min)
    }

    /// As [`distance`](Self::distance), without the colours of `hair` where their share is small: locks
    /// that fall on the chest.
    pub fn distance_beside(&self, hair: &Cloud, tone: Tone) -> f32 {
        let like_hair = |cloud: &Cloud| hair.distance(cloud.mean) < SAME_HAIR;
        let alike = self.clouds.iter().flatten().filter(|(cloud, _)| like_hair(cloud));
        let locks = alike.map(|(_, share)| share).sum::<f32>() <= LOCKS;
        let clouds = self.clouds.iter().flatten().filter(|(cloud, _)| !(locks && like_hair(cloud)));
        clouds.map(|(cloud, _)| cloud.distance(tone)).fold(f32::INFINITY, f32::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tones(rgb: [u8; 3], count: usize) -> Vec<Tone> {
        (0..count)
            .map(|i| {
                let noise = (i * 7 % 13) as u8;
                Tone::of(&rgb.map(|v| v.saturating_add(noise)))
            })
            .collect()
    }

    #[test]
    fn a_face_in_shadow_keeps_its_skin_and_a_white_shirt_is_not_skin() {
        for face in [[214, 160, 130], [120, 80, 60]] {
            let skin = Cloud::learn(&mut tones(face, 200)).expect("enough");
            let shadow = Tone::of(&face.map(|v| (f32::from(v) * 0.7) as u8));
            assert!(skin.distance(shadow) < 4.0, "{}", skin.distance(shadow));
            for cloth in [[230, 228, 225], [20, 20, 24], [40, 60, 140], [90, 120, 90]] {
                assert!(skin.distance(Tone::of(&cloth)) > 9.0, "{face:?} {cloth:?}");
            }
        }
    }

    #[test]
    fn skins_of_the_world_are_skin_and_wood_jeans_and_blond_hair_are_not() {
        for skin in [[235, 200, 180], [200, 150, 120], [150, 100, 75], [100, 65, 48], [140, 92, 62]] {
            let distance = distance_to_any_skin(Tone::of(&skin));
            assert!(distance < 2.5, "{skin:?} {distance}");
        }
        for other in [[180, 120, 60], [60, 80, 130], [195, 165, 110], [230, 140, 20], [30, 28, 28]] {
            let distance = distance_to_any_skin(Tone::of(&other));
            assert!(distance > 4.0, "{other:?} {distance}");
        }
    }

    #[test]
    fn clothes_close_to_skin_are_told_by_their_own_colour() {
        let skin = Cloud::learn(&mut tones([200, 150, 120], 200)).expect("enough");
        let beige = Tone::of(&[205, 185, 160]);
        let palette = Palette::learn(&tones([205, 185, 160], 200), |tone| skin.distance(tone));
        assert!(palette.distance(beige) < skin.distance(beige));
        let bare = Palette::learn(&tones([195, 146, 118], 200), |tone| skin.distance(tone));
        assert_eq!(bare.distance(beige), f32::INFINITY);
        assert_eq!(Cloud::learn(&mut tones([200, 150, 120], 10)), None);
    }
}
