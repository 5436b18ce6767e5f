//! Switching looks: read beside the schedule, textures loaded, then faded.

use std::time::Duration;

use bevy::image::Image;
use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::{Easing, FadeDefaults, Fading, LONGEST_FADE, LookFade, ShowClock};
use crate::look::shelf::{LoadedLook, LookLibrary, LookOrigin, WornLook};
use crate::look::{CurrentLook, Look, LookError, TextureLibrary, Wardrobe, WatchedLook};
use crate::schedule::{Pacing, Waker};
use crate::stats::Stats;

/// How long a switch waits for textures; then the look comes with those that are there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks for another look. Of several in one step of the schedule the last one holds; one that is asked for
/// during a fade begins when that has gone to its nearer end, which takes a quarter of a second at most.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct SwitchLook {
    /// The look.
    pub to: SwitchTo,
    /// How long it takes, at most [`LONGEST_FADE`]; zero is a cut, none the default.
    pub fade: Option<Duration>,
    /// How it runs; none is the default.
    pub easing: Option<Easing>,
}

/// What became of a [`SwitchLook`]. One that another one followed before it could begin is not answered.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct LookSwitched {
    /// What was asked for.
    pub request: SwitchLook,
    /// Whether it is worn, and why not.
    pub outcome: Result<(), String>,
}

/// The look that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum SwitchTo {
    /// By its name in the library, or by its file.
    Named(String),
    /// A look that was made here.
    Look(Box<Look>),
    /// A look that was worn before, with what is known of where it came from.
    Again(Box<(Look, WornLook)>),
}

impl SwitchLook {
    /// To the look `name_or_path`, as fast as usual.
    pub fn to(name_or_path: impl Into<String>) -> Self {
        Self { to: SwitchTo::Named(name_or_path.into()), fade: None, easing: None }
    }

    /// To a look that was made here, as fast as usual.
    pub fn to_look(look: Look) -> Self {
        Self { to: SwitchTo::Look(Box::new(look)), fade: None, easing: None }
    }

    /// The same, taking `fade`.
    pub fn within(self, fade: Duration) -> Self {
        Self { fade: Some(fade), ..self }
    }
}

/// What is on its way.
#[derive(Resource, Debug, Default)]
pub(in super::super) struct Switching {
    loading: Option<(Task<Result<LoadedLook, LookError>>, SwitchLook, Fading)>,
    coming: Option<Coming>,
    fading: Option<Fading>,
    /// Where the look that goes came from.
    went: WornLook,
}

#[derive(Debug)]
struct Coming {
    request: SwitchLook,
    look: Look,
    worn: WornLook,
    /// Of its file, where it was read now.
    text: Option<String>,
    fading: Fading,
    waited: Duration,
}

impl Coming {
    fn new(request: SwitchLook, look: Look, worn: WornLook, fading: Fading) -> Self {
        Self { request, look, worn, text: None, fading, waited: Duration::ZERO }
    }

    fn read(request: SwitchLook, loaded: LoadedLook, fading: Fading) -> Self {
        let worn = WornLook::new(&loaded);
        Self { text: Some(loaded.text), ..Self::new(request, loaded.look, worn, fading) }
    }
}

/// Everything that a switch changes.
#[derive(bevy::ecs::system::SystemParam)]
pub(in super::super) struct Stage<'w> {
    look: ResMut<'w, CurrentLook>,
    worn: ResMut<'w, WornLook>,
    fade: ResMut<'w, LookFade>,
    wardrobe: ResMut<'w, Wardrobe>,
    watched: ResMut<'w, WatchedLook>,
    images: ResMut<'w, Assets<Image>>,
}

pub(in super::super) fn switch_looks(
    mut requests: MessageReader<SwitchLook>,
    mut answers: MessageWriter<LookSwitched>,
    mut switching: ResMut<Switching>,
    mut stage: Stage,
    (library, textures): (Res<LookLibrary>, Res<TextureLibrary>),
    (defaults, pacing, clock): (Res<FadeDefaults>, Res<Pacing>, Res<ShowClock>),
    time: Res<Time<bevy::time::Real>>,
    (stats, waker): (Res<Stats>, Res<Waker>),
) {
    if let Some(request) = requests.read().last() {
        switching.ask(request.clone(), &library, &textures, *defaults, &waker);
    }
    if switching.is_idle() {
        return;
    }
    let lossless = *pacing == Pacing::Lossless;
    switching.take_loaded(lossless, &mut answers, &stats);
    switching.advance(&mut stage, clock.delta);
    let room = Room { textures: &textures, waker: &waker, stats: &stats };
    let Some(coming) = &mut switching.coming else { return };
    coming.waited += time.delta();
    let wardrobe = stage.wardrobe.bypass_change_detection();
    let ready = if lossless {
        wardrobe.prepare_now(&coming.look, &textures, &mut stage.images, &stats, &waker);
        true
    } else {
        wardrobe.prepare(&coming.look, &textures, &waker)
    };
    if !ready && coming.waited < PATIENCE {
        return;
    }
    if !ready {
        stats.count("look_switch_impatient");
    }
    if switching.make_room(&mut stage, &room)
        && let Some(coming) = switching.coming.take()
    {
        answers.write(LookSwitched { request: coming.request.clone(), outcome: Ok(()) });
        switching.begin(coming, &mut stage, &room);
    }
}

