//! The regions of a frame as a small picture of probabilities.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use crate::frame::{Region, RgbImage};

/// Rows of the large picture made at once: bounds the memory of a large one.
const BAND: u32 = 64;

/// Six probabilities for every pixel of a grid stretched over the whole frame, and the picture they were
/// found in, in two planes that upload as RGBA8 textures; row-major, top row first. The six add up to 255.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionMask {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Background, hair, body skin, face skin.
    pub plane0: Vec<u8>,
    /// Clothes, accessories, guide, 0. The guide is the brightness of the picture that the network saw:
    /// BT.601 luma, full range 0–255. Where the frame shows another one, the mask knows nothing finer.
    pub plane1: Vec<u8>,
}

impl RegionMask {
    /// Makes it `width` × `height`, all background, the guide black.
    pub fn clear(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        let bytes = width as usize * height as usize * 4;
        self.plane0.clear();
        self.plane0.resize(bytes, 0);
        self.plane1.clear();
        self.plane1.resize(bytes, 0);
        for pixel in self.plane0.chunks_exact_mut(4) {
            pixel[0] = 255;
        }
    }

    /// The probability of `region` at column `x`, row `y`, 0–255; 0 outside.
    pub fn probability(&self, region: Region, x: u32, y: u32) -> u8 {
        if x >= self.width || y >= self.height {
            return 0;
        }
        let at = (y as usize * self.width as usize + x as usize) * 4;
        let index = region.index();
        let plane = if index < 4 { &self.plane0 } else { &self.plane1 };
        plane.get(at + index % 4).copied().unwrap_or(0)
    }

    /// Sets pixel number `at` (row-major). `shares` are the five regions after background in the
    /// order of their ids and add up to at most 255; background is what they leave.
    pub(super) fn set(&mut self, at: usize, shares: [u8; 5]) {
        let [hair, body, face, clothes, accessories] = shares;
        let background = shares.iter().fold(255_u8, |left, share| left.saturating_sub(*share));
        let at = at * 4;
        if let Some(pixel) = self.plane0.get_mut(at..at + 4) {
            pixel.copy_from_slice(&[background, hair, body, face]);
        }
        if let Some(pixel) = self.plane1.get_mut(at..at + 2) {
            pixel.copy_from_slice(&[clothes, accessories]);
        }
    }

    /// Takes the brightness of `picture`, which has the mask's size, as the guide.
    pub(super) fn set_guide(&mut self, picture: &RgbImage) {
        for (pixel, rgb) in self.plane1.chunks_exact_mut(4).zip(picture.pixels.chunks_exact(3)) {
            pixel[2] = luma([rgb[0], rgb[1], rgb[2]]);
        }
    }

    /// Region ids of a `width` × `height` picture, row-major: the probabilities are scaled up
    /// bilinearly, then the most likely region wins; of equal ones the lower id.
    pub fn region_ids(&self, width: u32, height: u32, ids: &mut Vec<u8>) {
        ids.clear();
        ids.resize(width as usize * height as usize, Region::Background.id());
        if ids.is_empty() || self.width == 0 || self.height == 0 {
            return;
        }
        let mut resizer = Resizer::new();
        let (mut band0, mut band1) = (Vec::new(), Vec::new());
        let step = f64::from(self.height) / f64::from(height);
        for (index, rows) in ids.chunks_mut((width * BAND) as usize).enumerate() {
            let first = index as u32 * BAND;
            let count = BAND.min(height - first);
            let (top, tall) = (f64::from(first) * step, f64::from(count) * step);
            for (plane, band) in [(&self.plane0, &mut band0), (&self.plane1, &mut band1)] {
                band.resize((width * count) as usize * 4, 0);
                self.scale(&mut resizer, plane, (top, tall), (width, count), band);
            }
            for ((id, a), b) in rows.iter_mut().zip(band0.chunks_exact(4)).zip(band1.chunks_exact(4)) {
                let shares = [a[0], a[1], a[2], a[3], b[0], b[1]];
                let mut best = 0;
                for (region, share) in shares.iter().enumerate() {
                    if *share > shares[best] {
                        best = region;
                    }
                }
                *id = best as u8;
            }
        }
    }

    fn scale(
        &self,
        resizer: &mut Resizer,
        plane: &[u8],
        (top, tall): (f64, f64),
        (width, height): (u32, u32),
        to: &mut [u8],
    ) {
        let tall = tall.min(f64::from(self.height) - top);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
            .use_alpha(false)
            .crop(0.0, top, f64::from(self.width), tall);
        let from = TypedImageRef::<U8x4>::from_buffer(self.width, self.height, plane);
        let to = TypedImage::<U8x4>::from_buffer(width, height, to);
        if let (Ok(from), Ok(mut to)) = (from, to)
            && let Err(error) = resizer.resize_typed(&from, &mut to, &options)
        {
            tracing::error!("a band of the region mask was not scaled: {error}");
        }
    }
}

/// BT.601 luma in 256ths: 0.299, 0.587, 0.114 (ITU-R BT.601-7, section 2.5.1).
fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29 + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_is_the_brightness_of_the_picture_whatever_the_regions_are() {
        let mut mask = RegionMask::default();
        mask.clear(3, 1);
        let pixels = vec![255, 255, 255, 255, 0, 0, 0, 0, 0];
        mask.set_guide(&RgbImage { width: 3, height: 1, pixels });
        mask.set(0, [0, 0, 0, 90, 30]);
        assert_eq!(mask.plane1, [90, 30, 255, 0, 0, 0, 77, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn the_most_likely_region_wins_at_any_size() {
        let mut mask = RegionMask::default();
        mask.clear(4, 4);
        for at in 0..16 {
            if at % 4 >= 2 {
                mask.set(at, [0, 0, 20, 200, 0]);
            }
        }
        assert_eq!(mask.probability(Region::Background, 3, 0), 35);
        assert_eq!(mask.probability(Region::Clothes, 3, 3), 200);
        assert_eq!(mask.probability(Region::Clothes, 4, 3), 0);
        let mut ids = Vec::new();
        mask.region_ids(40, 300, &mut ids);
        assert_eq!(ids.len(), 40 * 300);
        for row in ids.chunks_exact(40) {
            assert!(row[..18].iter().all(|id| *id == 0) && row[22..].iter().all(|id| *id == 4));
        }
        mask.region_ids(1, 1, &mut ids);
        assert_eq!(ids.len(), 1);
    }

    #[test]
    fn an_empty_mask_is_background() {
        let mut ids = vec![9];
        RegionMask::default().region_ids(3, 2, &mut ids);
        assert_eq!(ids, [0; 6]);
    }
}
