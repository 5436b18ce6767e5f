//! Playlists by a clock that is set.

use std::path::Path;

use bevy::image::Image;
use bevy::time::TimeUpdateStrategy;

use super::super::file::parse_list;
use super::*;
use crate::look::{CurrentLook, Look, LookFade, LookPlugin};
use crate::schedule::{self, Pacing};

fn list(text: &str) -> List {
    parse_list(Path::new("show.toml"), text).expect("a playlist")
}

fn entries(looks: &[&str]) -> String {
    looks.iter().map(|look| format!("[[entries]]\nlook = \"{look}\"\n")).collect()
}

/// Places of the entries that are due in `seconds`, each with the second in which it is.
fn played(player: &mut Player, list: &List, seconds: u64) -> Vec<(u64, usize)> {
    let step = Duration::from_secs(1);
    (0..seconds).filter_map(|at| Some((at, player.advance(step, &list.entries)?))).collect()
}

#[test]
fn a_list_goes_round_or_ends_and_keeps_its_time() {
    let text = format!("hold = 3\nfade = 1\n{}", entries(&["a", "b", "c"]));
    let list_ = list(&text);
    let mut player = Player::new(&list_);
    // The first step takes a second of the first entry; then one is due every four.
    let due: Vec<_> = played(&mut player, &list_, 17);
    assert_eq!(due, [(0, 0), (3, 1), (7, 2), (11, 0), (15, 1)]);
    let once = list(&format!("loop = false\n{text}"));
    let mut player = Player::new(&once);
    let due: Vec<_> = played(&mut player, &once, 100).into_iter().map(|(_, entry)| entry).collect();
    assert_eq!((due, player.current(), player.next()), (vec![0, 1, 2], Some(2), None));
}

#[test]
fn a_shuffled_list_plays_all_and_none_twice_in_a_row() {
    let list = list(&format!("order = \"shuffle\"\nhold = 1\nfade = 0\n{}", entries(&["a", "b", "c", "d"])));
    let mut orders = std::collections::BTreeSet::new();
    let mut player = Player::new(&list);
    let mut before = None;
    for _ in 0..50 {
        let mut round = Vec::new();
        for _ in 0..4 {
            let next = player.next();
            let due = player.step(&list.entries);
            assert_eq!(next, due, "what was said to come comes");
            assert_ne!(due, before, "twice in a row");
            before = due;
            round.extend(due);
        }
        orders.insert(round.clone());
        round.sort_unstable();
        assert_eq!(round, [0, 1, 2, 3]);
    }
    assert!(orders.len() > 5, "{orders:?}");
}

#[test]
fn a_seed_is_an_order() {
    let list = list(&format!("order = \"shuffle\"\nseed = 7\n{}", entries(&["a", "b", "c", "d", "e"])));
    let order = || {
        let mut player = Player::new(&list);
        (0..20).filter_map(|_| player.step(&list.entries)).collect::<Vec<_>>()
    };
    assert_eq!(order(), order());
}

#[test]
fn a_pause_keeps_the_look_and_orders_move() {
    let list = list(&format!("hold = 3\nfade = 1\n{}", entries(&["a", "b", "c"])));
    let mut player = Player::new(&list);
    player.step(&list.entries);
    player.paused = true;
    assert!(played(&mut player, &list, 50).is_empty());
    player.paused = false;
    assert_eq!(played(&mut player, &list, 4), [(3, 1)]);
    assert_eq!(player.jump(2, &list.entries), Some(2));
    assert_eq!((player.back(&list.entries), player.current()), (1, Some(1)));
    assert_eq!(player.jump(9, &list.entries), None);
}

#[test]
fn an_edited_list_goes_on_with_the_look_that_is_worn() {
    let old = list(&format!("hold = 10\nfade = 0\n{}", entries(&["a", "b", "c"])));
    let worn = |text: &str| {
        let mut player = Player::new(&old);
        player.step(&old.entries);
        player.step(&old.entries);
        played(&mut player, &old, 4);
        let new = list(text);
        player.replace(&old, &new);
        let next = player.next().map(|entry| new.entries[entry].look.clone());
        let due = played(&mut player, &new, 20).first().map(|(at, _)| at + 1);
        (next.unwrap_or_default(), due)
    };
    let head = "hold = 10\nfade = 0\n";
    let edited = |looks: &[&str]| worn(&format!("{head}{}", entries(looks)));
    assert_eq!(edited(&["a", "b", "x"]), ("x".into(), Some(6)), "b stays as long as it was to");
    assert_eq!(edited(&["b", "y"]), ("y".into(), Some(6)), "b stands elsewhere");
    assert_eq!(edited(&["a", "z", "c"]).0, "z", "b is gone: what stands there follows");
    let shorter = worn(&format!("hold = 2\nfade = 0\n{}", entries(&["a", "b"])));
    assert_eq!(shorter, ("a".into(), Some(2)), "no longer than the list says now");
}

