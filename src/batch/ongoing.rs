//! The files of one input while they are written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::annotate::Annotation;
use super::crops::Crops;
use super::inputs::Stamp;
use super::journal::{Extent, Found, Journal, JournalReader};
use super::results::{FrameResults, Heading, ResultWriter, Tracked, writer};
use super::{Input, InputRecord, InputState, JobSettings};
use crate::frame::Frame;
use crate::perception::Tracker;
use crate::stats::Stats;

/// What a file is called until it is whole.
const PARTIAL: &str = "partial";

/// What is written of one input.
pub(super) struct Ongoing<'a> {
    input: &'a Input,
    settings: &'a JobSettings,
    files: Vec<Output>,
    journal: Option<(Journal, PathBuf)>,
    crops: Option<Crops>,
    annotation: Option<Annotation>,
    tracked: Vec<Tracked>,
    ids: Vec<Option<u32>>,
    frames: u64,
    detections: u64,
    tracks: u32,
    begun: Instant,
}

/// One file of results; dropped before it is whole, it leaves nothing.
struct Output {
    /// None once it is finished.
    writer: Option<Box<dyn ResultWriter>>,
    partial: PathBuf,
    path: PathBuf,
    is_placed: bool,
}

impl Output {
    fn add(&mut self, frame: &FrameResults) -> Result<(), WriteError> {
        let added = self.writer.as_mut().map_or(Ok(()), |writer| writer.add(frame));
        added.map_err(cannot(&self.partial))
    }

    /// Writes it to its end, to the disk itself.
    fn finish(&mut self) -> Result<(), WriteError> {
        let finished = self.writer.take().map_or(Ok(()), ResultWriter::finish);
        finished.and_then(|()| File::open(&self.partial)?.sync_all()).map_err(cannot(&self.partial))
    }

    /// Gives it its name.
    fn place(&mut self) -> Result<(), WriteError> {
        fs::rename(&self.partial, &self.path).map_err(cannot(&self.path))?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.writer = None;
        if !self.is_placed
            && let Err(error) = fs::remove_file(&self.partial)
        {
            tracing::warn!("{} could not be removed: {error}", self.partial.display());
        }
    }
}

impl<'a> Ongoing<'a> {
    /// Begins the files of `input`. `journal` is where its journal is to be and whose, where it gets one.
    pub(super) fn begin(
        input: &'a Input,
        settings: &'a JobSettings,
        journal: Option<&(PathBuf, Vec<u8>)>,
        known: Option<Extent>,
    ) -> Result<Self, WriteError> {
        let file_name = input.path.file_name().unwrap_or_default().to_string_lossy();
        let heading = Heading {
            name: &input.name,
            file: &file_name,
            key: &input.key,
            classes: &settings.classes,
            is_still: input.is_still(),
        };
        let mut files = Vec::with_capacity(settings.formats.len());
        for format in &settings.formats {
            let path = settings.result(input, *format);
            let partial = settings.out.join(format!("{}.{}.{PARTIAL}", input.name, format.extension()));
            let file = File::create(&partial).map_err(cannot(&partial))?;
            let writer = writer(*format, &heading, file).map_err(cannot(&partial))?;
            files.push(Output { writer: Some(writer), partial, path, is_placed: false });
        }
        let journal = match (journal, known) {
            (None, _) => None,
            (Some((path, _)), Some(known)) => {
                Some((Journal::go_on(path, known.bytes).map_err(cannot(path))?, path.clone()))
            }
            (Some((path, owner)), None) => {
                Some((Journal::create(path, owner).map_err(cannot(path))?, path.clone()))
            }
        };
        Ok(Self {
            input,
            settings,
            files,
            journal,
            crops: (settings.crops > 0).then(|| Crops::new(settings, &input.name)),
            annotation: (settings.annotate && !input.is_still())
                .then(|| Annotation::new(settings, &input.name)),
            tracked: Vec::new(),
            ids: Vec::new(),
            frames: 0,
            detections: 0,
            tracks: 0,
            begun: Instant::now(),
        })
    }

