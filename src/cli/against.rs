//! `masque bench --against`: the same measurement with another look, and what it costs in comparison.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::stats::StatsReport;

/// Options of `bench` that are another look's own.
const OWN: [&str; 3] = ["--look", "--against", "--json"];

/// Measures `look` in a process of its own, with all other options of this one: nothing that the first
/// measurement left behind counts.
///
/// # Errors
/// The measurement failed; its process has said why.
pub(super) fn measure(look: &str) -> anyhow::Result<StatsReport> {
    let folder = tempfile::tempdir()?;
    let json = folder.path().join("against.json");
    let program = std::env::current_exe().context("the program's own file was not found")?;
    let status = Command::new(program)
        .args(options(std::env::args_os().skip(1), look, &json))
        .status()
        .context("the second measurement did not start")?;
    anyhow::ensure!(status.success(), "the measurement of {look} failed");
    Ok(serde_json::from_slice(&std::fs::read(&json)?)?)
}

/// The options of the second process.
fn options(own: impl Iterator<Item = OsString>, look: &str, json: &Path) -> Vec<OsString> {
    let mut options = Vec::new();
    let mut own = own.peekable();
    while let Some(option) = own.next() {
        let text = option.to_string_lossy();
        let (name, value) = text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
        if !OWN.contains(&name) {
            options.push(option);
        } else if value.is_none() {
            own.next();
        }
    }
    options.extend(["--look".into(), look.into(), "--json".into(), json.into()]);
    options
}

/// How the medians of what a picture costs compare.
pub(super) fn print_ratio(first: &StatsReport, second: &StatsReport, look: &str) {
    if let (Some(a), Some(b)) = (first.stages.get("compose"), second.stages.get("compose")) {
        let (a, b) = (a.p50_ms, b.p50_ms);
        let times = b / a.max(f64::EPSILON);
        println!("a picture (compose, p50): {a:.2} ms, with {look} {b:.2} ms: {times:.2} times");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_process_has_all_other_options() {
        let own = "bench a.mp4 --look=one --against six --frames 9 --json x.json --set a/b=0.5";
        let options = options(own.split(' ').map(OsString::from), "six", Path::new("y.json"));
        let wanted = "bench a.mp4 --frames 9 --set a/b=0.5 --look six --json y.json";
        assert_eq!(options, wanted.split(' ').map(OsString::from).collect::<Vec<_>>());
    }
}
