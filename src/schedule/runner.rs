//! The main loop of an app without a window: sleeps until woken, so that waiting costs nothing.

use std::time::{Duration, Instant};

use bevy::app::{AppExit, PluginsState};
use bevy::prelude::*;
use crossbeam_channel::{Receiver, bounded};

use super::{LastTurn, Waker};

/// Longest sleep: how late a limit in time or a signal is noticed when nothing else happens.
const HEARTBEAT: Duration = Duration::from_millis(20);

/// Runs the app without a window system.
pub struct HeadlessRunnerPlugin;

impl Plugin for HeadlessRunnerPlugin {
    fn build(&self, app: &mut App) {
        let (sender, receiver) = bounded::<()>(1);
        app.init_resource::<Waker>();
        app.world().resource::<Waker>().connect(move || {
            // Full means that the loop is already going to run.
            let _ = sender.try_send(());
        });
        app.set_runner(move |app| run(app, &receiver));
    }
}

fn run(mut app: App, wake: &Receiver<()>) -> AppExit {
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    loop {
        let start = Instant::now();
        app.update();
        app.insert_resource(LastTurn(Some(start.elapsed())));
        if let Some(exit) = app.should_exit() {
            return exit;
        }
        // Both outcomes, woken or heartbeat, mean the same: look again.
        let _ = wake.recv_timeout(HEARTBEAT);
    }
}
