//! The verdict: how much memory grew, what else did, and how each fault went.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::ledger::{Entries, Outcome};
use super::meter::Sample;
use crate::memory::{median, slope, slope_range};
use crate::stats::Stats;

/// What must not grow, beside memory: by more than [`FEW`] and by more than [`SHARE`] over the run.
const FLAT: [&str; 10] = [
    "files",
    "threads",
    "images",
    "gpu_images",
    "gpu_objects_buffers",
    "gpu_objects_textures",
    "gpu_objects_texture_views",
    "gpu_objects_bind_groups",
    "gpu_objects_shaders",
    "gpu_objects_pipelines",
];
/// What may be there now and then: a recording has a child with its threads and pipes.
const FEW: f64 = 8.0;
const SHARE: f64 = 0.05;
/// Fewer samples after the warm-up have no slope that means anything.
const FEWEST: usize = 10;
/// In fewer judged frames the caches of shaders and textures are still filling: their handles are told, not judged.
const FULL_CACHES: u64 = 4000;

/// What was run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Run {
    /// Where frames came from.
    pub(super) source: String,
    /// What the faults followed from.
    pub(super) seed: u64,
    /// Dressed frames.
    pub(super) frames: u64,
    /// Of these, the first ones, which are not judged.
    pub(super) warm_up: u64,
    /// How long it took.
    pub(super) seconds: f64,
    /// Megabytes per 100,000 frames that are allowed.
    pub(super) slope_limit: f64,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SoakReport {
    /// What was run.
    #[serde(flatten)]
    pub(super) run: Run,
    /// Growth of resident memory after the warm-up, in megabytes (10⁶ bytes) per 100,000 frames.
    pub(super) slope_mb_per_100k_frames: Option<f64>,
    /// The same of the samples that were taken at rest, as the look, the size and all else were at the start. It is judged
    /// where there are enough of them.
    pub(super) slope_at_rest_mb_per_100k_frames: Option<f64>,
    /// Lowest and highest that it may be with a confidence of 95 %.
    pub(super) slope_at_rest_range: Option<(f64, f64)>,
    /// Samples at rest after the warm-up.
    pub(super) rests: usize,
    /// The same as the first, of the proportional set size.
    pub(super) pss_slope_mb_per_100k_frames: Option<f64>,
    /// Median of resident memory after the warm-up, and the most that was sampled.
    pub(super) median_rss_bytes: f64,
    pub(super) peak_rss_bytes: f64,
    /// Growth over the judged frames of what else must not grow.
    pub(super) growth: BTreeMap<String, f64>,
    /// Why it failed; empty when it passed.
    pub(super) reasons: Vec<String>,
    /// The faults in their order.
    pub(super) faults: Vec<Outcome>,
    /// Everything that was counted.
    pub(super) counters: BTreeMap<String, u64>,
    /// What was held.
    pub(super) samples: Vec<Sample>,
}

impl SoakReport {
    pub(super) fn new(run: Run, entries: Entries, stats: &Stats) -> Self {
        let counters = stats.counters().into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        let Entries { samples, outcomes: faults } = entries;
        let mut report = Self { run, faults, counters, samples, ..Self::default() };
        report.judge();
        report
    }

    /// Points (frames, value) of `name` after the warm-up; of those at rest only, where this is asked for.
    fn points(&self, name: &str, at_rest: bool) -> Vec<(f64, f64)> {
        let judged = self.samples.iter().filter(|sample| sample.frame >= self.run.warm_up);
        judged
            .filter(|sample| sample.at_rest || !at_rest)
            .filter_map(|sample| Some((sample.frame as f64, *sample.values.get(name)?)))
            .collect()
    }

