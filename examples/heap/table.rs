//! dhat's file as a table: who allocated how often per frame.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// The part of dhat's file that is read: https://github.com/nnethercote/dhat-rs, `src/lib.rs`.
#[derive(Deserialize)]
struct Profile {
    /// Program points.
    pps: Vec<Point>,
    /// Names of frames, as "0x1234: path::function (file:line:column)".
    ftbl: Vec<String>,
}

#[derive(Deserialize)]
struct Point {
    /// Bytes over all allocations.
    tb: u64,
    /// Allocations.
    tbk: u64,
    /// The backtrace, innermost first, as positions in `ftbl`.
    fs: Vec<usize>,
}

/// Where an allocation belongs: the innermost line of Masque, and what it called.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Place {
    ours: String,
    called: String,
}

/// Prints one line per place that allocates at least once in a hundred frames, the most frequent first.
pub fn print(path: &Path, frames: u64) -> anyhow::Result<()> {
    let profile: Profile = serde_json::from_slice(&std::fs::read(path)?)?;
    let table: Vec<Frame<'_>> = profile.ftbl.iter().map(|text| Frame::of(text)).collect();
    let mut places = BTreeMap::<Place, (u64, u64)>::new();
    for point in &profile.pps {
        let trace: Vec<&Frame<'_>> = point.fs.iter().filter_map(|at| table.get(*at)).collect();
        let sum = places.entry(place(&trace)).or_default();
        sum.0 += point.tbk;
        sum.1 += point.tb;
    }
    let mut lines: Vec<(Place, (u64, u64))> = places.into_iter().collect();
    lines.sort_by_key(|(_, (blocks, _))| std::cmp::Reverse(*blocks));
    println!("{:>10} {:>12}  where → what it calls", "per frame", "bytes/frame");
    for (place, (blocks, bytes)) in &lines {
        let each = *blocks as f64 / frames as f64;
        if each >= 0.01 {
            println!(
                "{each:>10.2} {:>12.0}  {} → {}",
                *bytes as f64 / frames as f64,
                place.ours,
                place.called
            );
        }
    }
    for room in ["capture", "source", "frame", "perception", "models", "compositor", OTHERS] {
        let inside = |place: &Place| place.ours.split(['/', ':']).any(|part| part == room);
        let blocks: u64 =
            lines.iter().filter(|(place, _)| inside(place)).map(|(_, (blocks, _))| blocks).sum();
        println!("{room}: {:.2} allocations per frame", blocks as f64 / frames as f64);
    }
    Ok(())
}

const OTHERS: &str = "Bevy, wgpu and the like";

/// One line of a backtrace.
struct Frame<'a> {
    function: &'a str,
    /// File and line, where they are in this checkout.
    ours: Option<&'a str>,
}

impl<'a> Frame<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.split_once(": ").map_or(text, |(_, rest)| rest);
        let (function, place) = text.rsplit_once(" (").unwrap_or((text, ""));
        let (line, _) = place.rsplit_once(':').unwrap_or((place, ""));
        // Paths of other crates begin with src/, too.
        let file = line.split(':').next().unwrap_or_default();
        let ours = file.starts_with("src/") && Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file();
        Self { function, ours: ours.then_some(line) }
    }
}

/// Where the program points with `trace`, innermost first, belong.
fn place(trace: &[&Frame<'_>]) -> Place {
    let at = trace.iter().position(|frame| frame.ours.is_some());
    let Some((at, line)) = at.and_then(|at| Some((at, trace[at].ours?))) else {
        return Place { ours: OTHERS.to_owned(), called: String::new() };
    };
    let called =
        at.checked_sub(1).and_then(|at| trace.get(at)).map_or("the allocator", |frame| frame.function);
    Place { ours: format!("{line} {}", trace[at].function), called: called.chars().take(60).collect() }
}
