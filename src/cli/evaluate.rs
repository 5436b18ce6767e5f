//! `masque evaluate`: how well a detector does, against ground truth.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::{UsageError, check_folder};
use crate::batch::evaluate::{Evaluation, OperatingPoint, Truth, evaluate, html, read_detections, table};
use crate::folders::write_atomically;

/// Options of `masque evaluate`.
#[derive(Args, Debug)]
pub(super) struct EvaluateArgs {
    /// Folder that `masque detect` wrote, or files: COCO JSON, Parquet, JSON Lines, CSV, or a list of results in COCO's form
    #[arg(long, required = true, num_args = 1.., value_name = "DIR|FILE")]
    detections: Vec<PathBuf>,
    /// Ground truth in COCO's form, for example instances_val2017.json; images are matched by their names, frames of a
    /// video as NAME_000123, classes by their names
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Write everything as JSON; - writes it to standard output, in place of the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a report with plots, one file that needs no network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Overlap from which on a detection is right in the confusion matrix and in precision and recall: 0.5, 0.55 … 0.95
    #[arg(long, default_value_t = OperatingPoint::default().iou, value_name = "SHARE")]
    iou: f64,
    /// Confidence from which on a detection counts there, 0–1 in hundredths; COCO's own numbers take all
    #[arg(long, default_value_t = OperatingPoint::default().confidence, value_name = "SHARE")]
    conf: f64,
}

/// Reads, compares, and shows.
pub(super) fn run(args: EvaluateArgs) -> anyhow::Result<ExitCode> {
    let point = OperatingPoint { iou: args.iou, confidence: args.conf };
    check_point(point)?;
    let to_stdout = args.json.as_deref() == Some(Path::new("-"));
    let files = [args.json.as_deref().filter(|_| !to_stdout), args.html.as_deref()];
    files.into_iter().flatten().try_for_each(check_folder)?;
    let truth = Truth::read(&args.truth)?;
    let detections = read_detections(&args.detections, &truth)?;
    let evaluation = evaluate(&detections, &truth, point);
    let stdout = &mut std::io::stdout().lock();
    if to_stdout {
        write_json(stdout, &evaluation)?;
    } else {
        write!(stdout, "{}", table(&evaluation))?;
    }
    if let Some(path) = args.json.filter(|_| !to_stdout) {
        write_atomically(&path, 0o644, |file| write_json(file, &evaluation))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if let Some(path) = args.html {
        let truth = args.truth.file_name().unwrap_or_default().to_string_lossy();
        write_atomically(&path, 0o644, |file| file.write_all(html(&evaluation, &truth).as_bytes()))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        eprintln!("masque: report in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn check_point(OperatingPoint { iou, confidence }: OperatingPoint) -> Result<(), UsageError> {
    let steps = (iou - 0.5) / 0.05;
    if !(-0.01..=9.01).contains(&steps) || (steps - steps.round()).abs() > 0.01 {
        return Err(UsageError(format!(
            "--iou {iou} is none of COCO's overlaps; type one of 0.5, 0.55, 0.6 … 0.95"
        )));
    }
    if !(0.0..=1.0).contains(&confidence) {
        return Err(UsageError(format!(
            "--conf {confidence} is no share; type one from 0 to 1, for example 0.25"
        )));
    }
    Ok(())
}

fn write_json(mut to: impl Write, evaluation: &Evaluation) -> std::io::Result<()> {
    let mut buffered = std::io::BufWriter::new(&mut to);
    serde_json::to_writer(&mut buffered, evaluation)?;
    buffered.write_all(b"\n")?;
    buffered.flush()
}
