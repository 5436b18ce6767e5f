//! `masque faces`: the faces in pictures and videos as JSON (`docs/faces.md`).

mod record;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use self::record::{FrameRecord, Heading};
use super::bytes::ByteSize;
use super::inputs::{FileInputs, are_stills, is_still};
use crate::folders::AtomicFile;
use crate::frame::Frame;
use crate::models::ModelStore;
use crate::perception::{Face, FaceEngine, PerceptionOptions};
use crate::source::SourceUri;
use crate::stats::Stats;

/// Options of `masque faces`.
#[derive(Args, Debug)]
pub(super) struct FacesArgs {
    /// Images, folders of images and videos
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<SourceUri>,
    /// Folder for the results, NAME.json for each input: 478 landmarks (normalised x, y, z) and 52
    /// blendshapes of every face
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Most faces in a picture
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    max_faces: u8,
    /// Bytes that the program may hold, as 350MiB; an input that needs more fails
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,
}

/// Finds the faces of every input; one that fails is told and the others go on.
pub(super) fn run(args: FacesArgs) -> anyhow::Result<ExitCode> {
    let inputs = FileInputs::new(&args.inputs, "faces", args.memory_limit)?;
    let stats = Stats::default();
    let store = ModelStore::open(&stats)?;
    let options = PerceptionOptions { max_faces: args.max_faces.into(), ..PerceptionOptions::default() };
    let mut engine = FaceEngine::load(&store, &options, &stats)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("the folder {} cannot be made", args.out.display()))?;
    if let Some(reason) = engine.without_blendshapes() {
        eprintln!("masque: faces come without blendshapes: {reason}");
    }
    let mut faces = Vec::new();
    let mut found = 0;
    let (all, failed) = inputs.each(&stats, |input, name| {
        engine.set_stills(are_stills(input));
        engine.reset();
        let path = args.out.join(format!("{name}.json"));
        let heading = Heading::new(input, &engine);
        let mut file = Output::create(&path, &heading)?;
        inputs.frames(input, &stats, |frame, number| {
            engine.find(frame, &mut faces)?;
            found += faces.len();
            file.add(frame, (!is_still(input)).then_some(number), &faces)
        })?;
        file.finish(!is_still(input))
    });
    let over = stats.counter("faces_over_limit");
    if over > 0 {
        eprintln!("masque: {over} more faces were left out; --max-faces takes up to 16");
    }
    let (out, written) = (args.out.display(), all - failed);
    eprintln!("masque: {found} faces, {written} files to {out}, {failed} of {all} inputs failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One result file: written frame by frame, in its place only when it is whole.
struct Output<'a> {
    path: &'a Path,
    file: AtomicFile,
    /// What is not on disk yet; a few frames.
    pending: Vec<u8>,
    frames: u64,
}

/// Bytes that are collected before they are written.
const PENDING: usize = 1 << 20;

impl<'a> Output<'a> {
    fn create(path: &'a Path, heading: &Heading) -> anyhow::Result<Self> {
        let file = AtomicFile::create(path).with_context(|| cannot_write(path))?;
        let mut pending = serde_json::to_vec(heading)?;
        // The object goes on with the frames.
        pending.pop();
        Ok(Self { path, file, pending, frames: 0 })
    }

    /// Adds a frame: the only one of an image (`number` is none), or one of many.
    fn add(&mut self, frame: &Frame, number: Option<u64>, faces: &[Face]) -> anyhow::Result<()> {
        let record = FrameRecord::new(frame, number, faces);
        match (number, self.frames) {
            (None, _) => {
                let object = serde_json::to_vec(&record)?;
                self.pending.push(b',');
                self.pending.extend_from_slice(object.get(1..object.len() - 1).unwrap_or_default());
            }
            (Some(_), frames) => {
                self.pending.extend_from_slice(if frames == 0 { b",\"frames\":[\n" } else { b",\n" });
                serde_json::to_writer(&mut self.pending, &record)?;
            }
        }
        self.frames += 1;
        if self.pending.len() >= PENDING {
            self.write().with_context(|| cannot_write(self.path))?;
        }
        Ok(())
    }

    fn finish(mut self, many: bool) -> anyhow::Result<()> {
        self.pending.extend_from_slice(if many { b"\n]}\n" } else { b"}\n" });
        self.write().and_then(|()| self.file.commit(0o644)).with_context(|| cannot_write(self.path))
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.file().write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }
}

fn cannot_write(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}
