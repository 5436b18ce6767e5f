//! The last few programs, and the one that is being compiled.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;
use crossbeam_channel::TryRecvError;

use super::compile::{Program, ProgramError};
use super::layouts::Layouts;
use super::structure::{Key, Structure};
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Programs that are kept: going back and forth among as many looks compiles nothing.
const KEPT: usize = 8;
/// After how long without being asked for a program goes while memory is tight. Frames that move and frames that stand still take
/// turns with two of them.
const RESTING: Duration = Duration::from_secs(4);
/// What a driver may hold for one: Mesa's software renderer, which keeps most, had 15 to 25 MB for each shipped look.
const PROGRAM_BYTES: u64 = 32 << 20;

pub(in crate::compositor) const PROGRAMS: Bound = bound!(
    "compositor.programs",
    "shaders of looks with their pipelines (code of the driver)",
    KEPT,
    Each::Gpu(PROGRAM_BYTES),
    "the one not drawn for longest goes"
);
pub(in crate::compositor) const ASKED: Bound = bound!(
    "compositor.asked",
    "the key of the shader to compile, on the way to its thread",
    1,
    Each::Bytes(64 << 10),
    "it is not compiled: none is asked for before the one before is there"
);
pub(in crate::compositor) const COMPILED: Bound = bound!(
    "compositor.compiled",
    "the shader that is compiled, on the way from its thread",
    1,
    Each::Gpu(PROGRAM_BYTES),
    "the next one waits"
);

/// What is known of a program.
pub(in crate::compositor) enum Found {
    /// It can draw.
    Ready(Arc<Program>),
    /// It is, or will be, compiled.
    Coming,
    /// The device does not take it.
    Failed,
}

type Outcome = Result<Program, ProgramError>;

/// The thread that compiles. One that stays, because each new thread may get a heap of its own, which stays; and not one
/// of the pools', which may have one thread each: people are found on it.
struct Compiler {
    asked: Option<Sender<(Key, Layouts)>>,
    outcomes: Receiver<Outcome>,
    thread: Option<JoinHandle<()>>,
}

impl Compiler {
    fn start(device: RenderDevice, waker: Waker, stats: &Stats) -> std::io::Result<Self> {
        let (asked, keys) = queue::<(Key, Layouts)>(&ASKED, stats);
        let (sender, outcomes) = queue(&COMPILED, stats);
        let work = move || {
            for (key, layouts) in keys.iter() {
                // The receiver is gone only when the device is.
                if sender.send(Program::make(&device, &layouts, &key)).is_err() {
                    return;
                }
                waker.wake();
            }
        };
        let thread = std::thread::Builder::new().name("masque-shader".into()).spawn(work)?;
        Ok(Self { asked: Some(asked), outcomes, thread: Some(thread) })
    }
}

impl Drop for Compiler {
    /// What still runs while the process ends would crash it: it is waited for.
    fn drop(&mut self) {
        self.asked = None;
        if let Some(thread) = self.thread.take() {
            // What a crashed one was doing does not matter any more.
            let _ = thread.join();
        }
    }
}

struct Made {
    key: Key,
    /// None is one that cannot be made, which is not tried again.
    program: Option<Arc<Program>>,
    /// When it was asked for last.
    asked: Instant,
}

/// Made anew with the device.
#[derive(Resource)]
pub(in crate::compositor) struct Programs {
    /// The last one that was asked for is at the end.
    made: Vec<Made>,
    compiler: Option<Compiler>,
    /// What is being compiled.
    making: Option<Key>,
    device: RenderDevice,
    stats: Stats,
    waker: Waker,
}

impl FromWorld for Programs {
    fn from_world(world: &mut World) -> Self {
        Self {
            made: Vec::with_capacity(KEPT),
            compiler: None,
            making: None,
            device: world.resource::<RenderDevice>().clone(),
            stats: world.resource::<Stats>().clone(),
            waker: world.resource::<Waker>().clone(),
        }
    }
}

impl Programs {
    /// The program for `key`; where there is none it is asked for.
    pub(in crate::compositor) fn get(&mut self, key: &Key, layouts: &Layouts) -> Found {
        self.take_made();
        if let Some(place) = self.made.iter().position(|made| made.key == *key) {
            self.made[place..].rotate_left(1);
            if let Some(used) = self.made.last_mut() {
                used.asked = Instant::now();
                return used.program.clone().map_or(Found::Failed, Found::Ready);
            }
        }
        if self.making.is_none() {
            self.begin(key.clone(), layouts.clone());
        }
        Found::Coming
    }

    /// A program that draws this structure in some way, if one is ready.
    pub(in crate::compositor) fn any(&self, structure: &Structure) -> Option<Arc<Program>> {
        let fits = self.made.iter().rev().filter(|made| made.key.structure == *structure);
        fits.filter_map(|made| made.program.clone()).next()
    }

    /// The program for `key`, if it is ready.
    pub(in crate::compositor) fn ready(&self, key: &Key) -> Option<Arc<Program>> {
        self.made.iter().find(|made| made.key == *key)?.program.clone()
    }

    /// Lets go of programs that were not asked for in the last [`RESTING`]. Those that cannot be made are remembered: that holds
    /// nothing of the device.
    pub(in crate::compositor) fn let_go_of_resting(&mut self) {
        let before = self.made.len();
        self.made.retain(|made| made.program.is_none() || made.asked.elapsed() < RESTING);
        if self.made.len() < before {
            self.stats.add("shaders_trimmed_memory", (before - self.made.len()) as u64);
            self.stats.gauge("shaders_resident", self.made.len() as f64);
        }
    }

    fn begin(&mut self, key: Key, layouts: Layouts) {
        if self.compiler.is_none() {
            match Compiler::start(self.device.clone(), self.waker.clone(), &self.stats) {
                Ok(compiler) => self.compiler = Some(compiler),
                Err(error) => return self.keep(key, Err(ProgramError::NoThread(error.to_string()))),
            }
        }
        let asked = self.compiler.as_ref().and_then(|compiler| compiler.asked.as_ref());
        if asked.is_some_and(|asked| asked.try_send((key.clone(), layouts)).is_ok()) {
            self.making = Some(key);
        } else {
            self.compiler = None;
            self.keep(key, Err(ProgramError::Crashed));
        }
    }

    fn take_made(&mut self) {
        let Some(compiler) = self.compiler.as_ref().filter(|_| self.making.is_some()) else { return };
        let outcome = match compiler.outcomes.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => {
                self.compiler = None;
                Err(ProgramError::Crashed)
            }
        };
        if let Some(key) = self.making.take() {
            self.keep(key, outcome);
        }
    }

    fn keep(&mut self, key: Key, outcome: Result<Program, ProgramError>) {
        match &outcome {
            Ok(program) => {
                self.stats.count("shaders_compiled");
                for effect in &program.plan().left_out {
                    self.stats.count("effects_left_out");
                    self.stats.event(format!(
                        "the effect {effect} is left out: this device has no room for the textures of all effects"
                    ));
                }
            }
            Err(error) => {
                self.stats.count("shaders_failed");
                self.stats.event(format!("the shader of a look could not be compiled: {error}"));
            }
        }
        if self.made.len() == KEPT {
            self.made.remove(0);
        }
        self.made.push(Made { key, program: outcome.ok().map(Arc::new), asked: Instant::now() });
        self.stats.gauge("shaders_resident", self.made.len() as f64);
    }
}
