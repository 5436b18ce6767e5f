//! Switches in an app without pictures, by a clock that is set.

use bevy::time::TimeUpdateStrategy;

use super::*;
use crate::look::{LookPlugin, TextureBudget};
use crate::schedule;

const STEP: Duration = Duration::from_millis(100);

struct Show {
    app: App,
    folder: tempfile::TempDir,
}

fn look(name: &str, opacity: f32) -> Look {
    let mut look = Look { name: name.into(), ..Look::default() };
    look.hair.opacity = opacity;
    look
}

impl Show {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default()))
            .init_asset::<Image>()
            .insert_resource(TimeUpdateStrategy::ManualDuration(STEP))
            .insert_resource(Stats::default());
        schedule::plugin(&mut app);
        app.add_plugins(LookPlugin { look: look("A", 0.1) });
        app.finish();
        app.cleanup();
        app.update();
        let mut show = Self { app, folder };
        show.steps(1);
        show
    }

    fn steps(&mut self, steps: usize) -> (String, Option<String>, f32) {
        for _ in 0..steps {
            self.app.update();
        }
        let world = self.app.world();
        let fade = world.resource::<LookFade>();
        let from = fade.from.as_ref().map(|look| look.name.clone());
        (world.resource::<CurrentLook>().name.clone(), from, (fade.progress * 100.0).round() / 100.0)
    }

    fn ask(&mut self, to: SwitchTo, seconds: f32) {
        let fade = Some(Duration::from_secs_f32(seconds));
        self.app.world_mut().write_message(SwitchLook { to, fade, easing: Some(Easing::Linear) });
    }

    fn wear(&mut self, name: &str, seconds: f32) {
        self.ask(SwitchTo::Look(Box::new(look(name, 0.5))), seconds);
    }

    fn counter(&self, name: &str) -> u64 {
        self.app.world().resource::<Stats>().counter(name)
    }
}

fn state(name: &str, from: &str, progress: f32) -> (String, Option<String>, f32) {
    (name.into(), (!from.is_empty()).then(|| from.into()), progress)
}

#[test]
fn a_switch_fades_over_its_time_and_an_edit_does_not() {
    let mut show = Show::new();
    show.wear("B", 1.0);
    assert_eq!(show.steps(1), state("B", "A", 0.0));
    assert_eq!(show.steps(1), state("B", "A", 0.1));
    show.app.world_mut().resource_mut::<CurrentLook>().hair.opacity = 0.9;
    assert_eq!(show.steps(4), state("B", "A", 0.5), "a slider does not touch the fade");
    assert_eq!(show.steps(5), state("B", "", 1.0));
    show.app.world_mut().resource_mut::<CurrentLook>().hair.opacity = 0.1;
    assert_eq!(show.steps(1), state("B", "", 1.0));
    show.wear("C", 0.0);
    assert_eq!(show.steps(1), state("C", "", 1.0), "a cut");
    assert_eq!(show.counter("looks_switched"), 2);
}

#[test]
fn a_switch_during_a_fade_first_goes_to_the_nearer_look() {
    for (steps, nearer, farther) in [(3, "A", "B"), (9, "B", "A")] {
        let mut show = Show::new();
        show.wear("B", 1.0);
        let (_, _, seen) = show.steps(steps);
        show.wear("C", 1.0);
        let (_, _, turned) = show.steps(1);
        assert!(turned >= seen.max(1.0 - seen) - 0.11, "no jump: {seen} {turned}");
        assert_eq!(show.steps(0).0, nearer, "{steps}");
        assert_eq!(show.steps(0).1.as_deref(), Some(farther));
        let states: Vec<_> = (0..4).map(|_| show.steps(1)).collect();
        assert!(states.contains(&state("C", nearer, 0.0)), "{states:?}");
        assert_eq!(show.steps(12), state("C", "", 1.0));
    }
}

#[test]
fn a_switch_back_turns_the_fade_and_a_cut_ends_it() {
    let mut show = Show::new();
    show.wear("B", 1.0);
    assert_eq!(show.steps(5), state("B", "A", 0.4));
    show.ask(SwitchTo::Look(Box::new(look("A", 0.1))), 1.0);
    // 0.5 of B are seen: half of A.
    assert_eq!(show.steps(1), state("A", "B", 0.5));
    assert_eq!(show.steps(5), state("A", "", 1.0));
    show.wear("B", 1.0);
    show.steps(5);
    show.wear("C", 0.0);
    assert_eq!(show.steps(1), state("C", "", 1.0));
}

