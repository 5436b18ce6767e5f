//! What is on the screen while the source is away: its last frame fades to a look that hides it, and back when frames come.

use std::time::Duration;

use bevy::ecs::message::{MessageCursor, Messages};
use bevy::prelude::*;

use crate::capture::SourceStatus;
use crate::look::{ATTRACT, CurrentLook, Look, LookSwitched, PlaylistHeld, SwitchLook, SwitchTo, WornLook};
use crate::schedule::MasqueSystems;
use crate::stats::Stats;

/// How long the fade takes, there and back.
const FADE: Duration = Duration::from_millis(600);

/// The look that is worn while the source is away. While it is, the playlist waits; a look that somebody chooses meanwhile
/// is worn, and stays.
#[derive(Resource, Debug, Clone, PartialEq, Eq)]
pub struct AttractLook(
    /// By its name in the library, or by its file; none keeps the look over the last frame. Default `attract`.
    pub Option<String>,
);

impl Default for AttractLook {
    fn default() -> Self {
        Self(Some(ATTRACT.to_owned()))
    }
}

/// Where the show stands.
#[derive(Debug, Default)]
pub(super) enum Curtain {
    #[default]
    Open,
    /// The look that hides the last frame was asked for.
    Asked { request: SwitchLook, before: Box<(Look, WornLook)> },
    /// It is worn.
    Closed { before: Box<(Look, WornLook)> },
    /// It cannot be worn, or somebody chose another look.
    Left,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AttractLook>()
        .add_systems(Update, draw_curtain.after(MasqueSystems::Publish).before(MasqueSystems::Direct));
}

fn draw_curtain(
    (source, attract): (Res<SourceStatus>, Res<AttractLook>),
    (look, worn): (Res<CurrentLook>, Res<WornLook>),
    mut answers: MessageReader<LookSwitched>,
    mut switches: ResMut<Messages<SwitchLook>>,
    mut seen: Local<MessageCursor<SwitchLook>>,
    mut held: ResMut<PlaylistHeld>,
    mut curtain: Local<Curtain>,
    stats: Res<Stats>,
) {
    let is_away = source.state.is_away() && attract.0.is_some();
    held.set_if_neq(PlaylistHeld(is_away));
    // Whatever others ask for meanwhile is worn at once, and stays.
    let chosen = seen.read(&switches).count() > 0;
    let answers: Vec<LookSwitched> = answers.read().cloned().collect();
    *curtain = match (std::mem::take(&mut *curtain), is_away, &attract.0) {
        (Curtain::Open, true, Some(name)) => {
            let request = SwitchLook::to(name).within(FADE);
            switches.write(request.clone());
            stats.count("source_curtains");
            Curtain::Asked { request, before: Box::new((look.0.clone(), worn.clone())) }
        }
        (Curtain::Asked { .. } | Curtain::Closed { .. }, ..) if chosen => Curtain::Left,
        (Curtain::Asked { request, before }, ..) => {
            match answers.iter().rfind(|answer| answer.request == request) {
                Some(answer) if answer.outcome.is_ok() => Curtain::Closed { before },
                Some(_) => Curtain::Left,
                None => Curtain::Asked { request, before },
            }
        }
        (Curtain::Closed { before }, false, _) => {
            switches.write(SwitchLook { to: SwitchTo::Again(before), fade: Some(FADE), easing: None });
            Curtain::Open
        }
        (Curtain::Left, false, _) => Curtain::Open,
        (curtain, ..) => curtain,
    };
    // What was asked for here is nobody's choice.
    seen.clear(&switches);
}

#[cfg(test)]
mod tests {
    use bevy::image::Image;
    use bevy::time::TimeUpdateStrategy;

    use super::*;
    use crate::capture::SourceState;
    use crate::look::{LookFade, LookOrigin, LookPlugin};
    use crate::schedule;

    struct Show(App);

    impl Show {
        fn new(attract: AttractLook) -> Self {
            let mut app = App::new();
            app.add_plugins((MinimalPlugins, AssetPlugin::default()))
                .init_asset::<Image>()
                .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(100)))
                .insert_resource(Stats::default())
                .insert_resource(attract)
                .init_resource::<SourceStatus>();
            schedule::plugin(&mut app);
            app.add_plugins((LookPlugin { look: Look { name: "Worn".into(), ..Look::default() } }, plugin));
            app.finish();
            app.cleanup();
            let mut show = Self(app);
            show.put(SourceState::Live);
            show
        }

        fn put(&mut self, state: SourceState) {
            self.0.world_mut().resource_mut::<SourceStatus>().state = state;
            self.0.update();
        }

        /// Runs until `name` is worn and nothing fades.
        fn until_worn(&mut self, name: &str) {
            for _ in 0..10_000 {
                self.0.update();
                let world = self.0.world();
                let fade = world.resource::<LookFade>();
                if world.resource::<CurrentLook>().name == name && fade.from.is_none() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            panic!("{name} is never worn, but {}", self.0.world().resource::<CurrentLook>().name);
        }

        fn is_held(&self) -> bool {
            self.0.world().resource::<PlaylistHeld>().0
        }
    }

    #[test]
    fn the_picture_is_hidden_while_the_source_is_away_and_worn_as_before_when_it_is_back() {
        let mut show = Show::new(AttractLook::default());
        show.0.world_mut().resource_mut::<CurrentLook>().hair.opacity = 0.123;
        let origin = LookOrigin::Shipped("cabaret".into());
        show.0.world_mut().resource_mut::<WornLook>().origin = origin.clone();
        for state in [SourceState::Stalled, SourceState::Reconnecting(1)] {
            show.put(state);
            show.until_worn("Attract");
            assert!(show.is_held(), "the playlist waits");
            show.put(SourceState::Reconnecting(7));
            show.put(SourceState::Live);
            show.until_worn("Worn");
            let world = show.0.world();
            assert_eq!(world.resource::<CurrentLook>().hair.opacity, 0.123, "edits that were not saved");
            assert_eq!(world.resource::<WornLook>().origin, origin);
            assert!(!show.is_held());
        }
    }

    #[test]
    fn what_stands_in_is_seen() {
        let mut show = Show::new(AttractLook::default());
        show.put(SourceState::Reconnecting(1));
        show.until_worn("Attract");
        show.put(SourceState::Fallback);
        show.until_worn("Worn");
    }

    #[test]
    fn a_look_that_somebody_chooses_meanwhile_stays() {
        let mut show = Show::new(AttractLook::default());
        show.put(SourceState::Reconnecting(1));
        show.until_worn("Attract");
        show.0.world_mut().write_message(SwitchLook::to("cabaret"));
        // Before it can be read, the source is back.
        show.put(SourceState::Live);
        show.until_worn("Cabaret");
        (0..20).for_each(|_| show.0.update());
        assert_eq!(show.0.world().resource::<CurrentLook>().name, "Cabaret");
    }

    #[test]
    fn a_look_that_is_not_there_leaves_the_last_frame() {
        for attract in [AttractLook(None), AttractLook(Some("no such look".into()))] {
            let mut show = Show::new(attract);
            show.put(SourceState::Stalled);
            (0..50).for_each(|_| {
                show.0.update();
                std::thread::sleep(Duration::from_millis(1));
            });
            assert_eq!(show.0.world().resource::<CurrentLook>().name, "Worn");
            show.put(SourceState::Live);
            show.until_worn("Worn");
        }
    }
}
