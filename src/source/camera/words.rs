//! Rows of pixels in one order, into rows in another.

use super::formats::{Packing, Sample};

impl Packing {
    /// The three components of the pixel that `bytes` begins with, 0–255 each.
    pub(super) fn components(self, bytes: &[u8]) -> [u8; 3] {
        let word = &bytes[..self.bytes];
        let add = |word: u32, byte: &u8| word << 8 | u32::from(*byte);
        let word = if self.big_endian { word.iter().fold(0, add) } else { word.iter().rev().fold(0, add) };
        self.parts.map(|(low, bits)| {
            let most = (1 << bits) - 1;
            // Bits that are all set are full brightness, however few they are.
            ((word >> low & most) * 255 / most) as u8
        })
    }
}

impl Sample {
    /// The sample number `index` of `row`, 0–255.
    pub(super) fn at(self, row: &[u8], index: usize) -> u8 {
        match self {
            Self::Byte => row[index],
            Self::WordBigEndian => row[index * 2],
            Self::Word(over) => {
                let word = u16::from_le_bytes([row[index * 2], row[index * 2 + 1]]);
                (word >> over).min(255) as u8
            }
        }
    }
}

/// Pixels of `STEP` bytes to four, from the places of red, green and blue.
pub(super) fn widen<const STEP: usize, const RED: usize, const GREEN: usize, const BLUE: usize>(
    from: &[u8],
    to: &mut [u8],
) {
    for (from, to) in from.as_chunks::<STEP>().0.iter().zip(to.as_chunks_mut::<4>().0) {
        *to = [from[RED], from[GREEN], from[BLUE], 255];
    }
}

pub(super) fn copy(from: &[u8], to: &mut [u8]) {
    to.copy_from_slice(from);
}

/// Four bytes in `order` → Y0 Cb Y1 Cr.
pub(super) fn reorder(from: &[u8], to: &mut [u8], order: [usize; 4]) {
    for (from, to) in from.chunks_exact(4).zip(to.chunks_exact_mut(4)) {
        to.copy_from_slice(&order.map(|at| from[at]));
    }
}

/// Cb Y0 Cr Y1 → Y0 Cb Y1 Cr.
pub(super) fn swap_pairs(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.as_chunks::<2>().0.iter().zip(to.as_chunks_mut::<2>().0) {
        *to = [from[1], from[0]];
    }
}

/// Two rows of a mosaic into a row of RGBA: each pixel takes the colours of its own 2 × 2 block. `flip` when the row
/// itself is the lower one of its block.
pub(super) fn mosaic(rows: [&[u8]; 2], sample: Sample, red: (usize, usize), flip: bool, out: &mut [u8]) {
    let width = out.len() / 4;
    let rows = if flip { [rows[1], rows[0]] } else { rows };
    for (x, to) in out.chunks_exact_mut(4).enumerate() {
        // The last column of an odd width has no block of its own.
        let left = (x & !1).min(width.saturating_sub(2));
        let at = |column: usize, row: usize| sample.at(rows[row], (left + column).min(width - 1));
        let green = (u16::from(at(1 - red.0, red.1)) + u16::from(at(red.0, 1 - red.1))) / 2;
        to.copy_from_slice(&[at(red.0, red.1), green as u8, at(1 - red.0, 1 - red.1), 255]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::camera::formats::RawFormat;

    #[test]
    fn bits_become_bytes_in_either_order() {
        let packing = |code| match RawFormat::from_code(code) {
            Some(RawFormat::Rgb(packing) | RawFormat::Yuv(packing)) => packing,
            other => panic!("{other:?}"),
        };
        assert_eq!(packing("RGBP").components(&[0b0000_0000, 0b1111_1000]), [255, 0, 0]);
        assert_eq!(packing("RGBR").components(&[0b0000_0111, 0b1110_0000]), [0, 255, 0]);
        assert_eq!(packing("RGB1").components(&[0b0000_0011]), [0, 0, 255]);
        assert_eq!(packing("BX24").components(&[9, 1, 2, 3]), [1, 2, 3]);
        assert_eq!(packing("VUYA").components(&[1, 2, 3, 9]), [3, 2, 1]);
        assert_eq!(packing("BGRH").components(&[0xFC, 0, 0, 0]), [0, 0, 255]);
    }

    #[test]
    fn samples_keep_their_highest_bits() {
        assert_eq!(Sample::Word(2).at(&[0xFC, 0x03], 0), 255);
        assert_eq!(Sample::Word(8).at(&[0, 0, 0x34, 0x12], 1), 0x12);
        assert_eq!(Sample::WordBigEndian.at(&[0x12, 0x34], 0), 0x12);
    }

    #[test]
    fn a_block_of_a_mosaic_has_one_colour() {
        // RGGB: red 10, green 20 and 30, blue 40.
        let mut out = [0; 8];
        mosaic([&[10, 20], &[30, 40]], Sample::Byte, (0, 0), false, &mut out);
        assert_eq!(out, [10, 25, 40, 255, 10, 25, 40, 255]);
        mosaic([&[30, 40], &[10, 20]], Sample::Byte, (0, 0), true, &mut out);
        assert_eq!(out, [10, 25, 40, 255, 10, 25, 40, 255]);
    }
}
