//! Network streams: asked for, or waited for.

use std::time::{Duration, Instant};

use super::SourceError;
use super::video::VideoSource;
use crate::ffmpeg::{Cancel, ChildError, NetworkAddress, ReaderInput, ReaderOptions};
use crate::stats::Stats;

/// How long the first picture of a stream that was asked for may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a later one may take: whoever supervises the source has lost patience long before.
const SILENCE: Duration = Duration::from_secs(10);
/// How long a server may take to answer: what FFmpeg is told.
const ANSWER: Duration = Duration::from_secs(3);
/// Pause after a stream that was sent here was no good.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a pause looks whether it is still wanted.
const POLL: Duration = Duration::from_millis(50);

/// Opens the stream at `address`. Where it listens, whatever comes and is no video is counted
/// (`source_listen_retries`), and the next is waited for.
///
/// # Errors
/// [`SourceError`] when there is no stream, or nothing can listen there.
pub(super) fn open(
    address: &NetworkAddress,
    stats: &Stats,
    cancel: &Cancel,
) -> Result<VideoSource, SourceError> {
    let listens = address.listens();
    let options = ReaderOptions {
        patience: (!listens).then_some(PATIENCE),
        silence: Some(SILENCE),
        cancel: cancel.clone(),
        ..ReaderOptions::new(ReaderInput::Network(address.clone()))
    };
    let mut told = false;
    loop {
        let begin = Instant::now();
        let opened = VideoSource::open(address.to_string(), &options, stats);
        let error = match opened.map_err(|error| silent(error, begin.elapsed())) {
            Err(error) if listens && may_go_better(&error) => error,
            done => return done,
        };
        stats.count("source_listen_retries");
        if !told {
            tracing::warn!("{error}; waiting for the next");
            told = true;
        }
        for _ in 0..PAUSE.as_millis() / POLL.as_millis() {
            if cancel.is_cancelled() {
                return Err(SourceError::Video { uri: address.to_string(), error: ChildError::Cancelled });
            }
            std::thread::sleep(POLL);
        }
    }
}

/// FFmpeg calls the silence of an RTSP server invalid data.
fn silent(error: SourceError, after: Duration) -> SourceError {
    match error {
        SourceError::Video { uri, error: ChildError::Failed(reason) }
            if uri.starts_with("rtsp") && reason.contains("damaged") && after >= ANSWER =>
        {
            SourceError::Video {
                uri,
                error: ChildError::Failed("the server does not answer in time".to_owned()),
            }
        }
        other => other,
    }
}

/// Whether what came was at fault, and not the address.
fn may_go_better(error: &SourceError) -> bool {
    let SourceError::Video { error, .. } = error else { return false };
    matches!(
        error,
        ChildError::NoVideo
            | ChildError::NoFrames
            | ChildError::Stalled(_)
            | ChildError::Killed
            | ChildError::Failed(_)
    )
}
