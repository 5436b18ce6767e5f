//! Carries the plan out while the program runs, and writes down what it did.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::{Render, RenderApp, RenderSystems};

use super::faults::{Fault, Plan};
use super::inject::{Hands, Injected};
use super::ledger::{Ledger, Outcome};
use super::meter::{Meter, Sample};
use super::proof::{Now, Proof, size};
use super::stall::{Frozen, Switches, stand_still_in_render};
use crate::capture::{LatestFrame, SourceState, SourceStatus};
use crate::look::{Look, LookFade, LookSwitched, SwitchLook};
use crate::memory::{PressureLevel, trim_heap};
use crate::perception::Shown;
use crate::record::{Recorder, RecorderState};
use crate::schedule::MasqueSystems;
use crate::source::SourceUri;
use crate::stats::Stats;

/// Samples of a whole run.
const SAMPLES: u64 = 500;
/// How long the picture may need to come back before a fault counts as one that it did not survive.
const PATIENCE: Duration = Duration::from_secs(60);
/// After so many faults everything is put back as it was at the start, caches let go of what is not in use, and what is held
/// then is compared with what was held the other times: which looks are worn or kept, and how large pictures are, makes more of
/// a difference than a leak.
const FAULTS_BETWEEN_RESTS: u64 = 5;
/// How long an encoder may need to be there after its recording began.
const ENCODER_PATIENCE: Duration = Duration::from_secs(10);

/// What is done to the program, and how often.
#[derive(Debug, Clone)]
pub(super) struct SoakOptions {
    pub(super) frames: u64,
    pub(super) every: u64,
    /// Frames in which faults come closer to each other.
    pub(super) warm_up: u64,
    pub(super) plan: Plan,
    pub(super) source: SourceUri,
    pub(super) folder: PathBuf,
}

/// Injects faults, one after the other.
pub(super) struct SoakPlugin {
    pub(super) options: SoakOptions,
    pub(super) switches: Switches,
    pub(super) ledger: Ledger,
}

#[derive(Resource)]
pub(super) struct Driver {
    pub(super) options: SoakOptions,
    next_fault: u64,
    sample_every: u64,
    next_sample: u64,
    active: Option<Active>,
    /// The look of the start.
    look: Option<Look>,
    /// Looks that were switched to.
    pub(super) looks: usize,
    faults_since_rest: u64,
    resting: bool,
    pub(super) recordings: u64,
    /// Frames that were recorded when the recording began.
    pub(super) recorded_before: u64,
}

struct Active {
    fault: Fault,
    outcome: Outcome,
    lasts: Duration,
    until: Instant,
    proof: Proof,
    /// Switches of the source that there had been.
    switches_before: u64,
    /// Times that it had been opened again.
    reconnects_before: u64,
    /// The look that was asked for is on.
    is_switched: bool,
    /// Frames that were dressed when there was a picture to prove that it is over.
    composed_at_proof: Option<u64>,
    frozen: Option<Frozen>,
}

