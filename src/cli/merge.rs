//! `masque merge`: the results of several machines as one.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::batch::{Merged, Placed, merge};

/// Options of `masque merge`.
#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// Folders that masque detect wrote, one for each shard, or one for all of them
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder for all results; files are linked where the disk can do that, else copied
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Merge what is there, where shards are missing or were interrupted
    #[arg(long)]
    allow_missing: bool,
}

/// Merges, and says what was merged.
pub(super) fn run(args: MergeArgs) -> anyhow::Result<ExitCode> {
    let Merged { manifest, totals, parts, placed, remarks } =
        merge(&args.folders, &args.out, args.allow_missing)?;
    for remark in remarks {
        eprintln!("masque: {remark}");
    }
    let Placed { linked, copied, there } = placed;
    eprintln!(
        "masque: {parts} parts, {} inputs ({} done, {} incomplete, {} failed), {} frames, {} detections",
        totals.inputs, totals.done, totals.incomplete, totals.failed, totals.frames, totals.detections
    );
    eprintln!(
        "masque: {linked} files linked, {copied} copied, {there} there already; {}",
        manifest.display()
    );
    Ok(ExitCode::SUCCESS)
}
