//! The textures that are on the GPU: those that are worn, and of the others the last ones worn, as many as
//! the budget has room for.

use std::collections::{HashMap, HashSet};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::texture::{TextureError, TextureSource};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Textures that are decoded at the same time: what bounds the memory that decoding takes.
const DECODERS: usize = 2;
/// Most textures that are kept without being worn, however small they are.
const MOST_IDLE: usize = 512;

/// How many bytes of textures stay on the GPU without being worn, mip levels included. Default 256 MiB.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextureBudget(pub u64);

impl Default for TextureBudget {
    fn default() -> Self {
        Self(256 << 20)
    }
}

#[derive(Debug, Default)]
pub(super) struct TextureStore {
    resident: HashMap<TextureSource, Resident>,
    /// What was begun is finished, and kept as any other.
    coming: Vec<(TextureSource, Task<Result<Image, TextureError>>)>,
    clock: u64,
}

#[derive(Debug)]
struct Resident {
    texture: Handle<Image>,
    bytes: u64,
    /// When it was worn last, by the store's own clock.
    worn: u64,
}

impl TextureStore {
    /// Takes what was decoded; gives what could not be. `wait` waits until nothing is being decoded.
    pub(super) fn take(
        &mut self,
        images: &mut Assets<Image>,
        wait: bool,
        stats: &Stats,
    ) -> Vec<(TextureSource, TextureError)> {
        let mut failed = Vec::new();
        let (clock, resident) = (self.clock, &mut self.resident);
        let done = |task: &mut Task<_>| if wait { Some(block_on(task)) } else { block_on(poll_once(task)) };
        self.coming.retain_mut(|(source, task)| match done(task) {
            None => true,
            Some(Ok(image)) => {
                stats.count("textures_loaded");
                let bytes = image.data.as_ref().map_or(0, Vec::len) as u64;
                let texture = images.add(image);
                resident.insert(source.clone(), Resident { texture, bytes, worn: clock });
                false
            }
            Some(Err(error)) => {
                failed.push((source.clone(), error));
                false
            }
        });
        failed
    }

    /// The texture where it is resident; else it is asked for as soon as there is room for it.
    pub(super) fn get(&mut self, source: &TextureSource, waker: &Waker) -> Option<Handle<Image>> {
        if let Some(resident) = self.resident.get(source) {
            return Some(resident.texture.clone());
        }
        if self.coming.len() < DECODERS && self.coming.iter().all(|(coming, _)| coming != source) {
            let (asked, waker) = (source.clone(), waker.clone());
            let task = IoTaskPool::get().spawn(async move {
                let outcome = asked.texture();
                waker.wake();
                outcome
            });
            self.coming.push((source.clone(), task));
        }
        None
    }

    /// Lets go of what is not in `use_now`, the longest unworn first, until the rest fits the budget.
    pub(super) fn fit(&mut self, use_now: &HashSet<&TextureSource>, budget: TextureBudget, stats: &Stats) {
        self.clock += 1;
        let mut idle = Vec::new();
        let mut idle_bytes = 0;
        for (source, resident) in &mut self.resident {
            if use_now.contains(source) {
                resident.worn = self.clock;
            } else {
                idle.push((resident.worn, resident.bytes, source.clone()));
                idle_bytes += resident.bytes;
            }
        }
        idle.sort_unstable_by_key(|(worn, ..)| *worn);
        let mut count = idle.len();
        for (_, bytes, source) in idle {
            if idle_bytes <= budget.0 && count <= MOST_IDLE {
                break;
            }
            idle_bytes -= bytes;
            count -= 1;
            self.resident.remove(&source);
            stats.count("textures_evicted");
        }
        stats.gauge("textures_resident", self.resident.len() as f64);
        stats.gauge("textures_resident_bytes", self.bytes() as f64);
    }

    /// Whether anything is being decoded.
    pub(super) fn is_busy(&self) -> bool {
        !self.coming.is_empty()
    }

    fn bytes(&self) -> u64 {
        self.resident.values().map(|resident| resident.bytes).sum()
    }
}
