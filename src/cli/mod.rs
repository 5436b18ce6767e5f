//! The command line: one file per subcommand. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod against;
mod assemble;
mod bench;
mod bench_capture;
mod bench_record;
mod bounds;
mod bytes;
mod camera;
mod cameras;
mod care;
mod detect;
mod doctor;
mod effects;
mod environment;
mod evaluate;
mod faces;
mod in_out;
mod inputs;
mod look;
mod merge;
mod models;
mod objects;
mod parameters;
mod picture;
mod progress;
mod recording;
mod render;
mod rolling;
mod run;
mod segment;
mod sessions;
mod size;
mod soak;
mod textures;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub use bounds::bounds;

/// A magic mirror: people are parsed live into regions, each region wears its own texture.
#[derive(Parser, Debug)]
#[command(name = "masque", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show the mirror, in a window or headless
    Run(Box<run::RunArgs>),
    /// Dress every frame of a file: video to video, image to image
    Render(render::RenderArgs),
    /// Write the regions of pictures and videos as indexed PNG files
    Segment(segment::SegmentArgs),
    /// Write the faces in pictures and videos as JSON: landmarks and blendshapes
    Faces(faces::FacesArgs),
    /// Write what is in pictures and videos as files: boxes, classes, tracks
    Detect(Box<detect::DetectArgs>),
    /// Compare detections with ground truth: COCO's numbers, curves, a confusion matrix
    Evaluate(evaluate::EvaluateArgs),
    /// Put the results of several machines together
    Merge(merge::MergeArgs),
    /// List, fetch, check and convert models
    Models(models::ModelsArgs),
    /// List the cameras that are plugged in
    Cameras(cameras::CamerasArgs),
    /// List the parameters that --set sets, with type, range, default and unit
    Parameters(parameters::ParametersArgs),
    /// Say what this machine can do, what is missing and what to type
    Doctor(doctor::DoctorArgs),
    /// Measure every stage
    Bench(bench::BenchArgs),
    /// Run for long with faults, and fail when memory grows
    Soak(soak::SoakArgs),
    /// Read a source for another process of this program
    #[command(name = crate::source::SUBCOMMAND, hide = true)]
    ServeSource {
        /// What to open, as JSON
        order: String,
    },
    /// Print completions for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Parses the command line and does what it says; the one place that prints errors.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    environment::prepare();
    let result = match cli.command {
        Command::Run(args) => run::run(*args),
        Command::Render(args) => render::run(args),
        Command::Segment(args) => segment::run(args),
        Command::Faces(args) => faces::run(args),
        Command::Detect(args) => detect::run(*args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Merge(args) => merge::run(args),
        Command::Models(args) => models::run(args),
        Command::Cameras(args) => cameras::run(args),
        Command::Parameters(args) => parameters::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Soak(args) => soak::run(args),
        Command::ServeSource { order } => {
            // A pipe that broke is how it is told to end.
            let _ = crate::source::serve(&order, &mut std::io::stdout().lock());
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "masque", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("masque: {}", crate::stats::describe(error.as_ref()));
        let usage = error.downcast_ref::<UsageError>().is_some();
        ExitCode::from(if usage { 2 } else { 1 })
    })
}

/// The command line asks for something that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

/// Refuses a file whose folder is not there, before any work is done.
fn check_folder(file: &Path) -> Result<(), UsageError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    Err(UsageError(format!("there is no folder {0}; type: mkdir -p {0}", folder.display())))
}