    fn judge(&mut self) {
        let rss = self.points("rss_bytes", false);
        let megabytes = |slope: f64| slope * 100_000.0 / 1e6;
        let judged = |points: &[(f64, f64)]| (points.len() >= FEWEST).then(|| slope(points)).flatten();
        self.slope_mb_per_100k_frames = judged(&rss).map(megabytes);
        let rests = self.points("rss_bytes", true);
        self.rests = rests.len();
        self.slope_at_rest_mb_per_100k_frames = judged(&rests).map(megabytes);
        self.slope_at_rest_range = (rests.len() >= FEWEST)
            .then(|| slope_range(&rests))
            .flatten()
            .map(|(low, high)| (megabytes(low), megabytes(high)));
        self.pss_slope_mb_per_100k_frames = judged(&self.points("pss_bytes", false)).map(megabytes);
        let mut bytes: Vec<f64> = rss.iter().map(|(_, bytes)| *bytes).collect();
        self.median_rss_bytes = median(&mut bytes).unwrap_or(0.0);
        self.peak_rss_bytes = bytes.iter().copied().fold(0.0, f64::max);
        match self.slope_at_rest_mb_per_100k_frames.or(self.slope_mb_per_100k_frames) {
            Some(slope) if slope > self.run.slope_limit => self.reasons.push(format!(
                "memory grows by {slope:.2} MB per 100,000 frames; {} are allowed",
                self.run.slope_limit
            )),
            Some(_) => {}
            None => self.reasons.push("there were too few samples for a slope; type more --frames".into()),
        }
        let caches_are_full = self.run.frames - self.run.warm_up.min(self.run.frames) >= FULL_CACHES;
        for name in FLAT {
            let points = self.points(name, self.rests >= FEWEST);
            let (Some(slope), Some((first, _)), Some((last, _))) =
                (judged(&points), points.first(), points.last())
            else {
                continue;
            };
            let growth = slope * (last - first);
            let usual =
                median(&mut points.iter().map(|(_, value)| *value).collect::<Vec<_>>()).unwrap_or(0.0);
            if caches_are_full && growth > FEW && growth > usual * SHARE {
                self.reasons.push(format!("{name}: {growth:.0} more than at first"));
            }
            self.growth.insert(name.to_owned(), growth);
        }
        for fault in self.faults.iter().filter(|fault| fault.injected && fault.recovered_ms.is_none()) {
            self.reasons.push(format!("no picture that shows it within a minute after {}", fault.fault));
        }
    }

    pub(super) fn passed(&self) -> bool {
        self.reasons.is_empty()
    }

    /// A table on standard output.
    pub(super) fn print(&self) {
        let mb = |bytes: f64| bytes / 1e6;
        let Run { frames, seconds, .. } = self.run;
        println!("{frames} frames in {seconds:.0} s, {:.1} per second", frames as f64 / seconds.max(1e-3));
        println!("{:<18} {:>6} {:>12} {:>14} {:>14}", "fault", "times", "rise MB", "back ms", "slowest ms");
        let mut kinds: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        self.faults.iter().for_each(|fault| kinds.entry(&fault.fault).or_default().push(fault));
        for (kind, all) in kinds {
            let (all, missed): (Vec<_>, Vec<_>) = all.into_iter().partition(|fault| fault.injected);
            if !missed.is_empty() {
                println!("{kind:<18} {:>6} could not be made and say nothing", missed.len());
            }
            if all.is_empty() {
                continue;
            }
            let rise = all.iter().map(|fault| fault.rise_bytes).max().unwrap_or(0);
            let mut back: Vec<f64> = all.iter().filter_map(|fault| fault.recovered_ms).collect();
            let slowest = back.iter().copied().fold(0.0, f64::max);
            let back = median(&mut back).unwrap_or(f64::NAN);
            println!("{kind:<18} {:>6} {:>12.1} {back:>14.0} {slowest:>14.0}", all.len(), mb(rise as f64));
        }
        println!(
            "memory: {:.1} MB resident (median after the warm-up), {:.1} MB at the peak",
            mb(self.median_rss_bytes),
            mb(self.peak_rss_bytes)
        );
        if let Some(slope) = self.slope_mb_per_100k_frames {
            println!("growth: {slope:.2} MB per 100,000 frames, {} allowed", self.run.slope_limit);
        }
        if let Some(slope) = self.slope_at_rest_mb_per_100k_frames {
            let (low, high) = self.slope_at_rest_range.unwrap_or((f64::NAN, f64::NAN));
            println!(
                "growth at rest: {slope:.2} MB per 100,000 frames ({low:.2} to {high:.2} at 95 %), {} samples; judged",
                self.rests
            );
        }
        for (name, growth) in &self.growth {
            println!("growth of {name}: {growth:.1}");
        }
        println!("{}", if self.passed() { "passed" } else { "FAILED" });
    }

