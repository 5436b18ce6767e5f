//! Reads what is held, remembers it, and tells when it becomes too much.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};
use bevy::time::common_conditions::on_real_timer;

use super::history::History;
use super::pressure::PressureGauge;
use super::process::{ProcessProbe, proportional_bytes};
use super::{
    Bound, BudgetOrigin, Container, Each, Handles, MemoryBudget, MemoryLimit, MemoryPressure, PressureLevel,
    PressureLimits, Size, bound, handles, trim,
};
use crate::schedule::MasqueSystems;
use crate::stats::{EVENTS_KEPT, Stats};

/// How often resident memory is read: what grows by 100 MB a second is seen before it has grown by 30.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often a sample is remembered.
const SAMPLE: Duration = Duration::from_secs(1);
/// How often what is costly to ask for is asked for.
const SLOW: Duration = Duration::from_secs(10);
/// Alerts that are kept for the panel.
const ALERTS_KEPT: usize = 32;
/// Shares of the machine's memory, all programs together, that count as tight: its own thresholds, since much of
/// a machine may be in use without any harm.
const MACHINE: PressureLimits = PressureLimits {
    warning: 0.92,
    critical: 0.96,
    emergency: 0.98,
    hysteresis: 0.01,
    cooldown: Duration::from_secs(30),
};

pub(super) const ALERTS: Bound =
    bound!("memory.alerts", "the last alerts", ALERTS_KEPT, Each::Bytes(256), "the oldest goes");

/// What the process and the machine hold.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq)]
pub struct MemoryGauge {
    /// Resident bytes of the process now.
    pub rss_bytes: u64,
    /// Most bytes seen.
    pub peak_rss_bytes: u64,
    /// Resident bytes, pages that others map too counted by their share; every 10 s, Linux only.
    pub pss_bytes: Option<u64>,
    /// Bytes of the machine that are free or can be freed.
    pub available_bytes: Option<u64>,
    /// Open files and threads; every 10 s.
    pub handles: Handles,
    /// Share of the budget that is held, 0–1 and above.
    pub share: f64,
}

/// How tight memory is, and the last alerts. Changes with the level only.
#[derive(Resource, Debug, Clone, Default)]
pub struct MemoryStatus {
    /// How tight memory is.
    pub level: PressureLevel,
    /// Oldest first.
    pub alerts: VecDeque<Alert>,
}

/// One line about memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// When.
    pub at: SystemTime,
    /// How tight memory was then.
    pub level: PressureLevel,
    /// One sentence.
    pub message: String,
}

/// The level that is assumed at least, however little is held: [`PressureLevel::Warning`] has all caches let go of what can be
/// made anew.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PressureFloor(pub PressureLevel);

/// What memory was.
#[derive(Resource, Debug, Clone, Default, Deref)]
pub struct MemoryHistory(pub History);

/// Watches memory. [`PressureLimits`] that are there already stay.
#[derive(Default)]
pub struct MemoryPlugin {
    /// What the user allows; none takes a share of the container or the machine.
    pub limit: Option<MemoryLimit>,
}

#[derive(Resource)]
struct Probe {
    process: ProcessProbe,
    start: Instant,
    budget: PressureGauge,
    machine: PressureGauge,
}

/// What is costly to ask for, asked on a thread for files. One question at a time: while nobody answers, no other
/// one is asked.
#[derive(Resource, Default)]
struct SlowReading(Option<Task<(Option<u64>, Handles)>>);

