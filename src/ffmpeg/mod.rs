//! The ffmpeg program as a child process: found, started, fed, read, killed and reaped in one room.
//!
//! It stays a separate program: any codec, isolated from us, killable when it hangs, and its licence its
//! own. [`VideoReader`] turns a file or a network stream into raw frames with exact times;
//! [`VideoWriter`] turns raw frames with exact times into an MP4 file that survives a crash.

mod address;
mod cancel;
mod child;
mod clock;
mod develop;
mod dialect;
mod encoder;
mod error;
mod finish;
mod fragments;
mod heads;
mod input;
mod job;
mod locate;
mod matroska;
mod microphone;
mod options;
mod partial;
mod playable;
mod reader;
mod reading;
mod report;
mod said;
mod scrub;
mod sound;
mod stream;
mod tail;
mod trial;
mod watchdog;
mod writer;

pub use address::{AddressError, NetworkAddress};
pub use cancel::Cancel;
pub use child::KillSwitch;
pub use develop::Development;
pub use encoder::{Encoder, EncoderChoice};
pub use error::ChildError;
pub use finish::{Recovered, Recovery, count_pictures, numbered, recover};
pub use fragments::{Fragment, Piece};
pub use input::ReaderInput;
pub use job::{file_argument, is_container};
pub use locate::{Ffmpeg, FfmpegError, FfmpegOrigin, cached_program, install_line, locate};
pub use microphone::{SOUND_CHANNELS, SOUND_RATE, SoundInput, SoundReader};
pub use options::WriterOptions;
pub(crate) use partial::{copied_bytes, is_taken, partial_path};
pub use reader::VideoReader;
pub use reading::{Picture, ReaderOptions, StreamInfo};
pub use stream::{EncodedStream, write_fragments};
pub use writer::{Summary, VideoWriter};

/// What this room may hold, for each child.
pub const BOUNDS: &[crate::memory::Bound] = &[heads::HEADS, tail::WORDS];