    /// Writes what the journal at `path` knows already, as it was found; the frames of it.
    pub(super) fn replay(
        &mut self,
        (path, owner): &(PathBuf, Vec<u8>),
        known: Extent,
        tracker: &mut Tracker,
        mut advanced: impl FnMut(u64, u64),
    ) -> Result<u64, WriteError> {
        // Frames that it knows were not read again: without them, there are no results.
        let gone = || cannot(path)(io::Error::other("it was changed while the job ran"));
        let mut reader = JournalReader::open(path, owner).map_err(cannot(path))?.ok_or_else(gone)?;
        let mut found = Vec::new();
        while reader.position() < known.bytes && reader.next(&mut found).map_err(cannot(path))? {
            for found in &found {
                self.write(found, None, tracker)?;
                advanced(1, found.detections.len() as u64);
            }
        }
        if reader.position() == known.bytes { Ok(self.frames) } else { Err(gone()) }
    }

    /// Writes what was found, and remembers it before anything else.
    pub(super) fn add(
        &mut self,
        found: &[Found],
        pictures: &[Frame],
        tracker: &mut Tracker,
    ) -> Result<(), WriteError> {
        if let Some((journal, path)) = &mut self.journal {
            journal.add(found).map_err(cannot(path))?;
        }
        for (n, found) in found.iter().enumerate() {
            self.write(found, pictures.get(n), tracker)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        found: &Found,
        picture: Option<&Frame>,
        tracker: &mut Tracker,
    ) -> Result<(), WriteError> {
        self.ids.clear();
        if self.settings.track && !self.input.is_still() {
            tracker.update(found.time, &found.detections, &mut self.ids);
        } else {
            self.ids.resize(found.detections.len(), None);
        }
        self.tracks = self.ids.iter().flatten().copied().fold(self.tracks, u32::max);
        self.tracked.clear();
        let both = found.detections.iter().zip(&self.ids);
        self.tracked.extend(both.map(|(detection, track)| Tracked { detection: *detection, track: *track }));
        let frame = FrameResults {
            frame: found.frame,
            time: found.time,
            size: found.size,
            detections: &self.tracked,
        };
        for output in &mut self.files {
            output.add(&frame)?;
        }
        if let Some(picture) = picture {
            if let Some(crops) = &mut self.crops {
                crops.add(picture, &frame)?;
            }
            if let Some(annotation) = &mut self.annotation {
                annotation.add(picture, &frame)?;
            }
        }
        self.frames += 1;
        self.detections += found.detections.len() as u64;
        Ok(())
    }

    /// Finishes the files, gives them their names, and tells how it went.
    pub(super) fn finish(
        mut self,
        (stamp, state, error): (Stamp, InputState, Option<String>),
        stats: &Stats,
    ) -> Result<InputRecord, WriteError> {
        let mut files = BTreeMap::new();
        for output in &mut self.files {
            output.finish()?;
        }
        if let Some(annotation) = self.annotation.take()
            && let Some(path) = annotation.finish()?
        {
            note(&mut files, &self.settings.out, &path);
        }
        if let Some(crops) = self.crops.take() {
            stats.add("crops_left_out", crops.left_out());
        }
        for output in &mut self.files {
            output.place()?;
            note(&mut files, &self.settings.out, &output.path);
        }
        let mut record = record(self.input, stamp, state, error);
        record.frames = self.frames;
        record.detections = self.detections;
        record.tracks = self.tracks.into();
        record.seconds = self.begun.elapsed().as_secs_f64();
        record.files = files;
        Ok(record)
    }
}

/// The record of an input of which nothing was written.
pub(super) fn record(input: &Input, stamp: Stamp, state: InputState, error: Option<String>) -> InputRecord {
    let Stamp { bytes: input_bytes, modified: input_modified } = stamp;
    InputRecord {
        name: input.name.clone(),
        key: input.key.clone(),
        path: input.path.to_string_lossy().into_owned(),
        state,
        error,
        input_bytes,
        input_modified,
        frames: 0,
        detections: 0,
        tracks: 0,
        seconds: 0.0,
        files: BTreeMap::new(),
    }
}

fn note(files: &mut BTreeMap<String, u64>, out: &Path, path: &Path) {
    let name = path.strip_prefix(out).unwrap_or(path).to_string_lossy().into_owned();
    files.insert(name, fs::metadata(path).map_or(0, |file| file.len()));
}

/// Results could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {error}", path.display())]
pub(super) struct WriteError {
    pub(super) path: PathBuf,
    pub(super) error: io::Error,
}

pub(super) fn cannot(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |error| WriteError { path, error }
}
