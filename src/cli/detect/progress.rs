//! How far a job is: bars on a terminal, a line now and then elsewhere, JSON lines for machines.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

use crate::batch::{Input, InputRecord, InputState, Observer, Outcome};

/// How often bars move and JSON lines come.
const STEP: Duration = Duration::from_millis(250);
/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
const OVERALL: &str = "{bar:30} {pos}/{len} inputs, {msg}";
const CURRENT: &str = "{bar:30} {pos}/{len} frames, {eta} left, {msg}";
const CURRENT_WITHOUT_END: &str = "{spinner} {pos} frames, {msg}";

/// Shows how a job goes.
pub(super) struct Progress {
    json: bool,
    bars: Option<Bars>,
    begun: Instant,
    shown: Instant,
    told: Instant,
    inputs: u64,
    ended: u64,
    /// Frames that went through the network in this run.
    frames: u64,
    detections: u64,
    name: String,
    /// Of the current input.
    at: u64,
    of: Option<u64>,
}

struct Bars {
    overall: ProgressBar,
    current: ProgressBar,
    _both: MultiProgress,
}

impl Progress {
    pub(super) fn new(json: bool) -> Self {
        let now = Instant::now();
        let bars = (!json && std::io::stderr().is_terminal()).then(Bars::new);
        Self {
            json,
            bars,
            begun: now,
            shown: now,
            told: now,
            inputs: 0,
            ended: 0,
            frames: 0,
            detections: 0,
            name: String::new(),
            at: 0,
            of: None,
        }
    }

    /// Takes the bars away, and says how it ended.
    pub(super) fn done(&mut self, outcome: &Outcome) {
        if let Some(bars) = self.bars.take() {
            bars.current.finish_and_clear();
            bars.overall.finish_and_clear();
        }
        if self.json {
            say(&json!({
                "event": "done",
                "interrupted": outcome.interrupted,
                "inputs": outcome.totals.inputs,
                "done": outcome.totals.done,
                "incomplete": outcome.totals.incomplete,
                "failed": outcome.totals.failed,
                "skipped": outcome.skipped,
                "frames": outcome.totals.frames,
                "detections": outcome.totals.detections,
                "seconds": outcome.timing.seconds,
                "frames_per_second": outcome.timing.frames_per_second,
                "manifest": outcome.manifest,
            }));
        }
    }

    fn rate(&self) -> f64 {
        self.frames as f64 / self.begun.elapsed().as_secs_f64().max(1e-9)
    }

    /// Time that the rest of the inputs takes, if they are as long as those before.
    fn left(&self) -> Option<Duration> {
        let share = self.of.filter(|of| *of > 0).map_or(0.0, |of| (self.at as f64 / of as f64).min(1.0));
        let done = self.ended as f64 + share;
        (done > 0.0).then(|| self.begun.elapsed().mul_f64(((self.inputs as f64 - done) / done).max(0.0)))
    }

    fn show(&mut self) {
        let now = Instant::now();
        if now - self.shown < STEP {
            return;
        }
        self.shown = now;
        let rate = self.rate();
        if self.json {
            say(&json!({
                "event": "progress",
                "input": self.name,
                "frame": self.at,
                "frames": self.of,
                "inputs_ended": self.ended,
                "inputs": self.inputs,
                "detections": self.detections,
                "frames_per_second": (rate * 10.0).round() / 10.0,
                "seconds_left": self.left().map(|left| left.as_secs()),
            }));
        } else if let Some(bars) = &self.bars {
            bars.current.set_position(self.at);
            // Of videos the number is an estimate.
            if self.of.is_some_and(|of| self.at > of) {
                bars.current.set_length(self.at);
            }
            let left = self.left().map_or_else(String::new, |left| format!(", {} left", HumanDuration(left)));
            bars.overall.set_message(format!("{rate:.1} frames/s{left}"));
        } else if now - self.told >= LINE {
            self.told = now;
            let left =
                self.left().map_or_else(String::new, |left| format!(", about {} left", HumanDuration(left)));
            let _ = writeln!(
                std::io::stderr(),
                "masque: {} of {} inputs, {} at frame {}, {rate:.1} frames/s{left}",
                self.ended,
                self.inputs,
                self.name,
                self.at
            );
        }
    }
}

impl Bars {
    fn new() -> Self {
        let both = MultiProgress::new();
        let overall = both.add(styled(ProgressBar::new(0), OVERALL));
        let current = both.add(styled(ProgressBar::new_spinner(), CURRENT_WITHOUT_END));
        Self { overall, current, _both: both }
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A line on standard output; who does not listen any more misses nothing.
fn say(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Observer for Progress {
    fn starts(&mut self, inputs: u64, skipped: u64) {
        self.inputs = inputs - skipped;
        self.begun = Instant::now();
        if self.json {
            say(&json!({ "event": "start", "inputs": inputs, "skipped": skipped }));
        }
        if let Some(bars) = &self.bars {
            bars.overall.set_length(self.inputs);
        }
    }

    fn begins(&mut self, input: &Input, frames: Option<u64>) {
        (self.name, self.at, self.of) = (input.name.clone(), 0, frames);
        if self.json {
            say(&json!({ "event": "begin", "input": input.name, "path": input.path, "frames": frames }));
        }
        if let Some(bars) = &self.bars {
            bars.current.reset();
            match frames {
                Some(frames) => {
                    styled(bars.current.clone(), CURRENT);
                    bars.current.set_length(frames);
                }
                None => drop(styled(bars.current.clone(), CURRENT_WITHOUT_END)),
            }
            bars.current.set_message(input.name.clone());
        }
    }

    fn advanced(&mut self, frames: u64, detections: u64, known: bool) {
        self.at += frames;
        self.frames += if known { 0 } else { frames };
        self.detections += detections;
        self.show();
    }

    fn ended(&mut self, record: &InputRecord) {
        self.ended += 1;
        if self.json {
            say(&json!({
                "event": "end",
                "input": record.name,
                "state": record.state,
                "error": record.error,
                "frames": record.frames,
                "detections": record.detections,
                "tracks": record.tracks,
                "seconds": record.seconds,
            }));
        }
        if let Some(bars) = &self.bars {
            bars.overall.set_position(self.ended);
            if record.state != InputState::Done {
                let why = record.error.as_deref().unwrap_or_default();
                bars.overall.println(format!("masque: {}: {why}", record.path));
            }
        }
    }
}
