//! Carries the plan out while the program runs, and writes down what it did.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::{Render, RenderApp, RenderSystems};
use serde::{Deserialize, Serialize};

use super::faults::{Fault, Plan};
use super::meter::{Meter, Sample};
use super::stall::{Frozen, Switches, stall_files, stall_perception, stand_still_in_render};
use crate::capture::SwitchSource;
use crate::ffmpeg::locate;
use crate::look::{CurrentLook, SwitchLook, SwitchTo, TextureLibrary, randomise, shipped_looks};
use crate::models::SessionManager;
use crate::record::{Recorder, RecorderState, RecordingOptions, SnapshotRequest};
use crate::schedule::{MasqueSystems, Waker};
use crate::source::SourceUri;
use crate::stats::Stats;

/// Samples of a whole run.
const SAMPLES: u64 = 500;
/// How long the picture may need to come back before a fault counts as one that it did not survive.
const PATIENCE: Duration = Duration::from_secs(60);
/// Frames that a recording has at least before it is ended.
const SHORTEST_RECORDING: u64 = 20;

/// Injects faults, one after the other.
pub(super) struct SoakPlugin {
    pub(super) frames: u64,
    pub(super) every: u64,
    /// Frames in which faults come closer to each other.
    pub(super) warm_up: u64,
    pub(super) plan: Plan,
    pub(super) source: SourceUri,
    pub(super) folder: PathBuf,
    pub(super) switches: Switches,
    pub(super) ledger: Ledger,
}

/// What happened, shared with whoever reports it.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) samples: Vec<Sample>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Ledger {
    pub(super) fn take(&self) -> Entries {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, write: impl FnOnce(&mut Entries)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What became of one fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Which.
    pub(super) fault: String,
    /// Frames that were dressed before it.
    pub(super) frame: u64,
    /// How long it lasted.
    pub(super) seconds: f64,
    /// Resident bytes before it.
    pub(super) before_bytes: u64,
    /// How many bytes more there were at most, until the picture was back.
    pub(super) rise_bytes: u64,
    /// From its end until the next picture; none: it did not come back within a minute.
    pub(super) recovered_ms: Option<f64>,
}

#[derive(Resource)]
struct Driver {
    plan: Plan,
    frames: u64,
    every: u64,
    warm_up: u64,
    source: SourceUri,
    folder: PathBuf,
    next_fault: u64,
    sample_every: u64,
    next_sample: u64,
    active: Option<Active>,
    recordings: u64,
    /// Frames that were recorded when the recording began.
    recorded_before: u64,
}

struct Active {
    outcome: Outcome,
    until: Instant,
    /// Frames that were dressed when it ended.
    composed_at_end: Option<u64>,
    freeze: bool,
    frozen: Option<Frozen>,
}

impl Plugin for SoakPlugin {
    fn build(&self, app: &mut App) {
        let sample_every = (self.frames / SAMPLES).max(1);
        app.insert_resource(Driver {
            plan: self.plan.clone(),
            frames: self.frames,
            every: self.every,
            warm_up: self.warm_up,
            source: self.source.clone(),
            folder: self.folder.clone(),
            next_fault: distance(0, self.warm_up, self.every),
            sample_every,
            next_sample: 0,
            active: None,
            recordings: 0,
            recorded_before: 0,
        })
        .insert_resource(self.switches.clone())
        .insert_resource(self.ledger.clone())
        .insert_resource(Meter::start())
        .add_systems(Update, (sample, clear_recordings, drive).chain().in_set(MasqueSystems::Report));
        if let Some(render) = app.get_sub_app_mut(RenderApp) {
            render
                .insert_resource(self.switches.clone())
                .add_systems(Render, stand_still_in_render.in_set(RenderSystems::PrepareAssets));
        }
    }
}

fn sample(meter: Res<Meter>, stats: Res<Stats>, ledger: Res<Ledger>, mut driver: ResMut<Driver>) {
    let frame = stats.counter("frames_composed");
    if frame >= driver.next_sample {
        driver.next_sample = (frame / driver.sample_every + 1) * driver.sample_every;
        ledger.write(|entries| entries.samples.push(meter.sample(frame, &stats)));
    }
}

/// A recording that is complete has served its purpose.
fn clear_recordings(recorder: Res<Recorder>, stats: Res<Stats>) {
    if let RecorderState::Done(path) = recorder.state()
        && path.exists()
        && std::fs::remove_file(path).is_ok()
    {
        stats.count("soak_recordings");
    }
}

