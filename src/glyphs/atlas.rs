//! The letters of labels, drawn once.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use bevy_egui::egui::FontDefinitions;

/// The fixed-width font of the panel.
const FONT: &str = "Hack";
/// Height of a line in pixels of the atlas.
const HEIGHT: f32 = 32.0;
/// Letters that can be drawn: Latin-1 without control characters.
const FIRST: u32 = 0x20;
const LAST: u32 = 0xff;
const COLUMNS: u32 = 16;
/// Empty pixels around each letter, so that none sees its neighbour when it is scaled.
const ROOM: u32 = 2;

/// Letters in a grid of equal cells, one byte per pixel: how much of it the letter covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Rows from top to bottom, one byte per pixel.
    pub bytes: Vec<u8>,
    /// Columns and rows of a letter, without room.
    letter: [u32; 2],
}

impl Atlas {
    /// Draws all letters; empty where the font is not there.
    pub fn drawn() -> Self {
        let fonts = FontDefinitions::default();
        let font = fonts.font_data.get(FONT).and_then(|data| FontRef::try_from_slice(&data.font).ok());
        let Some(font) = font else {
            return Self { width: 1, height: 1, bytes: vec![0], letter: [1, 1] };
        };
        let scale = PxScale::from(HEIGHT);
        let scaled = font.as_scaled(scale);
        let letter = [scaled.h_advance(font.glyph_id('M')).ceil() as u32, HEIGHT as u32];
        let cell = letter.map(|side| side + 2 * ROOM);
        let (width, height) = (cell[0] * COLUMNS, cell[1] * (LAST - FIRST + 1).div_ceil(COLUMNS));
        let mut bytes = vec![0; (width * height) as usize];
        for code in FIRST..=LAST {
            let [left, top] = corner(code, cell);
            let Some(letter) = char::from_u32(code) else { continue };
            let glyph = font
                .glyph_id(letter)
                .with_scale_and_position(scale, point(left as f32, top as f32 + scaled.ascent()));
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, covered| {
                let [x, y] = [bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y)];
                let inside = (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
                if let Some(byte) =
                    inside.then(|| (y * i64::from(width) + x) as usize).and_then(|at| bytes.get_mut(at))
                {
                    *byte = (covered.clamp(0.0, 1.0) * 255.0).round() as u8;
                }
            });
        }
        Self { width, height, bytes, letter }
    }

    /// How much of the letter covers the point (`x`, `y`), each 0–1 of its cell, when it is drawn `height` pixels high; 0–1.
    pub fn covered(&self, letter: char, [x, y]: [f32; 2], height: u32) -> f32 {
        let [left, top, wide, high] = self.place(letter);
        // The middle of a few samples of the pixel's own size: letters are drawn smaller than they are kept.
        let step = 1.0 / height.max(1) as f32;
        let mut sum = 0.0;
        for dy in [-0.25, 0.25] {
            for dx in [-0.25, 0.25] {
                let column =
                    (left + (x + dx * step / self.aspect()).clamp(0.0, 0.999) * wide) * self.width as f32;
                let row = (top + (y + dy * step).clamp(0.0, 0.999) * high) * self.height as f32;
                let at = row as usize * self.width as usize + column as usize;
                sum += f32::from(self.bytes.get(at).copied().unwrap_or(0));
            }
        }
        sum / (4.0 * 255.0)
    }

    /// Width of a letter by its height.
    pub fn aspect(&self) -> f32 {
        self.letter[0] as f32 / self.letter[1] as f32
    }

    /// Left, top, width and height of a letter, 0–1 of the atlas; of a question mark for one that is not there.
    pub fn place(&self, letter: char) -> [f32; 4] {
        let code = u32::from(letter);
        let code = if (FIRST..=LAST).contains(&code) { code } else { u32::from('?') };
        let [left, top] = corner(code, self.letter.map(|side| side + 2 * ROOM)).map(|side| side as f32);
        let size = [self.width as f32, self.height as f32];
        let [wide, high] = self.letter.map(|side| side as f32);
        [left / size[0], top / size[1], wide / size[0], high / size[1]]
    }
}

/// Left and top of a letter, behind its room.
fn corner(code: u32, cell: [u32; 2]) -> [u32; 2] {
    let index = code.saturating_sub(FIRST);
    [index % COLUMNS * cell[0] + ROOM, index / COLUMNS * cell[1] + ROOM]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_in_their_places_and_differ() {
        let atlas = Atlas::drawn();
        let covered = |letter: char| -> Vec<u8> {
            let [x, y, w, h] = atlas.place(letter);
            let pixels = |part: f32, of: u32| (part * of as f32).round() as u32;
            let (left, top) = (pixels(x, atlas.width), pixels(y, atlas.height));
            let (wide, high) = (pixels(w, atlas.width), pixels(h, atlas.height));
            let row = |row: u32| atlas.bytes[(row * atlas.width + left) as usize..][..wide as usize].to_vec();
            (top..top + high).flat_map(row).collect()
        };
        let ink = |letter| covered(letter).iter().map(|byte| u32::from(*byte)).sum::<u32>();
        assert_eq!(ink(' '), 0);
        assert!(ink('M') > ink('.') && ink('.') > 1000);
        assert!(covered('a') != covered('b') && covered('ü') != covered('u'));
        assert_eq!(atlas.place('漢'), atlas.place('?'));
        assert!((0.4..0.7).contains(&atlas.aspect()), "{}", atlas.aspect());
    }
}