impl Plugin for MemoryPlugin {
    fn build(&self, app: &mut App) {
        let mut process = ProcessProbe::new();
        let machine = process.machine().map(|(total, _)| total);
        let budget = MemoryBudget::new(self.limit, Container::find(), machine);
        let gauges = (PressureGauge::default(), PressureGauge::default());
        app.insert_resource(Probe { process, start: Instant::now(), budget: gauges.0, machine: gauges.1 })
            .insert_resource(budget)
            .init_resource::<PressureLimits>()
            .init_resource::<PressureFloor>()
            .init_resource::<MemoryGauge>()
            .init_resource::<MemoryStatus>()
            .init_resource::<MemoryHistory>()
            .init_resource::<SlowReading>()
            .add_message::<MemoryPressure>()
            .add_plugins(trim::plugin)
            .add_systems(
                Update,
                (
                    (read_gauge, watch_pressure).chain().run_if(on_real_timer(INTERVAL)),
                    ask_slowly.run_if(on_real_timer(SLOW)),
                    take_slow_reading,
                    remember.run_if(on_real_timer(SAMPLE)),
                )
                    .chain()
                    .in_set(MasqueSystems::Report),
            );
    }
}

fn read_gauge(mut probe: ResMut<Probe>, mut gauge: ResMut<MemoryGauge>) {
    let Some(rss) = probe.process.rss() else { return };
    gauge.rss_bytes = rss;
    gauge.peak_rss_bytes = gauge.peak_rss_bytes.max(rss);
}

fn ask_slowly(mut reading: ResMut<SlowReading>) {
    if reading.0.is_none() {
        reading.0 = Some(IoTaskPool::get().spawn(async { (proportional_bytes(), handles()) }));
    }
}

fn take_slow_reading(mut reading: ResMut<SlowReading>, mut gauge: ResMut<MemoryGauge>) {
    let Some(task) = &mut reading.0 else { return };
    if let Some((pss, handles)) = block_on(poll_once(task)) {
        (gauge.pss_bytes, gauge.handles) = (pss, handles);
        reading.0 = None;
    }
}

fn watch_pressure(
    mut probe: ResMut<Probe>,
    mut gauge: ResMut<MemoryGauge>,
    (budget, limits, floor): (Res<MemoryBudget>, Res<PressureLimits>, Res<PressureFloor>),
    stats: Res<Stats>,
    mut status: ResMut<MemoryStatus>,
    mut messages: MessageWriter<MemoryPressure>,
) {
    let now = probe.start.elapsed();
    let own = gauge.rss_bytes as f64 / budget.bytes.max(1) as f64;
    // What the whole container holds is what the kernel kills for, whatever the user allows.
    let container = Container::find();
    let (share, held, allowed) = match container {
        Some(group) if budget.origin == BudgetOrigin::Container || group.share() > own => {
            (group.share(), group.used, group.limit)
        }
        _ => (own, gauge.rss_bytes, budget.bytes),
    };
    let machine = probe.process.machine();
    gauge.available_bytes = machine.map(|(_, available)| available);
    let in_use = machine.map_or(0.0, |(total, available)| 1.0 - available as f64 / total as f64);
    let told = [
        probe.budget.observe(share, now, &limits),
        probe.machine.observe(in_use, now, &PressureLimits { cooldown: limits.cooldown, ..MACHINE }),
    ];
    gauge.share = share;
    let was = status.level;
    let level = probe.budget.level().max(probe.machine.level()).max(floor.0);
    if level == was && told.iter().all(Option::is_none) {
        return;
    }
    messages.write(MemoryPressure { level, was });
    if level == was {
        return;
    }
    status.level = level;
    stats.count(match (level > was, level) {
        (false, _) => "memory_pressure_relieved",
        (true, PressureLevel::Emergency) => "memory_pressure_emergency",
        (true, PressureLevel::Critical) => "memory_pressure_critical",
        (true, _) => "memory_pressure_warning",
    });
    let message = if probe.machine.level() > probe.budget.level() {
        format!("memory {level}: {:.0} % of the machine is in use, by all programs", in_use * 100.0)
    } else if level > was && level > probe.budget.level() {
        format!("memory {level}: caches are to let go of what is not in use")
    } else {
        format!("memory {level}: {} of {} are held", Size(held), Size(allowed))
    };
    stats.event(message.clone());
    if status.alerts.len() == ALERTS_KEPT {
        status.alerts.pop_front();
    }
    status.alerts.push_back(Alert { at: SystemTime::now(), level, message });
    stats.keep_events(if level >= PressureLevel::Critical { EVENTS_KEPT / 4 } else { EVENTS_KEPT });
}

