//! The last few programs, and the one that is being compiled.

use std::sync::Arc;
use std::thread::JoinHandle;

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;
use crossbeam_channel::{Receiver, bounded};

use super::compile::{Program, ProgramError};
use super::layouts::Layouts;
use super::structure::{Key, Structure};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Programs that are kept: going back and forth among as many looks compiles nothing.
const KEPT: usize = 8;

/// What is known of a program.
pub(in crate::compositor) enum Found {
    /// It can draw.
    Ready(Arc<Program>),
    /// It is, or will be, compiled.
    Coming,
    /// The device does not take it.
    Failed,
}

struct Making {
    key: Key,
    outcome: Receiver<Result<Program, ProgramError>>,
    thread: JoinHandle<()>,
}

/// Made anew with the device.
#[derive(Resource)]
pub(in crate::compositor) struct Programs {
    /// The last one that was asked for is at the end; none is one that cannot be made, which is not tried again.
    made: Vec<(Key, Option<Arc<Program>>)>,
    making: Option<Making>,
    device: RenderDevice,
    stats: Stats,
    waker: Waker,
}

impl FromWorld for Programs {
    fn from_world(world: &mut World) -> Self {
        Self {
            made: Vec::with_capacity(KEPT),
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
        if let Some(place) = self.made.iter().position(|(made, _)| made == key) {
            if place + 1 != self.made.len() {
                let used = self.made.remove(place);
                self.made.push(used);
            }
            return match self.made.last().and_then(|(_, program)| program.clone()) {
                Some(program) => Found::Ready(program),
                None => Found::Failed,
            };
        }
        if self.making.is_none() {
            self.begin(key.clone(), layouts.clone());
        }
        Found::Coming
    }

    /// A program that draws this structure in some way, if one is ready.
    pub(in crate::compositor) fn any(&self, structure: &Structure) -> Option<Arc<Program>> {
        let fits = self.made.iter().rev().filter(|(key, _)| key.structure == *structure);
        fits.filter_map(|(_, program)| program.clone()).next()
    }

    /// The program for `key`, if it is ready.
    pub(in crate::compositor) fn ready(&self, key: &Key) -> Option<Arc<Program>> {
        self.made.iter().find(|(made, _)| made == key).and_then(|(_, program)| program.clone())
    }

    fn begin(&mut self, key: Key, layouts: Layouts) {
        let (sender, outcome) = bounded(1);
        let (device, waker, asked) = (self.device.clone(), self.waker.clone(), key.clone());
        // A thread of its own: the pools may have one thread each, and people are found on it.
        let thread = std::thread::Builder::new().name("masque-shader".into()).spawn(move || {
            // The receiver is gone only when the device is.
            let _ = sender.send(Program::make(&device, &layouts, &asked));
            waker.wake();
        });
        match thread {
            Ok(thread) => self.making = Some(Making { key, outcome, thread }),
            Err(error) => self.keep(key, Err(ProgramError::NoThread(error.to_string()))),
        }
    }

    fn take_made(&mut self) {
        let Some(making) = &self.making else { return };
        let outcome = match making.outcome.try_recv() {
            Ok(outcome) => outcome,
            Err(crossbeam_channel::TryRecvError::Empty) => return,
            Err(crossbeam_channel::TryRecvError::Disconnected) => Err(ProgramError::Crashed),
        };
        if let Some(making) = self.making.take() {
            self.keep(making.key, outcome);
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
        self.made.push((key, outcome.ok().map(Arc::new)));
        self.stats.gauge("shaders_resident", self.made.len() as f64);
    }
}

impl Drop for Programs {
    /// A compiler that still runs while the process ends would crash it: it is waited for.
    fn drop(&mut self) {
        if let Some(making) = self.making.take() {
            drop(making.outcome);
            // What a crashed one was doing does not matter any more.
            let _ = making.thread.join();
        }
    }
}
