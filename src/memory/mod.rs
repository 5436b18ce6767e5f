//! How much memory the process holds.

use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_timer;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::schedule::MasqueSystems;

/// How often the gauge is read.
const INTERVAL: Duration = Duration::from_millis(500);

/// Resident memory of the process.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryGauge {
    /// Bytes now.
    pub rss_bytes: u64,
    /// Most bytes seen.
    pub peak_rss_bytes: u64,
}

/// Reads [`MemoryGauge`] twice a second.
pub struct MemoryPlugin;

/// The system's answers, kept so that asking allocates nothing new.
#[derive(Resource)]
struct Probe {
    system: System,
    pid: Option<Pid>,
}

impl Plugin for MemoryPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MemoryGauge>()
            .insert_resource(Probe { system: System::new(), pid: sysinfo::get_current_pid().ok() })
            .add_systems(Update, read_gauge.in_set(MasqueSystems::Report).run_if(on_timer(INTERVAL)));
    }
}

fn read_gauge(mut probe: ResMut<Probe>, mut gauge: ResMut<MemoryGauge>) {
    let Probe { system, pid } = &mut *probe;
    let Some(pid) = *pid else { return };
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        false,
        ProcessRefreshKind::nothing().with_memory(),
    );
    let Some(process) = system.process(pid) else { return };
    gauge.rss_bytes = process.memory();
    gauge.peak_rss_bytes = gauge.peak_rss_bytes.max(gauge.rss_bytes);
}
