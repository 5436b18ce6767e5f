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
    if matroska { has_cluster(&mut file) } else { has_fragment(&mut file).unwrap_or(false) }
}

/// ISO/IEC 14496-12: pictures are in the `mdat` after a `moof`, or in any `mdat` where the `moov` came before it.
fn has_fragment(file: &mut File) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    let (mut at, mut has_head) = (0, false);
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
        if size < 8 {
            return Ok(false);
        }
        at = at.saturating_add(size);
        match &kind {
            b"moov" => has_head = at <= length,
            b"mdat" if has_head && size > 8 => return Ok(at <= length),
            _ => {}
        }
    }
    Ok(false)
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
        let matroska = [&[0x1A, 0x45, 0xDF, 0xA3][..], &[0; 40], &CLUSTER, &[7; 100]].concat();
        assert!(plays(&matroska, true) && !plays(&matroska[..50], true));
        assert!(!has_picture(&folder.path().join("none"), false));
    }
}
