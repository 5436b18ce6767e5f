//! Whether a JPEG is all there.

use std::io::{BufRead, ErrorKind, Result};

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// Walks the markers from the start of the file (ITU-T T.81, annex B) and says whether the end marker comes.
/// A thumbnail inside a segment has an end marker of its own, which is passed over with its segment.
pub(crate) fn reaches_its_end(reader: &mut impl BufRead) -> Result<bool> {
    match walk(reader) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        other => other,
    }
}

fn walk(reader: &mut impl BufRead) -> Result<bool> {
    let mut in_scan = false;
    loop {
        if in_scan {
            reader.skip_until(0xFF)?;
        } else if byte(reader)? != 0xFF {
            // Rubbish between segments: the next marker is looked for.
            in_scan = true;
            continue;
        }
        let mut marker = byte(reader)?;
        while marker == 0xFF {
            marker = byte(reader)?;
        }
        match marker {
            END_OF_IMAGE => return Ok(true),
            // Stuffed byte, restart markers, start of image: nothing follows that could be skipped.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                let length = u16::from_be_bytes([byte(reader)?, byte(reader)?]);
                skip(reader, u64::from(length.saturating_sub(2)))?;
                in_scan = marker == START_OF_SCAN;
            }
        }
    }
}

fn byte(reader: &mut impl BufRead) -> Result<u8> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn skip(reader: &mut impl BufRead, mut bytes: u64) -> Result<()> {
    while bytes > 0 {
        let here = reader.fill_buf()?.len();
        if here == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let step = bytes.min(here as u64);
        reader.consume(step as usize);
        bytes -= step;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_file_reaches_its_end() {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * y) as u8, y as u8, x as u8]));
        picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("encodes");
        let whole = jpeg.into_inner();
        assert!(reaches_its_end(&mut &whole[..]).expect("readable"));
        for end in [2, 3, 20, whole.len() / 2, whole.len() - 2] {
            assert!(!reaches_its_end(&mut &whole[..end]).expect("readable"), "cut at {end}");
        }
        let with_tail = [&whole[..], &[1, 2, 3]].concat();
        assert!(reaches_its_end(&mut &with_tail[..]).expect("readable"));
        // A thumbnail with its own end marker, and then nothing.
        let segment = [&[0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD9, 0, 0], &whole[2..40]].concat();
        assert!(!reaches_its_end(&mut &segment[..]).expect("readable"));
    }
}