fn remember(gauge: Res<MemoryGauge>, stats: Res<Stats>, mut history: ResMut<MemoryHistory>) {
    history.0.note(gauge.rss_bytes, &parts(&stats));
    history.0.fit();
}

/// Bytes of each part of the process: every gauge `NAME_resident_bytes`, without the end of its name.
pub fn parts(stats: &Stats) -> BTreeMap<&'static str, u64> {
    let bytes =
        |(name, value): (&'static str, f64)| Some((name.strip_suffix("_resident_bytes")?, value as u64));
    stats.gauges().into_iter().filter_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule;

    #[test]
    fn a_budget_that_is_spent_is_told_counted_and_kept() {
        let mut app = App::new();
        app.add_plugins(MinimalPlugins).init_resource::<Stats>();
        schedule::plugin(&mut app);
        app.add_plugins(MemoryPlugin { limit: Some(MemoryLimit(1 << 20)) });
        app.insert_resource(PressureLimits { cooldown: Duration::ZERO, ..default() });
        while app.world().resource::<MemoryStatus>().level == PressureLevel::Normal {
            app.update();
        }
        let status = app.world().resource::<MemoryStatus>();
        assert_eq!(status.level, PressureLevel::Emergency, "a megabyte is nothing");
        assert!(app.world().resource::<MemoryGauge>().share > 1.0);
        assert!(status.alerts[0].message.contains("of 1 MiB"), "{status:?}");
        let stats = app.world().resource::<Stats>().clone();
        assert_eq!(stats.counter("memory_pressure_emergency"), 1);
        let told: Vec<_> = app.world_mut().resource_mut::<Messages<MemoryPressure>>().drain().collect();
        assert!(told.iter().any(|told| told.reaches(PressureLevel::Critical)), "{told:?}");
        // Room again: level by level.
        app.world_mut().resource_mut::<MemoryBudget>().bytes = 1 << 40;
        while app.world().resource::<MemoryStatus>().level > PressureLevel::Normal {
            app.update();
        }
        assert_eq!(stats.counter("memory_pressure_relieved"), 3);
    }

    #[test]
    fn caches_can_be_asked_to_let_go_while_there_is_room() {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, MemoryPlugin::default())).init_resource::<Stats>();
        let mut told = |floor: PressureLevel| {
            app.world_mut().resource_mut::<PressureFloor>().0 = floor;
            loop {
                app.update();
                let told = app.world_mut().resource_mut::<Messages<MemoryPressure>>().drain().next();
                if let Some(told) = told {
                    return (told.was, told.level, app.world().resource::<MemoryStatus>().clone());
                }
            }
        };
        let (was, level, status) = told(PressureLevel::Warning);
        assert_eq!((was, level, status.level), (PressureLevel::Normal, level, PressureLevel::Warning));
        assert_eq!(status.alerts[0].message, "memory warning: caches are to let go of what is not in use");
        let (was, level, status) = told(PressureLevel::Normal);
        assert_eq!((was, level, status.level), (PressureLevel::Warning, level, PressureLevel::Normal));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_loop_goes_on_while_nobody_answers_what_is_costly_to_ask_for() {
        let mut app = App::new();
        app.add_plugins(TaskPoolPlugin::default()).init_resource::<MemoryGauge>();
        app.init_resource::<SlowReading>().add_systems(Update, (ask_slowly, take_slow_reading).chain());
        let (stop, stopped) = crate::memory::signal();
        let pool = IoTaskPool::get();
        for _ in 0..pool.thread_num() {
            let stopped = stopped.clone();
            pool.spawn(async move { stopped.recv().is_err() }).detach();
        }
        (0..100).for_each(|_| app.update());
        assert_eq!(app.world().resource::<MemoryGauge>().pss_bytes, None, "every thread for files is busy");
        drop(stop);
        while app.world().resource::<MemoryGauge>().pss_bytes.is_none() {
            app.update();
        }
        assert!(app.world().resource::<MemoryGauge>().handles.files > Some(0));
    }
}
