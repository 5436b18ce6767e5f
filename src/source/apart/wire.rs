//! What goes through the pipe: a message as JSON, and the bytes of a frame, each with its length before it.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::frame::{ColorSpace, Frame, PixelFormat};
use crate::source::SourceInfo;

/// Most bytes of a message.
const MESSAGE_BYTES: usize = 64 << 10;

/// What is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Message {
    Opened(SourceInfo),
    /// Its bytes follow.
    Frame(Head),
    Ended,
    /// A sentence for the user.
    Failed(String),
}

/// Everything of a frame but its pixels and its number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) timestamp: Duration,
    pub(super) format: PixelFormat,
    pub(super) size: (u32, u32),
    pub(super) color: ColorSpace,
}

impl Head {
    pub(super) fn of(frame: &Frame) -> Self {
        let Frame { timestamp, format, width, height, color, .. } = *frame;
        Self { timestamp, format, size: (width, height), color }
    }
}

pub(super) fn write(out: &mut impl Write, message: &Message, bytes: &[u8]) -> Result<()> {
    let json = serde_json::to_vec(message)?;
    out.write_all(&(json.len() as u32).to_le_bytes())?;
    out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    out.write_all(&json)?;
    out.write_all(bytes)?;
    out.flush()
}

/// A message and the number of bytes that follow it.
pub(super) fn read(from: &mut impl Read) -> Result<(Message, usize)> {
    let mut lengths = [0; 8];
    from.read_exact(&mut lengths)?;
    let length = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| lengths[at + byte])) as usize;
    let (json, bytes) = (length(0), length(4));
    if json > MESSAGE_BYTES {
        return Err(Error::new(ErrorKind::InvalidData, "it speaks another language"));
    }
    let mut text = vec![0; json];
    from.read_exact(&mut text)?;
    Ok((serde_json::from_slice(&text)?, bytes))
}

pub(super) fn skip_bytes(from: &mut impl Read, bytes: usize) -> Result<()> {
    let skipped = std::io::copy(&mut from.take(bytes as u64), &mut std::io::sink())?;
    if skipped == bytes as u64 { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_garbage_is_refused() {
        let head = Head {
            timestamp: Duration::from_micros(1_234_567),
            format: PixelFormat::Yuyv,
            size: (2, 1),
            color: ColorSpace::default(),
        };
        let mut pipe = Vec::new();
        write(&mut pipe, &Message::Frame(head), &[1, 2, 3, 4]).expect("writes");
        write(&mut pipe, &Message::Ended, &[]).expect("writes");
        let mut from = pipe.as_slice();
        assert_eq!(read(&mut from).expect("reads"), (Message::Frame(head), 4));
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes).expect("reads");
        assert_eq!(bytes, [1, 2, 3, 4]);
        assert_eq!(read(&mut from).expect("reads"), (Message::Ended, 0));
        assert!(read(&mut from).is_err(), "the end");
        assert!(read(&mut [0xFF; 64].as_slice()).is_err());
        assert!(read(&mut b"\x02\0\0\0\0\0\0\0{}".as_slice()).is_err());
        assert!(skip_bytes(&mut [0; 3].as_slice(), 4).is_err());
    }
}
