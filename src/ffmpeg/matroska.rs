//! Raw video with times for a pipe: just enough Matroska.
//!
//! One segment of unknown size, a track of `V_UNCOMPRESSED` and maybe one of `A_PCM/INT/LIT`, one cluster per frame or
//! block of samples, ticks of 0.1 ms.
//! Element ids and layout: RFC 9559; sizes and integers: RFC 8794 (EBML).

use std::time::Duration;

use super::microphone::{SOUND_CHANNELS, SOUND_RATE};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};

const TICK: Duration = Duration::from_micros(100);

const EBML: u32 = 0x1A45_DFA3;
const DOC_TYPE: u32 = 0x4282;
const DOC_TYPE_VERSION: u32 = 0x4287;
const DOC_TYPE_READ_VERSION: u32 = 0x4285;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
const MUXING_APP: u32 = 0x4D80;
const WRITING_APP: u32 = 0x5741;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const TRACK_UID: u32 = 0x73C5;
const TRACK_TYPE: u32 = 0x83;
const FLAG_LACING: u32 = 0x9C;
const DEFAULT_DURATION: u32 = 0x23_E383;
const CODEC_ID: u32 = 0x86;
const VIDEO: u32 = 0xE0;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;
const COLOUR_SPACE: u32 = 0x2E_B524;
const COLOUR: u32 = 0x55B0;
const MATRIX_COEFFICIENTS: u32 = 0x55B1;
const RANGE: u32 = 0x55B9;
const TRANSFER: u32 = 0x55BA;
const PRIMARIES: u32 = 0x55BB;
const AUDIO: u32 = 0xE1;
const SAMPLING_FREQUENCY: u32 = 0xB5;
const CHANNELS: u32 = 0x9F;
const BIT_DEPTH: u32 = 0x6264;
const CLUSTER: u32 = 0x1F43_B675;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;

/// Numbers of the tracks.
const PICTURES: u8 = 1;
const SOUND: u8 = 2;

