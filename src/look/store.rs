//! The textures that are on the GPU: those that are worn, and of the others the last ones worn, as many as
//! the budget has room for.

use std::collections::{HashMap, HashSet};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::texture::{DECODED_LIMIT, LARGEST_TEXTURE, LONGEST_SIDE, TextureError, TextureSource};
use crate::memory::{Bound, Each, bound};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Textures that are decoded at the same time: what bounds the memory that decoding takes.
const DECODERS: usize = 2;
/// Most textures that are kept without being worn, however small they are.
const MOST_IDLE: usize = 512;
/// Longest side of textures while memory is tight.
const SHRUNK_SIDE: u32 = LONGEST_SIDE / 2;
/// Bytes of textures that are kept without being worn, by default.
const IDLE_BYTES: u64 = 256 << 20;

pub(super) const DECODED: Bound = bound!(
    "look.decoded",
    "textures that are decoded: the picture and its smaller copies",
    DECODERS,
    Each::Bytes(DECODED_LIMIT + LARGEST_TEXTURE),
    "the next one waits"
);
pub(super) const WORN: Bound = bound!(
    "look.worn",
    "textures that are worn by 6 regions, 6 parts of the face, 4 overlays and 8 images of effects, in a fade by two looks, and what the next look needs",
    3 * 24,
    Each::Gpu(LARGEST_TEXTURE),
    "`effect_images_left_out`"
);
pub(super) const IDLE: Bound = bound!(
    "look.idle",
    "textures that are not worn any more (`--texture-budget`)",
    IDLE_BYTES,
    Each::Gpu(1),
    "the longest unworn goes, `textures_evicted`"
);

/// How many bytes of textures stay on the GPU without being worn, mip levels included. Default 256 MiB.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextureBudget(pub u64);

impl Default for TextureBudget {
    fn default() -> Self {
        Self(IDLE_BYTES)
    }
}

#[derive(Debug, Default)]
pub(super) struct TextureStore {
    resident: HashMap<TextureSource, Resident>,
    /// What was begun is finished, and kept as any other.
    coming: Vec<(TextureSource, Task<Result<Decoded, TextureError>>)>,
    clock: u64,
    /// Textures are decoded half as large as they may be.
    shrunk: bool,
}

/// A picture, and how long its sides were allowed to be.
type Decoded = (Image, u32);

#[derive(Debug)]
struct Resident {
    texture: Handle<Image>,
    bytes: u64,
    /// When it was worn last, by the store's own clock.
    worn: u64,
    /// Pixels of its longer side, and how many it was allowed.
    side: u32,
    allowed: u32,
    /// It cannot be had in another size.
    only: bool,
}

impl Resident {
    /// Whether it is as large as it would be if its sides may have `longest` pixels.
    fn fits(&self, longest: u32) -> bool {
        let whole = self.side < self.allowed;
        self.only || self.side <= longest && (whole || self.allowed >= longest)
    }
}

impl TextureStore {
    /// Takes what was decoded; gives what could not be. What is there in another size stays as it is when it
    /// cannot be decoded again. `wait` waits until nothing is being decoded.
    pub(super) fn take(
        &mut self,
        images: &mut Assets<Image>,
        wait: bool,
        stats: &Stats,
    ) -> Vec<(TextureSource, TextureError)> {
        let mut failed = Vec::new();
        let (clock, longest, resident) = (self.clock, self.longest(), &mut self.resident);
        let done = |task: &mut Task<_>| if wait { Some(block_on(task)) } else { block_on(poll_once(task)) };
        self.coming.retain_mut(|(source, task)| match done(task) {
            None => true,
            Some(Ok((image, allowed))) => {
                stats.count("textures_loaded");
                // It may have become tight, or roomy again, while this one was decoded.
                if resident.get(source).is_none_or(|there| !there.fits(longest)) {
                    let bytes = image.data.as_ref().map_or(0, Vec::len) as u64;
                    let side = image.width().max(image.height());
                    let texture = images.add(image);
                    let only = false;
                    let there = Resident { texture, bytes, worn: clock, side, allowed, only };
                    resident.insert(source.clone(), there);
                }
                false
            }
            Some(Err(error)) => {
                match resident.get_mut(source) {
                    Some(there) => {
                        there.only = true;
                        stats.count("textures_kept_as_they_are");
                        stats.event(format!("a texture stays as large as it is: {error}"));
                    }
                    None => failed.push((source.clone(), error)),
                }
                false
            }
        });
        failed
    }

    /// The texture where it is resident, as large as it may be now; else it is asked for as soon as there is room
    /// for it.
    pub(super) fn get(&mut self, source: &TextureSource, waker: &Waker) -> Option<Handle<Image>> {
        let longest = self.longest();
        if let Some(resident) = self.resident.get(source).filter(|resident| resident.fits(longest)) {
            return Some(resident.texture.clone());
        }
        if self.coming.len() < DECODERS && self.coming.iter().all(|(coming, _)| coming != source) {
            let (asked, waker) = (source.clone(), waker.clone());
            let task = IoTaskPool::get().spawn(async move {
                let outcome = asked.texture(longest);
                waker.wake();
                outcome.map(|image| (image, longest))
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

    /// Whether textures are half as large from now on; what is larger is fetched anew when it is asked for. Gives
    /// whether that is new.
    pub(super) fn shrink(&mut self, shrunk: bool) -> bool {
        std::mem::replace(&mut self.shrunk, shrunk) != shrunk
    }

    /// Most pixels that a texture's longer side may have now.
    fn longest(&self) -> u32 {
        if self.shrunk { SHRUNK_SIDE } else { LONGEST_SIDE }
    }

    /// Whether anything is being decoded.
    pub(super) fn is_busy(&self) -> bool {
        !self.coming.is_empty()
    }

    fn bytes(&self) -> u64 {
        self.resident.values().map(|resident| resident.bytes).sum()
    }
}
