//! Whether a file that is being written can be played already.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The element that holds pictures in Matroska (RFC 9559), and how far from the beginning the first one is looked for.
const CLUSTER: [u8; 4] = [0x1F, 0x43, 0xB6, 0x75];
const MATROSKA_HEAD: u64 = 64 << 10;

/// Whether the MP4 (or Matroska) file has its head and a picture.
pub(super) fn has_picture(path: &Path, matroska: bool) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    if matroska { has_cluster(&mut file) } else { whole_bytes(&mut file).is_ok_and(|bytes| bytes > 0) }
}

/// Cuts off what was written of a fragment of an MP4 file that is not whole, which players complain about; whether
/// there was such a thing.
pub(super) fn cut_off_rest(path: &Path) -> std::io::Result<bool> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let whole = whole_bytes(&mut file)?;
    let cut = whole > 0 && whole < file.metadata()?.len();
    if cut {
        file.set_len(whole)?;
    }
    Ok(cut)
}

/// Bytes up to the end of the last pictures that can be played; 0 for none. ISO/IEC 14496-12: pictures are in the
/// `mdat` boxes, and those after the `moov` box were whole when it was written, or follow a `moof` box.
fn whole_bytes(file: &mut File) -> std::io::Result<u64> {
    let length = file.metadata()?.len();
    let (mut at, mut has_head, mut whole): (u64, _, _) = (0, false, 0);
    while at + 8 <= length {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let [a, b, c, d, kind @ ..] = header;
        let size = match u32::from_be_bytes([a, b, c, d]) {
            1 => {
                let mut large = [0; 8];
                file.read_exact(&mut large)?;
                u64::from_be_bytes(large)
            }
            size => size.into(),
        };
        at = at.saturating_add(size);
        if size < 8 || at > length {
            break;
        }
        match &kind {
            b"moov" => has_head = true,
            b"mdat" if has_head && size > 8 => whole = at,
            // The index after all fragments, and free space.
            b"mfra" | b"free" | b"skip" if whole > 0 => whole = at,
            _ => {}
        }
    }
    Ok(whole)
}

fn has_cluster(file: &mut File) -> bool {
    let mut head = Vec::new();
    // A part of a cluster's first picture is none, and no picture is that small.
    let read = file.take(MATROSKA_HEAD).read_to_end(&mut head).is_ok();
    let cluster = head.windows(CLUSTER.len()).position(|bytes| bytes == CLUSTER);
    read && cluster.is_some_and(|at| head.len() > at + 64)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The boxes of an MP4 file with a picture of four bytes.
    pub(in crate::ffmpeg) const PLAYABLE: &[u8] =
        b"\0\0\0\x0cftypisom\0\0\0\x0cmoovhead\0\0\0\x0cmoofabcd\0\0\0\x0cmdatjpeg";

    #[test]
    fn a_file_plays_from_its_first_whole_fragment_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let plays = |bytes: &[u8], matroska| {
            std::fs::write(&path, bytes).unwrap();
            has_picture(&path, matroska)
        };
        for length in 0..PLAYABLE.len() {
            assert!(!plays(&PLAYABLE[..length], false), "{length} bytes");
        }
        assert!(plays(PLAYABLE, false));
        assert!(!cut_off_rest(&path).unwrap());
        let torn = [PLAYABLE, PLAYABLE.get(24..40).unwrap()].concat();
        assert!(plays(&torn, false) && cut_off_rest(&path).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), PLAYABLE);
        let matroska = [&[0x1A, 0x45, 0xDF, 0xA3][..], &[0; 40], &CLUSTER, &[7; 100]].concat();
        assert!(plays(&matroska, true) && !plays(&matroska[..50], true));
        assert!(!has_picture(&folder.path().join("none"), false));
    }
}