impl Plugin for SoakPlugin {
    fn build(&self, app: &mut App) {
        let SoakOptions { frames, every, warm_up, .. } = self.options;
        app.insert_resource(Driver {
            next_fault: distance(0, warm_up, every),
            sample_every: (frames / SAMPLES).max(1),
            options: self.options.clone(),
            next_sample: 0,
            active: None,
            look: None,
            looks: 0,
            faults_since_rest: 0,
            resting: false,
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
        ledger.add_sample(meter.sample(frame, &stats));
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

/// What tells whether a fault was carried out and is over.
#[derive(bevy::ecs::system::SystemParam)]
struct Sight<'w, 's> {
    latest: Res<'w, LatestFrame>,
    source: Res<'w, SourceStatus>,
    shown: Res<'w, Shown>,
    fade: Res<'w, LookFade>,
    switched: MessageReader<'w, 's, LookSwitched>,
}

fn drive(
    mut driver: ResMut<Driver>,
    (meter, ledger): (Res<Meter>, Res<Ledger>),
    mut sight: Sight,
    mut hands: Hands,
) {
    let stats = hands.stats.clone();
    let composed = stats.counter("frames_composed");
    let driver = &mut *driver;
    let switched = sight.switched.read().last().map(|switched| switched.outcome.is_ok());
    if let Some(active) = &mut driver.active {
        active.is_switched |= switched == Some(true);
        active.outcome.injected &= switched != Some(false);
        let carried_out = match active.fault {
            // Frames that are held while it is away are no proof.
            Fault::LoseSource => {
                let was_lost = stats.counter("source_reconnects") > active.reconnects_before;
                !hands.switches.is_to_be_lost() && was_lost && sight.source.state == SourceState::Live
            }
            Fault::SwitchSource => stats.counter("source_switches") > active.switches_before,
            _ => true,
        };
        let seen = sight.fade.from.is_none() || sight.fade.progress > 0.0;
        let now = Now {
            carried_out,
            latest: sight.latest.frame.as_ref(),
            shown: sight.shown.frame.as_ref(),
            wears_it: active.is_switched && seen,
        };
        if active.goes_on(composed, now, &meter) {
            return;
        }
        let outcome = active.outcome.clone();
        if !outcome.injected {
            stats.count("soak_not_injected");
            tracing::warn!("soak: {} could not be made", outcome.fault);
        }
        ledger.add_outcome(outcome);
        driver.active = None;
        driver.next_fault = composed + distance(composed, driver.options.warm_up, driver.options.every);
        return;
    }
    let start = driver.look.get_or_insert_with(|| hands.look.0.clone());
    if composed < driver.next_fault {
        return;
    }
    if driver.resting {
        driver.resting = false;
        driver.faults_since_rest = 0;
        trim_heap();
        ledger.add_sample(Sample { at_rest: true, ..meter.sample(composed, &stats) });
        hands.pressure.0 = PressureLevel::Normal;
    } else if driver.faults_since_rest == FAULTS_BETWEEN_RESTS {
        driver.resting = true;
        driver.next_fault = composed + driver.options.every;
        hands.switches.crop(false);
        hands.looks.write(SwitchLook::to_look(start.clone()));
        hands.recorder.stop();
        hands.pressure.0 = PressureLevel::Warning;
        return;
    }
    // What begins too late would not be over when the run ends.
    if composed + driver.options.every > driver.options.frames {
        return;
    }
    // While it warms up, every second one is a look: textures and shaders of all of them are to be there when it is judged.
    let is_look = composed < driver.options.warm_up && driver.faults_since_rest % 2 == 1;
    let plan = &mut driver.options.plan;
    let look_of_warm_up = is_look.then(|| plan.next_look()).flatten();
    let Some((fault, lasts, seed)) = look_of_warm_up.or_else(|| plan.next()) else { return };
    driver.faults_since_rest += 1;
    stats.count("soak_faults");
    tracing::info!("soak: {fault}, {lasts:.1?}, after {composed} frames");
    let before_bytes = meter.mark();
    let size = sight.shown.frame.as_deref().map(size);
    let Injected { made: injected, proof } = driver.inject(fault, lasts, seed, size, &mut hands);
    let left = match fault {
        // The loop has slept already.
        Fault::StallLoop => Duration::ZERO,
        // It lasts from when the encoder was found.
        Fault::StallEncoder if injected => ENCODER_PATIENCE,
        Fault::StallEncoder => Duration::ZERO,
        _ => lasts,
    };
    driver.active = Some(Active {
        fault,
        outcome: Outcome {
            fault: fault.name(),
            frame: composed,
            seconds: lasts.as_secs_f64(),
            before_bytes,
            rise_bytes: 0,
            recovered_ms: None,
            injected,
        },
        lasts,
        until: Instant::now() + left,
        proof,
        switches_before: stats.counter("source_switches"),
        reconnects_before: stats.counter("source_reconnects"),
        is_switched: false,
        composed_at_proof: None,
        frozen: None,
    });
}

/// How many frames after `composed` the next fault comes.
fn distance(composed: u64, warm_up: u64, every: u64) -> u64 {
    if composed < warm_up { (every / 4).max(1) } else { every }
}

impl Active {
    /// Whether the fault lasts, or the picture is not back yet.
    fn goes_on(&mut self, composed: u64, picture: Now<'_>, meter: &Meter) -> bool {
        self.outcome.rise_bytes = meter.peak().saturating_sub(self.outcome.before_bytes);
        if !self.outcome.injected {
            return false;
        }
        // What came in meanwhile is noted in every update.
        let proved = self.proof.is_there(picture);
        let now = Instant::now();
        if now < self.until {
            if self.fault == Fault::StallEncoder && self.frozen.is_none() {
                self.frozen = Frozen::encoder();
                self.until = if self.frozen.is_some() { now + self.lasts } else { self.until };
            }
            return true;
        }
        if self.fault == Fault::StallEncoder && self.composed_at_proof.is_none() {
            self.outcome.injected = self.frozen.take().is_some();
        }
        if proved {
            // It is drawn by the next update.
            self.composed_at_proof.get_or_insert(composed);
        }
        let waited = now.duration_since(self.until);
        if self.composed_at_proof.is_some_and(|at| composed > at) {
            self.outcome.recovered_ms = Some(waited.as_secs_f64() * 1000.0);
            return false;
        }
        waited < PATIENCE
    }
}
