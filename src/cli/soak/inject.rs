//! What each fault does to the program.

use std::time::Duration;

use bevy::prelude::*;

use super::driver::Driver;
use super::faults::Fault;
use super::proof::{Arrivals, Proof};
use super::stall::{Switches, stall_files, stall_perception};
use crate::capture::SwitchSource;
use crate::ffmpeg::locate;
use crate::look::{CurrentLook, SwitchLook, SwitchTo, TextureLibrary, randomise, shipped_looks};
use crate::memory::PressureFloor;
use crate::models::SessionManager;
use crate::record::{Recorder, RecorderState, RecordingOptions, SnapshotRequest};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Frames that a recording has at least before it is ended.
const SHORTEST_RECORDING: u64 = 20;

/// What faults are made with.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Hands<'w> {
    pub(super) switches: Res<'w, Switches>,
    pub(super) stats: Res<'w, Stats>,
    waker: Res<'w, Waker>,
    library: Res<'w, TextureLibrary>,
    sessions: Res<'w, SessionManager>,
    pub(super) look: Res<'w, CurrentLook>,
    pub(super) looks: MessageWriter<'w, SwitchLook>,
    pub(super) recorder: ResMut<'w, Recorder>,
    snapshots: MessageWriter<'w, SnapshotRequest>,
    sources: MessageWriter<'w, SwitchSource>,
    pub(super) pressure: ResMut<'w, PressureFloor>,
}

/// What became of it.
pub(super) struct Injected {
    /// Whether it could be made.
    pub(super) made: bool,
    /// What shows that it is over.
    pub(super) proof: Proof,
}

impl Driver {
    /// Makes `fault`, while the picture that is shown has `size`.
    pub(super) fn inject(
        &mut self,
        fault: Fault,
        lasts: Duration,
        seed: u64,
        size: Option<UVec2>,
        hands: &mut Hands,
    ) -> Injected {
        let mut injected = true;
        let mut proof = Proof::Any;
        match fault {
            Fault::StallSource => hands.switches.stall_source(lasts),
            Fault::StallPerception => stall_perception(lasts),
            Fault::StallLoop => std::thread::sleep(lasts),
            Fault::StallRender => hands.switches.stall_render(lasts),
            Fault::StallFiles => stall_files(lasts),
            Fault::StallEncoder => injected = self.record(hands),
            Fault::LoseSource => {
                proof = Proof::NewFrame(Arrivals::default());
                hands.switches.lose_source();
            }
            Fault::SwitchSource => {
                proof = Proof::NewFrame(Arrivals::default());
                hands.sources.write(SwitchSource(self.options.source.clone()));
            }
            Fault::Resolution => {
                proof = Proof::OtherSize(size);
                hands.switches.crop(!hands.switches.is_cropped());
            }
            Fault::SwitchLook => {
                let looks: Vec<&str> = shipped_looks().collect();
                // One after the other: each is worn before it is judged what all of them leave behind.
                let name = looks[self.looks % looks.len().max(1)];
                self.looks += 1;
                proof = Proof::NewLook;
                hands.looks.write(SwitchLook {
                    to: SwitchTo::Named(name.to_owned()),
                    fade: None,
                    easing: None,
                });
            }
            Fault::Recycle => hands.sessions.recycle_all(),
            Fault::Randomise => {
                proof = Proof::NewLook;
                hands.looks.write(SwitchLook::to_look(randomise(&hands.look, &hands.library, seed)));
            }
            Fault::Record => {
                let enough = self.recorded_before + SHORTEST_RECORDING;
                match hands.recorder.state() {
                    RecorderState::Recording if hands.stats.counter("frames_recorded") >= enough => {
                        hands.recorder.stop()
                    }
                    RecorderState::Recording => {}
                    _ => injected = self.record(hands),
                }
            }
            Fault::Snapshot => {
                // The same file each time.
                hands.snapshots.write(SnapshotRequest { path: self.options.folder.join("snapshot.png") });
            }
        }
        Injected { made: injected, proof }
    }

    /// Begins a recording unless one runs; whether one runs now.
    fn record(&mut self, hands: &mut Hands) -> bool {
        if hands.recorder.is_busy() {
            return true;
        }
        match locate() {
            Ok(ffmpeg) => {
                self.recordings += 1;
                self.recorded_before = hands.stats.counter("frames_recorded");
                let path = self.options.folder.join(format!("soak-{}.mp4", self.recordings));
                hands.recorder.start(ffmpeg, RecordingOptions::live(path), &hands.stats, &hands.waker);
                true
            }
            Err(_) => {
                hands.stats.count("soak_without_ffmpeg");
                false
            }
        }
    }
}