fn drive(
    mut driver: ResMut<Driver>,
    (meter, switches, ledger): (Res<Meter>, Res<Switches>, Res<Ledger>),
    (stats, waker, library): (Res<Stats>, Res<Waker>, Res<TextureLibrary>),
    sessions: Res<SessionManager>,
    look: Res<CurrentLook>,
    mut switches_of_look: MessageWriter<SwitchLook>,
    mut recorder: ResMut<Recorder>,
    mut snapshots: MessageWriter<SnapshotRequest>,
    mut sources: MessageWriter<SwitchSource>,
) {
    let composed = stats.counter("frames_composed");
    let driver = &mut *driver;
    if let Some(active) = &mut driver.active {
        if active.goes_on(composed, &meter) {
            return;
        }
        let outcome = active.outcome.clone();
        ledger.write(|entries| entries.outcomes.push(outcome));
        driver.active = None;
        driver.next_fault = composed + distance(composed, driver.warm_up, driver.every);
        return;
    }
    // What begins too late would not be over when the run ends.
    if composed < driver.next_fault || composed + driver.every > driver.frames {
        return;
    }
    let Some((fault, lasts, seed)) = driver.plan.next() else { return };
    stats.count("soak_faults");
    tracing::info!("soak: {fault}, {lasts:.1?}, after {composed} frames");
    let before_bytes = meter.mark();
    let mut freeze = false;
    match fault {
        Fault::StallSource => switches.stall_source(lasts),
        Fault::StallPerception => stall_perception(lasts),
        Fault::StallLoop => std::thread::sleep(lasts),
        Fault::StallRender => switches.stall_render(lasts),
        Fault::StallFiles => stall_files(lasts),
        Fault::StallEncoder => {
            freeze = true;
            driver.record(&mut recorder, &stats, &waker);
        }
        Fault::LoseSource => switches.lose_source(),
        Fault::SwitchSource => {
            sources.write(SwitchSource(driver.source.clone()));
        }
        Fault::Resolution => switches.crop(!switches.is_cropped()),
        Fault::SwitchLook => {
            let looks: Vec<&str> = shipped_looks().collect();
            let name = looks[seed as usize % looks.len().max(1)];
            switches_of_look.write(SwitchLook {
                to: SwitchTo::Named(name.to_owned()),
                fade: None,
                easing: None,
            });
        }
        Fault::Recycle => sessions.recycle_all(),
        Fault::Randomise => {
            switches_of_look.write(SwitchLook::to_look(randomise(&look, &library, seed)));
        }
        Fault::Record => {
            let enough = driver.recorded_before + SHORTEST_RECORDING;
            match recorder.state() {
                RecorderState::Recording if stats.counter("frames_recorded") >= enough => recorder.stop(),
                RecorderState::Recording => {}
                _ => driver.record(&mut recorder, &stats, &waker),
            }
        }
        Fault::Snapshot => {
            // The same file each time.
            snapshots.write(SnapshotRequest { path: driver.folder.join("snapshot.png") });
        }
    }
    // The loop has slept already.
    let left = if fault == Fault::StallLoop { Duration::ZERO } else { lasts };
    driver.active = Some(Active {
        outcome: Outcome {
            fault: fault.name(),
            frame: composed,
            seconds: lasts.as_secs_f64(),
            before_bytes,
            rise_bytes: 0,
            recovered_ms: None,
        },
        until: Instant::now() + left,
        composed_at_end: None,
        freeze,
        frozen: None,
    });
}

/// How many frames after `composed` the next fault comes.
fn distance(composed: u64, warm_up: u64, every: u64) -> u64 {
    if composed < warm_up { (every / 4).max(1) } else { every }
}

impl Driver {
    /// Begins a recording unless one runs.
    fn record(&mut self, recorder: &mut Recorder, stats: &Stats, waker: &Waker) {
        if recorder.is_busy() {
            return;
        }
        match locate() {
            Ok(ffmpeg) => {
                self.recordings += 1;
                self.recorded_before = stats.counter("frames_recorded");
                let path = self.folder.join(format!("soak-{}.mp4", self.recordings));
                recorder.start(ffmpeg, RecordingOptions::live(path), stats, waker);
            }
            Err(_) => stats.count("soak_without_ffmpeg"),
        }
    }
}

impl Active {
    /// Whether the fault lasts, or the picture is not back yet.
    fn goes_on(&mut self, composed: u64, meter: &Meter) -> bool {
        self.outcome.rise_bytes = meter.peak().saturating_sub(self.outcome.before_bytes);
        let now = Instant::now();
        if now < self.until {
            if self.freeze && self.frozen.is_none() {
                self.frozen = Frozen::encoder();
            }
            return true;
        }
        self.frozen = None;
        let at_end = *self.composed_at_end.get_or_insert(composed);
        let waited = now.duration_since(self.until);
        if composed > at_end {
            self.outcome.recovered_ms = Some(waited.as_secs_f64() * 1000.0);
            return false;
        }
        waited < PATIENCE
    }
}