#[test]
fn a_held_fade_waits_with_all_of_the_old_look() {
    let mut show = Show::new();
    show.wear("B", 1.0);
    show.steps(1);
    show.app.world_mut().resource_mut::<LookFade>().held = true;
    assert_eq!(show.steps(20), state("B", "A", 0.0));
    show.wear("C", 1.0);
    show.steps(2);
    assert_eq!(show.steps(0).0, "A", "what cannot be drawn is not waited for");
    show.app.world_mut().resource_mut::<LookFade>().held = false;
    assert_eq!(show.steps(14), state("C", "", 1.0));
}

#[test]
fn a_look_that_cannot_be_read_leaves_everything_as_it_is() {
    let mut show = Show::new();
    let path = show.folder.path().join("mine.toml");
    std::fs::write(&path, "[hair]\nscale = \"much\"\n").expect("written");
    let to = |path: &std::path::Path| SwitchTo::Named(path.display().to_string());
    for (to, failed) in [(to(&path), 1), (SwitchTo::Named("no-such".into()), 2)] {
        show.ask(to, 1.0);
        while show.counter("look_switch_failed") < failed {
            assert_eq!(show.steps(1), state("A", "", 1.0));
        }
    }
    let events = show.app.world().resource::<Stats>().events();
    assert!(events.iter().any(|event| event.message.contains("line 2, column 9")), "{events:?}");
    assert!(events.iter().any(|event| event.message.contains("cabaret")), "{events:?}");

    std::fs::write(&path, "name = \"Mine\"\n[hair]\n").expect("written");
    show.ask(to(&path), 1.0);
    while show.counter("looks_switched") == 0 {
        show.steps(1);
    }
    assert_eq!(show.steps(11), state("Mine", "", 1.0));
    assert_eq!(show.app.world().resource::<WatchedLook>().path(), Some(path.as_path()), "edits are worn");
    show.wear("B", 0.0);
    show.steps(1);
    assert_eq!(show.app.world().resource::<WatchedLook>().path(), None);
}

#[test]
fn textures_are_there_before_the_fade_begins_and_stay_until_its_end() {
    let mut show = Show::new();
    // Nothing stays that is not worn.
    show.app.insert_resource(TextureBudget(0));
    let resident = |show: &Show| show.app.world().resource::<Stats>().gauge_value("textures_resident");
    let worn = |show: &Show| {
        let wardrobe = show.app.world().resource::<Wardrobe>();
        let hair = crate::frame::Region::Hair;
        (wardrobe.texture(hair).cloned(), wardrobe.fading_texture(hair).cloned())
    };
    for (name, texture) in [("B", "moss"), ("C", "lava")] {
        let mut look = look(name, 1.0);
        look.hair.texture = Some(texture.into());
        let before = worn(&show).0;
        show.ask(SwitchTo::Look(Box::new(look)), 1.0);
        // However long the texture takes: no time passes.
        show.app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO));
        while show.steps(1).0 != name {
            assert_eq!(worn(&show), (before.clone(), None), "nothing flashes");
        }
        show.app.insert_resource(TimeUpdateStrategy::ManualDuration(STEP));
        let (new, old) = worn(&show);
        assert!(new.is_some() && new != before && old == before, "{name}");
        assert_eq!(show.steps(12), state(name, "", 1.0));
        assert_eq!((worn(&show), resident(&show)), ((new, None), Some(1.0)));
    }
}

#[test]
fn a_lossless_run_fades_by_its_frames() {
    let mut show = Show::new();
    show.app.insert_resource(Pacing::Lossless);
    let frame = |show: &mut Show, ms: u64| {
        let time = crate::schedule::FrameTime(Some(Duration::from_millis(ms)));
        show.app.insert_resource(time);
        // However many steps the schedule takes for a frame.
        show.steps(ms as usize % 3 + 1)
    };
    frame(&mut show, 0);
    let mut look = look("B", 1.0);
    look.hair.texture = Some("moss".into());
    show.ask(SwitchTo::Look(Box::new(look)), 0.4);
    assert_eq!(frame(&mut show, 40), state("B", "A", 0.0), "on its frame, textures and all");
    assert!(show.app.world().resource::<Wardrobe>().is_complete());
    for (ms, progress) in [(80, 0.1), (120, 0.2), (200, 0.4), (400, 0.9)] {
        assert_eq!(frame(&mut show, ms), state("B", "A", progress));
    }
    assert_eq!(frame(&mut show, 440), state("B", "", 1.0));
}