/// What stands before the first frame of `width` × `height` pictures at nominally `rate` per second; with `sound`, there
/// is a track of it.
pub(super) fn header(
    format: PixelFormat,
    (width, height): (u32, u32),
    color: ColorSpace,
    rate: f64,
    sound: bool,
) -> Vec<u8> {
    let four_cc: &[u8; 4] = match format {
        PixelFormat::Nv12 => b"NV12",
        PixelFormat::I420 => b"I420",
        PixelFormat::Yuyv => b"YUY2",
        PixelFormat::Rgba8 => b"RGBA",
    };
    // Code points of ITU-T H.273: 1 is BT.709, 6 is BT.601 (525 lines).
    let code = match color.matrix {
        ColorMatrix::Bt709 => 1,
        ColorMatrix::Bt601 => 6,
    };
    let range = match color.range {
        ColorRange::Limited => 1,
        ColorRange::Full => 2,
    };
    let colour = [
        number(MATRIX_COEFFICIENTS, code),
        number(RANGE, range),
        number(TRANSFER, code),
        number(PRIMARIES, code),
    ]
    .concat();
    let video = [
        number(PIXEL_WIDTH, width.into()),
        number(PIXEL_HEIGHT, height.into()),
        element(COLOUR_SPACE, four_cc),
        element(COLOUR, &colour),
    ]
    .concat();
    let track = [
        number(TRACK_NUMBER, PICTURES.into()),
        number(TRACK_UID, PICTURES.into()),
        number(TRACK_TYPE, 1),
        number(FLAG_LACING, 0),
        number(DEFAULT_DURATION, (1e9 / rate).round() as u64),
        element(CODEC_ID, b"V_UNCOMPRESSED"),
        element(VIDEO, &video),
    ]
    .concat();
    let mut tracks = element(TRACK_ENTRY, &track);
    if sound {
        tracks.extend(element(TRACK_ENTRY, &sound_track()));
    }
    let info = [
        number(TIMESTAMP_SCALE, TICK.as_nanos() as u64),
        element(MUXING_APP, b"masque"),
        element(WRITING_APP, b"masque"),
    ]
    .concat();
    let doc_type =
        [element(DOC_TYPE, b"matroska"), number(DOC_TYPE_VERSION, 4), number(DOC_TYPE_READ_VERSION, 2)]
            .concat();
    let mut out = element(EBML, &doc_type);
    push_id(&mut out, SEGMENT);
    // Eight bytes of ones: the size is not known.
    out.extend_from_slice(&[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    out.extend(element(INFO, &info));
    out.extend(element(TRACKS, &tracks));
    out
}

fn sound_track() -> Vec<u8> {
    let audio = [
        element(SAMPLING_FREQUENCY, &f64::from(SOUND_RATE).to_be_bytes()),
        number(CHANNELS, SOUND_CHANNELS.into()),
        number(BIT_DEPTH, 16),
    ]
    .concat();
    [
        number(TRACK_NUMBER, SOUND.into()),
        number(TRACK_UID, SOUND.into()),
        number(TRACK_TYPE, 2),
        number(FLAG_LACING, 0),
        element(CODEC_ID, b"A_PCM/INT/LIT"),
        element(AUDIO, &audio),
    ]
    .concat()
}

/// What stands before the bytes of one frame; the frame's `bytes` follow as they are.
pub(super) fn picture_head(timestamp: Duration, bytes: usize) -> Vec<u8> {
    cluster_head(PICTURES, timestamp, bytes)
}

/// What stands before a block of samples, as [`picture_head`].
pub(super) fn sound_head(timestamp: Duration, bytes: usize) -> Vec<u8> {
    cluster_head(SOUND, timestamp, bytes)
}

fn cluster_head(track: u8, timestamp: Duration, bytes: usize) -> Vec<u8> {
    let ticks = (timestamp.as_nanos() + TICK.as_nanos() / 2) / TICK.as_nanos();
    let time = number(TIMESTAMP, ticks as u64);
    // The track, no offset to the cluster's time, a key frame without lacing.
    let block_head = [0x80 | track, 0, 0, 0x80];
    let block_bytes = (block_head.len() + bytes) as u64;
    let mut block = Vec::with_capacity(16);
    push_id(&mut block, SIMPLE_BLOCK);
    push_size(&mut block, block_bytes);
    let mut out = Vec::with_capacity(48);
    push_id(&mut out, CLUSTER);
    push_size(&mut out, (time.len() + block.len()) as u64 + block_bytes);
    out.extend(time);
    out.extend(block);
    out.extend(block_head);
    out
}

fn element(id: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 12);
    push_id(&mut out, id);
    push_size(&mut out, payload.len() as u64);
    out.extend_from_slice(payload);
    out
}

fn number(id: u32, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = (value.leading_zeros() / 8).min(7) as usize;
    element(id, &bytes[zeros..])
}

fn push_id(out: &mut Vec<u8>, id: u32) {
    let zeros = (id.leading_zeros() / 8) as usize;
    out.extend_from_slice(&id.to_be_bytes()[zeros..]);
}

/// Always in eight bytes: the length marker and 56 bits.
fn push_size(out: &mut Vec<u8>, size: u64) {
    out.extend_from_slice(&(size | 0x0100_0000_0000_0000).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_says_exactly_how_long_it_is() {
        let head = picture_head(Duration::from_millis(1234), 100);
        assert_eq!(head[..4], CLUSTER.to_be_bytes());
        let size = u64::from_be_bytes(head[4..12].try_into().expect("eight")) & 0x00FF_FFFF_FFFF_FFFF;
        assert_eq!(size as usize, head.len() - 12 + 100);
        // 12,340 ticks of 0.1 ms.
        assert_eq!(head[12..23], [0xE7, 1, 0, 0, 0, 0, 0, 0, 2, 0x30, 0x34]);
    }

    #[test]
    fn numbers_take_as_few_bytes_as_they_need() {
        assert_eq!(number(0xD7, 0), [0xD7, 1, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(number(0xD7, 256).len(), 11);
    }
}
