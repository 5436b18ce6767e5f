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

/// Where an allocation belongs: the innermost function of Masque, and what it called.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Place {
    ours: String,
    called: String,
}

/// Prints one line per place that allocates at least once in a hundred frames, the most frequent first.
pub fn print(path: &Path, frames: u64) -> anyhow::Result<()> {
    let profile: Profile = serde_json::from_slice(&std::fs::read(path)?)?;
    let mut places = BTreeMap::<Place, (u64, u64)>::new();
    for point in &profile.pps {
        let names: Vec<&str> =
            point.fs.iter().filter_map(|at| profile.ftbl.get(*at)).map(|f| name(f)).collect();
        let sum = places.entry(place(&names)).or_default();
        sum.0 += point.tbk;
        sum.1 += point.tb;
    }
    let mut lines: Vec<(Place, (u64, u64))> = places.into_iter().collect();
    lines.sort_by_key(|(_, (blocks, _))| std::cmp::Reverse(*blocks));
    println!("{:>10} {:>12}  of whom, calling whom", "per frame", "bytes/frame");
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
    let (ours, others): (Vec<_>, Vec<_>) = lines.iter().partition(|(place, _)| place.ours != OTHERS);
    for (who, lines) in [("on our side", ours), ("elsewhere", others)] {
        let blocks: u64 = lines.iter().map(|(_, (blocks, _))| blocks).sum();
        println!("{who}: {:.2} allocations per frame", blocks as f64 / frames as f64);
    }
    Ok(())
}

const OTHERS: &str = "(Bevy, wgpu and the like)";

fn place(names: &[&str]) -> Place {
    let at = names.iter().position(|name| name.contains("masque::"));
    let shortened = |name: &str| name.replace("masque::", "");
    let Some(at) = at else {
        let last = names.iter().rev().find(|name| name.contains("bevy") || name.contains("wgpu"));
        return Place { ours: OTHERS.to_owned(), called: last.unwrap_or(&"?").to_string() };
    };
    // What the standard library does between is no news.
    let called = names[..at].iter().rev().find(|name| !name.contains("alloc::") && !name.contains("core::"));
    Place { ours: shortened(names[at]), called: called.unwrap_or(&"the allocator").to_string() }
}

/// The function of a frame.
fn name(frame: &str) -> &str {
    let frame = frame.split_once(": ").map_or(frame, |(_, rest)| rest);
    frame.rsplit_once(" (").map_or(frame, |(name, _)| name)
}
