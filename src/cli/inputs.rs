//! Files in, files out: what the commands that go through pictures and videos share.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;

use super::UsageError;
use super::bytes::ByteSize;
use crate::frame::{Frame, FramePool};
use crate::memory::{Bound, Each, Size, bound, resident_bytes};
use crate::source::{SourceOptions, SourceUri, open};
use crate::stats::{Stats, describe};

/// Room for one frame of 8K as RGBA and the next.
const POOL_BYTES: usize = 320 << 20;

pub(super) const FRAMES: Bound = bound!(
    "files.frames",
    "frames of the commands that go through files",
    POOL_BYTES,
    Each::Bytes(1),
    "never full: one frame at a time"
);

/// Images, folders of images and videos, each with the stem of its results.
#[derive(Debug)]
pub(super) struct FileInputs {
    inputs: Vec<(SourceUri, String)>,
    pool: FramePool,
    limit: Option<u64>,
}

impl FileInputs {
    /// Takes what `command` was given; no two inputs may share a stem. Frames take a quarter of `limit`.
    pub(super) fn new(
        inputs: &[SourceUri],
        command: &str,
        limit: Option<ByteSize>,
    ) -> Result<Self, UsageError> {
        let names = names(inputs, command)?;
        let inputs = inputs.iter().cloned().zip(names).collect();
        let limit = limit.map(|limit| limit.0);
        let quarter = limit.map_or(POOL_BYTES, |limit| usize::try_from(limit / 4).unwrap_or(POOL_BYTES));
        Ok(Self { inputs, pool: FramePool::new(POOL_BYTES.min(quarter)), limit })
    }

    /// Does `work` for every input and the stem of its results; one that fails is told and counted, and
    /// the others go on. Gives the number of inputs and of those that failed.
    pub(super) fn each(
        &self,
        stats: &Stats,
        mut work: impl FnMut(&SourceUri, &str) -> anyhow::Result<()>,
    ) -> (usize, usize) {
        let mut failed = 0;
        for (input, name) in &self.inputs {
            if let Err(error) = work(input, name) {
                failed += 1;
                stats.count("inputs_failed");
                eprintln!("masque: {}", describe(error.as_ref()));
            }
        }
        (self.inputs.len(), failed)
    }

    /// Does `work` for every frame of `input` and its number: one frame of an image, all of a video or a
    /// folder.
    ///
    /// # Errors
    /// What `work` says, what the source says, and an input without any picture.
    pub(super) fn frames(
        &self,
        input: &SourceUri,
        stats: &Stats,
        mut work: impl FnMut(&Frame, u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut source = open(input, &SourceOptions::default(), stats)?;
        let mut number = 0_u64;
        while let Some(frame) = source.next_frame(&self.pool)? {
            work(&frame, number)?;
            drop(frame);
            self.stay_below_limit(input, stats)?;
            number += 1;
            if is_still(input) {
                break;
            }
        }
        ensure!(number > 0, "{input}: there is no picture in it");
        Ok(())
    }

    /// Frees what can be freed before the limit is reached, and gives the input up when that is not enough.
    fn stay_below_limit(&self, input: &SourceUri, stats: &Stats) -> anyhow::Result<()> {
        const NEAR: f64 = 0.85;
        let (Some(limit), Some(held)) = (self.limit, resident_bytes()) else { return Ok(()) };
        if held as f64 > limit as f64 * NEAR {
            stats.add("frame_buffers_trimmed_bytes", self.pool.trim() as u64);
        }
        let held = resident_bytes().unwrap_or(held);
        ensure!(
            held <= limit,
            "{input}: {} are held and {} are allowed; scale it down, or type a larger --memory-limit",
            Size(held),
            Size(limit)
        );
        Ok(())
    }
}

/// Whether `input` is one picture.
pub(super) fn is_still(input: &SourceUri) -> bool {
    matches!(input, SourceUri::Image(_))
}

/// Whether the frames of `input` have nothing to do with one another.
pub(super) fn are_stills(input: &SourceUri) -> bool {
    !matches!(input, SourceUri::Video(_))
}

/// The stem of each input's results.
fn names(inputs: &[SourceUri], command: &str) -> Result<Vec<String>, UsageError> {
    let mut owners: BTreeMap<String, &Path> = BTreeMap::new();
    let mut names = Vec::new();
    for input in inputs {
        let (SourceUri::Image(path) | SourceUri::Video(path) | SourceUri::Folder(path)) = input else {
            return Err(UsageError(format!(
                "{command} takes images, folders of images and videos, not {input}; record it first with \
                 masque run {input} --record FILE.mp4"
            )));
        };
        let stem = path.canonicalize().unwrap_or_else(|_| path.clone());
        let stem = stem.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if let Some(other) = owners.insert(stem.clone(), path) {
            return Err(UsageError(format!(
                "{} and {} would both be written as {stem}; give them to two calls with different --out",
                other.display(),
                path.display()
            )));
        }
        names.push(stem);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_inputs_of_one_name_are_refused() {
        let inputs = ["a/x.jpg", "b/x.png"].map(|path| SourceUri::Image(path.into()));
        let error = names(&inputs, "segment").expect_err("refused");
        assert!(error.to_string().contains("a/x.jpg and b/x.png"), "{error}");
        assert_eq!(names(&inputs[..1], "segment").expect("one is fine"), ["x"]);
        let error = names(&[SourceUri::Demo], "faces").expect_err("refused");
        assert!(error.to_string().starts_with("faces takes"), "{error}");
    }
}
