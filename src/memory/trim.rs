//! Gives memory back to the system that the C library holds for later.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::{MemoryStatus, PressureLevel, resident_bytes};
use crate::schedule::MasqueSystems;
use crate::stats::Stats;

/// How often. It takes about a millisecond, and tens of them where much is given back, in which nobody else allocates.
const USUALLY: Duration = Duration::from_secs(10);
/// How often while memory is tight.
const TIGHT: Duration = Duration::from_secs(1);

/// Gives pages that nothing is in any more back to the system. Without it the C library keeps what was ever in use at
/// once: a driver that compiles the shader of a look takes a hundred megabytes for it, and what it keeps of them lies
/// scattered among the rest. Does nothing where there is another C library. Returns by how many bytes resident memory fell
/// meanwhile, 0 where the system does not tell.
pub fn trim_heap() -> u64 {
    let before = resident_bytes().unwrap_or(0);
    foreign::trim();
    before.saturating_sub(resident_bytes().unwrap_or(0))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
mod foreign {
    use std::ffi::c_int;

    // SAFETY: `int malloc_trim(size_t pad)` of <malloc.h>, in the GNU C library since 2.0. It takes any number, locks what it
    // works on, and touches nothing that is in use.
    unsafe extern "C" {
        safe fn malloc_trim(pad: usize) -> c_int;
    }

    pub(super) fn trim() {
        // Whether anything was given back, which resident memory tells better.
        let _ = malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod foreign {
    pub(super) fn trim() {}
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Trimming>().add_systems(Update, keep_trimmed.in_set(MasqueSystems::Report));
}

/// It runs on a thread for files: one at a time, and while that thread is busy none.
#[derive(Resource, Default)]
struct Trimming {
    task: Option<Task<(u64, Duration)>>,
    begun: Option<Instant>,
}

fn keep_trimmed(mut trimming: ResMut<Trimming>, status: Res<MemoryStatus>, stats: Res<Stats>) {
    if let Some(task) = &mut trimming.task {
        let Some((bytes, took)) = block_on(poll_once(task)) else { return };
        trimming.task = None;
        stats.count("heap_trims");
        stats.add("heap_trimmed_bytes", bytes);
        stats.gauge("heap_trim_ms", took.as_secs_f64() * 1000.0);
    }
    let every = if status.level > PressureLevel::Normal { TIGHT } else { USUALLY };
    let now = Instant::now();
    if now.duration_since(*trimming.begun.get_or_insert(now)) >= every {
        trimming.begun = Some(now);
        trimming.task = Some(IoTaskPool::get().spawn(async move { (trim_heap(), now.elapsed()) }));
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn trims_are_counted_and_timed() {
        let mut app = App::new();
        app.add_plugins((TaskPoolPlugin::default(), plugin)).init_resource::<Stats>();
        app.insert_resource(MemoryStatus { level: PressureLevel::Warning, ..default() });
        let stats = app.world().resource::<Stats>().clone();
        app.update();
        while stats.counter("heap_trims") == 0 {
            app.update();
        }
        assert!(stats.gauges().contains_key("heap_trim_ms"));
    }

    #[test]
    fn what_is_free_between_what_is_held_goes_back() {
        // Small enough not to be mappings of their own; one of sixteen stays, so that the heap cannot end earlier.
        let mut blocks: Vec<_> = (0..8192).map(|_| Some(vec![1_u8; 32 << 10].into_boxed_slice())).collect();
        blocks
            .iter_mut()
            .enumerate()
            .filter(|(index, _)| index % 16 != 0)
            .for_each(|(_, block)| *block = None);
        let given_back = trim_heap();
        assert!(given_back > 128 << 20, "{given_back} of 240 MiB");
        assert!(blocks.iter().step_by(16).all(|block| block.as_ref().is_some_and(|block| block[7] == 1)));
    }
}
