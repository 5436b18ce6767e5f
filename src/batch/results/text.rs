//! Numbers as text, without allocations, and bytes on their way to a file.

use std::io::{self, Write};

/// Bytes that wait at most before they are written.
const CHUNK: usize = 64 << 10;

/// Text for a file, a chunk at a time; its buffer is used again and again.
pub(super) struct Chunks<W> {
    pub(super) text: Vec<u8>,
    file: W,
}

impl<W: Write> Chunks<W> {
    pub(super) fn new(file: W) -> Self {
        Self { text: Vec::with_capacity(CHUNK + 4096), file }
    }

    /// Writes what waits when it is a chunk.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        if self.text.len() < CHUNK { Ok(()) } else { self.write() }
    }

    /// Writes all that waits.
    pub(super) fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }

    /// The same, down to the file.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.file.flush()
    }
}

/// Puts a whole number there.
pub(super) fn integer(text: &mut Vec<u8>, value: i64) {
    if value < 0 {
        text.push(b'-');
    }
    natural(text, value.unsigned_abs(), 10);
}

/// Puts a number there in `radix` 2–36.
pub(super) fn natural(text: &mut Vec<u8>, mut value: u64, radix: u64) {
    let mut digits = [0; 64];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(value % radix) as usize];
        value /= radix;
        if value == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
}

/// Puts `value` there with at most `places` decimals, zeros at the end left out; what is no number is 0.
pub(super) fn decimal(text: &mut Vec<u8>, value: f64, places: u32) {
    let mut scaled = scaled(value, places);
    let mut places = places;
    while places > 0 && scaled % 10 == 0 {
        (scaled, places) = (scaled / 10, places - 1);
    }
    point(text, scaled, places);
}

/// Puts `value` there with exactly `places` decimals; what is no number is 0.
pub(super) fn fixed(text: &mut Vec<u8>, value: f64, places: u32) {
    point(text, scaled(value, places), places);
}

/// `value` in units of its last decimal; what is no number is 0.
pub(super) fn scaled(value: f64, places: u32) -> i64 {
    let most = 1e15;
    // A conversion makes 0 of what is no number.
    (value * 10_f64.powi(places as i32)).round().clamp(-most, most) as i64
}

fn point(text: &mut Vec<u8>, scaled: i64, places: u32) {
    let (whole, rest) =
        (scaled.unsigned_abs() / 10_u64.pow(places), scaled.unsigned_abs() % 10_u64.pow(places));
    if scaled < 0 {
        text.push(b'-');
    }
    natural(text, whole, 10);
    if places > 0 {
        text.push(b'.');
        for place in (0..places).rev() {
            text.push(b'0' + (rest / 10_u64.pow(place) % 10) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(put: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut text = Vec::new();
        put(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for value in [0, 1, -1, 9, 10, 12_345, i64::MAX, i64::MIN] {
            assert_eq!(text(|text| integer(text, value)), value.to_string());
        }
        for value in [0.0, 0.1, -0.04, 12.96, -7.5, 640.0, 99_999.94] {
            let rounded = format!("{value:.1}").replace("-0.0", "0.0");
            assert_eq!(text(|text| fixed(text, value, 1)), rounded);
        }
    }

    #[test]
    fn decimals_are_as_few_as_it_takes() {
        for (value, short) in [(0.48, "0.48"), (0.5, "0.5"), (12.0, "12"), (0.999_9, "1"), (-0.001, "0")] {
            assert_eq!(text(|text| decimal(text, value, 2)), short);
        }
        assert_eq!(text(|text| decimal(text, 100.0, 0)), "100", "zeros before the point stay");
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let number: f64 = text(|text| decimal(text, value, 2)).parse().unwrap();
            assert!(number.is_finite());
        }
    }

    #[test]
    fn running_numbers_are_short() {
        assert_eq!(text(|text| natural(text, 0, 36)), "0");
        assert_eq!(text(|text| natural(text, 35, 36)), "z");
        assert_eq!(text(|text| natural(text, 56, 36)), "1k");
    }
}
