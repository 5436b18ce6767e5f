//! `masque segment`: the regions of pictures and videos as indexed PNG files.

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::bytes::ByteSize;
use super::inputs::{FileInputs, are_stills, is_still};
use crate::folders::write_atomically;
use crate::frame::Frame;
use crate::models::ModelStore;
use crate::perception::{Perception, PerceptionEngine, PerceptionOptions};
use crate::source::SourceUri;
use crate::stats::Stats;

/// Colours of the regions in the order of their ids: black, magenta, yellow, cyan, green, orange.
const PALETTE: [u8; 18] = [0, 0, 0, 230, 40, 190, 245, 205, 50, 60, 200, 240, 30, 150, 70, 250, 120, 30];

/// Options of `masque segment`.
#[derive(Args, Debug)]
pub(super) struct SegmentArgs {
    /// Images, folders of images and videos
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<SourceUri>,
    /// Folder for the results: NAME.png for an image, NAME_000123.png for each frame of a video; the
    /// value of a pixel is its region: 0 background, 1 hair, 2 body skin, 3 face skin, 4 clothes,
    /// 5 accessories
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Bytes that the program may hold, as 350MiB; an input that needs more fails
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,
}

/// Segments every input; one that fails is told and the others go on.
pub(super) fn run(args: SegmentArgs) -> anyhow::Result<ExitCode> {
    let inputs = FileInputs::new(&args.inputs, "segment", args.memory_limit)?;
    let stats = Stats::default();
    let store = ModelStore::open(&stats)?;
    let mut engine = PerceptionEngine::load(&store, &PerceptionOptions::default(), &stats)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("the folder {} cannot be made", args.out.display()))?;
    eprintln!("masque: {}", engine.parser());
    let mut job = Job { engine: &mut engine, perception: Perception::default(), ids: Vec::new(), written: 0 };
    let (all, failed) = inputs.each(&stats, |input, name| {
        job.engine.set_stills(are_stills(input));
        job.engine.reset();
        inputs.frames(input, &stats, |frame, number| {
            let file =
                if is_still(input) { format!("{name}.png") } else { format!("{name}_{number:06}.png") };
            job.frame(frame, &args.out.join(file))
        })
    });
    let (written, out) = (job.written, args.out.display());
    eprintln!("masque: {written} pictures to {out}, {failed} of {all} inputs failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is kept from input to input.
struct Job<'a> {
    engine: &'a mut PerceptionEngine,
    perception: Perception,
    ids: Vec<u8>,
    written: u64,
}

impl Job<'_> {
    fn frame(&mut self, frame: &Frame, path: &Path) -> anyhow::Result<()> {
        self.engine.perceive(frame, &mut self.perception)?;
        self.perception.mask.region_ids(frame.width, frame.height, &mut self.ids);
        write_atomically(path, 0o644, |file| {
            let mut encoder = png::Encoder::new(BufWriter::new(file), frame.width, frame.height);
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_palette(&PALETTE[..]);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.ids)?;
            Ok(writer.finish()?)
        })
        .with_context(|| format!("{} cannot be written", path.display()))?;
        self.written += 1;
        Ok(())
    }
}
