//! Counts what is allocated per frame once everything is warm: the whole app, headless, live frames through
//! perception and drawing, under `dhat`. `make heap` runs it; `docs/performance.md` tells what it found.
//!
//! ```sh
//! make heap ARGS="[SOURCE] [FRAMES] [FILE.json]"
//! ```
//!
//! Prints, for each line of Masque that is innermost on a backtrace, how often it allocated per frame and how
//! many bytes; FILE.json is for the viewer of dhat (<https://nnethercote.github.io/dh_view/dh_view.html>).

#![allow(missing_docs)]

mod app;
mod table;

use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Frames until pools, arenas, pipelines and caches are filled.
const WARM_UP: u64 = 150;
/// Frames of a backtrace that are kept: enough to get from an allocation in `wgpu` to the caller here.
const DEPTH: usize = 40;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let source = args.next().unwrap_or_else(|| "demo:".to_owned());
    let frames: u64 = args.next().map_or(Ok(5000), |frames| frames.parse())?;
    let json = args.next().map_or_else(|| std::env::temp_dir().join("masque-heap.json"), PathBuf::from);

    let mut app = app::build(&source.parse().map_err(anyhow::Error::msg)?)?;
    app.run_until(WARM_UP)?;
    let profiler = dhat::Profiler::builder().file_name(&json).trim_backtraces(Some(DEPTH)).build();
    let (first, perceived) = (app.composed(), app.perceived());
    app.run_until(WARM_UP + frames)?;
    let (composed, perceived) = (app.composed() - first, app.perceived() - perceived);
    drop(profiler);

    println!("{composed} pictures composed, {perceived} frames perceived");
    table::print(&json, composed)?;
    println!("for dhat's viewer: {}", json.display());
    Ok(())
}