/// A lossless app that plays `text`, and frames of 25 a second.
struct Show {
    app: App,
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    frame: u64,
}

impl Show {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("show.toml");
        std::fs::write(&path, text).expect("written");
        let (playlist, _) = Playlist::open(&path).expect("a playlist");
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default()))
            .init_asset::<Image>()
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(5)))
            .insert_resource(Stats::default());
        schedule::plugin(&mut app);
        app.insert_resource(Pacing::Lossless).insert_resource(playlist);
        app.add_plugins(LookPlugin { look: Look::default() });
        app.finish();
        app.cleanup();
        app.update();
        Self { app, _folder: folder, path, frame: 0 }
    }

    /// The look and how much of it is seen, frame by frame.
    fn play(&mut self, frames: u64) -> Vec<(String, f32)> {
        let mut seen = Vec::new();
        for _ in 0..frames {
            self.app.insert_resource(FrameTime(Some(Duration::from_millis(40 * self.frame))));
            self.frame += 1;
            self.app.update();
            let world = self.app.world();
            seen.push((world.resource::<CurrentLook>().name.clone(), world.resource::<LookFade>().progress));
        }
        seen
    }

    fn counter(&self, name: &str) -> u64 {
        self.app.world().resource::<Stats>().counter(name)
    }
}

#[test]
fn a_rendered_show_changes_on_its_frames() {
    let head = "hold = 1\nfade = 0.4\neasing = \"linear\"\n";
    let mut show = Show::new(&format!("{head}{}", entries(&["cabaret", "winter"])));
    let seen = show.play(100);
    assert_eq!(seen[0], ("Cabaret".into(), 1.0), "the first look is there from the first frame");
    // 1.4 s are 35 frames.
    for (frame, name) in [(34, "Cabaret"), (35, "Winter"), (69, "Winter"), (70, "Cabaret"), (99, "Cabaret")] {
        assert_eq!(seen[frame].0, name, "{frame}");
    }
    for step in 0..10 {
        assert!((seen[35 + step].1 - step as f32 / 10.0).abs() < 1e-3, "{step}: {:?}", seen[35 + step]);
    }
    assert_eq!(seen[45].1, 1.0);
    assert_eq!(show.app.world().resource::<Playlist>().current(), Some(0));
}

#[test]
fn a_bad_entry_is_passed_over_and_told_and_a_choice_by_hand_stays() {
    let head = "hold = 1\nfade = 0\n";
    let mut show = Show::new(&format!("{head}{}", entries(&["cabaret", "no-such", "winter"])));
    let seen = show.play(30);
    assert_eq!(seen[24].0, "Cabaret");
    assert_eq!(seen[27].0, "Winter");
    assert_eq!(show.counter("playlist_skipped"), 1);
    let told = show.app.world().resource::<Stats>().events();
    assert!(
        told.iter().any(|event| event.message.contains("\"no-such\"") && event.message.contains("line 5"))
    );
    show.play(10);
    show.app.world_mut().write_message(SwitchLook { fade: Some(Duration::ZERO), ..SwitchLook::to("gilded") });
    let seen = show.play(27);
    assert_eq!((seen[1].0.as_str(), seen[23].0.as_str()), ("Gilded", "Gilded"), "as long as another look");
    assert_eq!(seen[26].0, "Cabaret");

    show.app.world_mut().write_message(PlaylistOrder::Pause);
    let seen = show.play(60);
    assert_eq!(seen[59].0, "Cabaret");
    show.app.world_mut().write_message(PlaylistOrder::Next);
    assert_eq!(show.play(5)[4].0, "Winter", "over the bad one");
}

#[test]
fn a_list_of_which_nothing_can_be_worn_waits_and_an_edit_saves_it() {
    let mut show = Show::new(&format!("hold = 1\nfade = 0\n{}", entries(&["no", "nor"])));
    show.play(200);
    assert_eq!(show.counter("playlist_skipped"), 2, "eight seconds, and it waits for ten");
    std::fs::write(&show.path, "hold = = 1\n").expect("written");
    while show.counter("playlist_reload_failed") == 0 {
        show.app.update();
        std::thread::sleep(Duration::from_millis(5));
    }
    let trouble = show.app.world().resource::<Playlist>().trouble().map(str::to_owned).unwrap_or_default();
    assert!(trouble.contains("line 1, column 8"), "{trouble}");
    std::fs::write(&show.path, entries(&["winter"])).expect("written");
    while show.counter("playlist_reloaded") == 0 {
        show.app.update();
        std::thread::sleep(Duration::from_millis(5));
    }
    show.play(260);
    assert_eq!(show.play(1)[0].0, "Winter");
    assert_eq!(show.app.world().resource::<Playlist>().trouble(), None);
}