    /// Writes the report as JSON.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let json = serde_json::to_vec_pretty(self)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rss: impl Fn(u64) -> f64, files: impl Fn(u64) -> f64) -> SoakReport {
        let run = Run { frames: 20_000, warm_up: 4000, slope_limit: 1.0, ..Run::default() };
        let sample = |frame| Sample {
            frame,
            seconds: frame as f64 / 50.0,
            at_rest: false,
            values: [("rss_bytes", rss(frame)), ("files", files(frame))]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        };
        let samples = (0..=200).map(|n| sample(n * 100)).collect();
        SoakReport::new(run, Entries { samples, ..Entries::default() }, &Stats::default())
    }

    #[test]
    fn growth_after_the_warm_up_fails_and_a_steep_warm_up_does_not() {
        // 100 MB while it warms up, then flat with spikes.
        let flat = |frame: u64| {
            1e8 + 1e5 * (frame.min(4000) as f64) / 4.0 + if frame.is_multiple_of(900) { 5e7 } else { 0.0 }
        };
        let passed = report(flat, |_| 40.0);
        assert!(passed.passed(), "{:?}", passed.reasons);
        // 20 bytes a frame: 2 MB in 100,000.
        let grows = report(|frame| 1e8 + 20.0 * frame as f64, |_| 40.0);
        let slope = grows.slope_mb_per_100k_frames.expect("enough samples");
        assert!((slope - 2.0).abs() < 1e-6 && !grows.passed());
        assert!(grows.reasons[0].contains("2.00 MB per 100,000"), "{:?}", grows.reasons);
    }

    #[test]
    fn what_looks_and_sizes_make_of_it_is_not_taken_for_growth() {
        // Looks that are worn later hold more; at rest it is always the same, or grows with the frames.
        let run = Run { frames: 20_000, warm_up: 4000, slope_limit: 1.0, ..Run::default() };
        let at = |leak: f64| {
            let sample = |n: u64| {
                let at_rest = n.is_multiple_of(10);
                let held = if at_rest { 1e8 + leak * n as f64 } else { 1e8 + 1e5 * n as f64 };
                let values = [("rss_bytes".to_owned(), held)].into();
                Sample { frame: n * 100, at_rest, values, ..Sample::default() }
            };
            let samples = (0..=200).map(sample).collect();
            SoakReport::new(run.clone(), Entries { samples, ..Entries::default() }, &Stats::default())
        };
        let flat = at(0.0);
        assert!(flat.passed(), "{:?}", flat.reasons);
        assert!(flat.slope_mb_per_100k_frames > Some(50.0) && flat.rests == 17, "{flat:?}");
        assert!(!at(2000.0).passed());
    }

    #[test]
    fn handles_that_leak_fail_although_memory_is_flat() {
        let leaks = report(|_| 1e8, |frame| 40.0 + frame as f64 / 500.0);
        assert!(leaks.reasons[0].contains("files"), "{:?}", leaks.reasons);
        // One more while a recording runs is none.
        assert!(report(|_| 1e8, |frame| 40.0 + f64::from(frame % 3000 < 1000) * 4.0).passed());
    }

    #[test]
    fn a_fault_that_could_not_be_made_is_neither_survived_nor_a_failure() {
        let outcome = |injected| {
            let json = serde_json::json!({
                "fault": "stall-encoder", "frame": 1, "seconds": 1.0, "before_bytes": 0, "rise_bytes": 0,
                "recovered_ms": null, "injected": injected,
            });
            serde_json::from_value::<Outcome>(json).expect("an outcome")
        };
        let reasons = |outcome| {
            let mut flat = report(|_| 1e8, |_| 40.0);
            flat.faults = vec![outcome];
            flat.judge();
            flat.reasons
        };
        assert!(reasons(outcome(false)).is_empty());
        assert!(reasons(outcome(true))[0].contains("stall-encoder"));
    }
}