impl Switching {
    fn is_idle(&self) -> bool {
        self.loading.is_none() && self.coming.is_none() && self.fading.is_none()
    }

    fn ask(
        &mut self,
        request: SwitchLook,
        library: &LookLibrary,
        textures: &TextureLibrary,
        defaults: FadeDefaults,
        waker: &Waker,
    ) {
        let duration = request.fade.unwrap_or(defaults.duration).min(LONGEST_FADE);
        let fading = Fading::new(duration, request.easing.unwrap_or(defaults.easing));
        (self.loading, self.coming) = (None, None);
        match &request.to {
            SwitchTo::Look(look) => {
                let look = Look::clone(look);
                self.coming = Some(Coming::new(request, look, WornLook::default(), fading));
            }
            SwitchTo::Again(worn) => {
                let (look, worn) = (**worn).clone();
                self.coming = Some(Coming::new(request, look, worn, fading));
            }
            SwitchTo::Named(name) => {
                let name = name.clone();
                let (library, textures, waker) = (library.clone(), textures.clone(), waker.clone());
                let task = IoTaskPool::get().spawn(async move {
                    let loaded = library.load(Some(&name), &textures);
                    waker.wake();
                    loaded
                });
                self.loading = Some((task, request, fading));
            }
        }
    }

    fn take_loaded(&mut self, lossless: bool, answers: &mut MessageWriter<LookSwitched>, stats: &Stats) {
        let Some((task, request, fading)) = &mut self.loading else { return };
        // A lossless run has the time, and the switch falls on its frame.
        let loaded = if lossless { Some(block_on(task)) } else { block_on(poll_once(task)) };
        let Some(loaded) = loaded else { return };
        let (request, fading) = (request.clone(), *fading);
        self.loading = None;
        match loaded {
            Ok(loaded) => self.coming = Some(Coming::read(request, loaded, fading)),
            Err(error) => {
                let reason = error.in_one_line();
                stats.count("look_switch_failed");
                stats.event(format!("the look stays on: {reason}"));
                answers.write(LookSwitched { request, outcome: Err(reason) });
            }
        }
    }

    fn advance(&mut self, stage: &mut Stage, delta: Duration) {
        let Some(fading) = &mut self.fading else { return };
        if delta.is_zero() && !fading.is_over() || stage.fade.held {
            return;
        }
        fading.advance(delta);
        if fading.is_over() {
            self.finish(stage);
        } else {
            stage.show(fading.progress());
        }
    }

    fn finish(&mut self, stage: &mut Stage) {
        self.fading = None;
        (stage.fade.from, stage.fade.progress) = (None, 1.0);
        stage.wardrobe.end_fade();
    }

    /// Whether what comes can begin; else the fade that runs is hurried, or turned where it came from what
    /// comes.
    fn make_room(&mut self, stage: &mut Stage, room: &Room) -> bool {
        let (Some(fading), Some(coming)) = (&mut self.fading, &self.coming) else { return true };
        if coming.fading.is_over() {
            // A cut waits for nothing.
            self.finish(stage);
            return true;
        }
        if stage.fade.from.as_ref() == Some(&coming.look) {
            fading.turn();
            stage.show(fading.progress());
            stage.change_places(&mut self.went, room);
            return true;
        }
        let turned = fading.hurry();
        stage.show(fading.progress());
        if turned {
            stage.change_places(&mut self.went, room);
        }
        false
    }

    fn begin(&mut self, coming: Coming, stage: &mut Stage, room: &Room) {
        room.stats.count("looks_switched");
        if self.fading.is_none() && !coming.fading.is_over() {
            stage.wardrobe.begin_fade();
            stage.fade.from = Some(std::mem::take(&mut stage.look.0));
            stage.fade.progress = 0.0;
            self.fading = Some(coming.fading);
            self.went = stage.worn.clone();
        }
        stage.wardrobe.bypass_change_detection().forget_prepared();
        (stage.look.0, *stage.worn) = (coming.look, coming.worn);
        stage.watch(coming.text, room);
    }
}

/// What watching a file takes.
struct Room<'a> {
    textures: &'a TextureLibrary,
    waker: &'a Waker,
    stats: &'a Stats,
}

impl Stage<'_> {
    fn show(&mut self, progress: f32) {
        if self.fade.progress != progress {
            self.fade.progress = progress;
        }
    }

    /// The look that went comes, and the other way round.
    fn change_places(&mut self, went: &mut WornLook, room: &Room) {
        let Some(from) = &mut self.fade.from else { return };
        std::mem::swap(from, &mut self.look.0);
        std::mem::swap(went, &mut self.worn);
        self.wardrobe.begin_fade();
        self.watch(None, room);
    }

    /// Watches the file of the look that is worn, if it has one; `text` is what was read there.
    fn watch(&mut self, text: Option<String>, room: &Room) {
        let Room { textures, waker, stats } = room;
        match &self.worn.origin {
            LookOrigin::File(path) => self.watched.go_on(path.clone(), text, textures, waker, stats),
            LookOrigin::Shipped(_) | LookOrigin::Made => self.watched.forget(),
        }
    }
}

#[cfg(test)]
mod tests;
