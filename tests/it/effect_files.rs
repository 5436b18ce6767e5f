//! Effects that are edited while the mirror runs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::image::Image;
use bevy::prelude::*;
use masque::effect::{EffectFolders, EffectLibrary, EffectPlugin, WatchedEffects};
use masque::frame::Region;
use masque::look::{CurrentLook, Look, LookPlugin, Stack, TextureLibrary, Wardrobe, set};
use masque::parameters::Value as Setting;
use masque::schedule::Waker;
use masque::stats::Stats;
use serde_json::Value;

use crate::looks::wait;
use crate::program::{masque, stderr};

const HEADER: &str = "/*{ \"INPUTS\": [ { \"NAME\": \"amount\", \"TYPE\": \"float\" } ] }*/\n";

#[test]
fn edited_effects_are_taken_and_rubbish_leaves_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let (effects, stats) = (folder.path().join("effects"), folder.path().join("s.json"));
    std::fs::create_dir(&effects).unwrap();
    let path = effects.join("mine.wgsl");
    let write = |body: &str| {
        let text = format!("{HEADER}fn effect(uv: vec2<f32>) -> vec4<f32> {{\n    {body}\n}}\n");
        std::fs::write(&path, text).unwrap();
    };
    write("return below(uv);");
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = masque(folder.path())
        .args([
            "run",
            "demo:",
            "--headless",
            "--size",
            "320x180",
            "--effects",
            "effects",
            "--stats",
            "s.json",
        ])
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap();
    let counter = |json: &Value, name: &str| json["counters"][name].as_u64().unwrap_or(0);
    let composed = |json: &Value| json["frames"]["composed"].as_u64().unwrap();
    wait(&mut child, &stats, "the first picture", |json| composed(json) > 0);
    write("return below(uv) * amount;");
    wait(&mut child, &stats, "the edit", |json| counter(json, "effects_reloaded") == 1);
    write("return below(uv) * amuont;");
    let bad = wait(&mut child, &stats, "the rubbish", |json| counter(json, "effect_reload_failed") == 1);
    wait(&mut child, &stats, "more pictures", |json| composed(json) > composed(&bad) + 5);
    write("return below(uv) * amount * 0.5;");
    let last = wait(&mut child, &stats, "the repair", |json| counter(json, "effects_reloaded") == 2);
    assert_eq!(counter(&last, "effect_reload_failed"), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for word in ["mine", "mine.wgsl, line 3, column 24", "amuont"] {
        assert!(log.contains(word), "\"{word}\" is missing in: {log}");
    }
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_folder_that_is_not_there_ends_the_program_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        masque(folder.path()).args(["bench", "--frames", "1", "--effects", "none"]).output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("none") && text.contains(".wgsl"), "{text}");
}

/// The main world's part: looks and effects without a GPU. The effects of `folder` are watched.
fn app(folder: &Path) -> App {
    let mut folders = EffectFolders::open(&[folder.to_owned()]).unwrap();
    let mut effects = EffectLibrary::default();
    folders.read_into(&mut effects);
    let mut app = App::new();
    app.add_plugins((TaskPoolPlugin::default(), AssetPlugin::default()))
        .init_asset::<Image>()
        .insert_resource(Stats::default())
        .init_resource::<Waker>()
        .insert_resource(TextureLibrary::default().with_effects(effects.clone()))
        .insert_resource(effects)
        .add_plugins((EffectPlugin, LookPlugin { look: Look::default() }));
    let (stats, waker) = (Stats::default(), Waker::default());
    app.world_mut().resource_mut::<WatchedEffects>().watch(folders, &waker, &stats);
    app
}

/// Updates until `done`.
#[track_caller]
fn update_until(app: &mut App, what: &str, done: impl Fn(&World) -> bool) {
    for _ in 0..6000 {
        app.update();
        if done(app.world()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never came: {what}; {:?}", app.world().resource::<Stats>().counters());
}

#[test]
fn the_look_wears_an_edited_effect_and_keeps_what_was_set() {
    let folder = tempfile::tempdir().unwrap();
    let write = |inputs: &str| {
        let text = format!(
            "/*{{ \"INPUTS\": [{inputs}] }}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> {{ return below(uv); }}\n"
        );
        std::fs::write(folder.path().join("mine.wgsl"), text).unwrap();
    };
    write("{ \"NAME\": \"amount\", \"TYPE\": \"float\" }");
    let mut app = app(folder.path());
    let effect = app.world().resource::<EffectLibrary>().get("mine").unwrap();
    let mut look = app.world_mut().resource_mut::<CurrentLook>();
    for stack in [Stack::Picture, Stack::Region(Region::Hair)] {
        assert!(look.add_effect(stack, effect.clone()));
    }
    set(&mut look, "effect/mine/amount", Setting::Float(0.875)).unwrap();
    app.update();

    write(
        "{ \"NAME\": \"other\", \"TYPE\": \"bool\" }, { \"NAME\": \"amount\", \"TYPE\": \"float\", \"MAX\": 0.75 }",
    );
    update_until(&mut app, "the edit", |world| world.resource::<Stats>().counter("effects_reloaded") == 1);
    let look = app.world().resource::<CurrentLook>().clone();
    let [layer] = &look.effects[..] else { panic!("one layer") };
    assert_eq!(layer.values, [Setting::Switch(false), Setting::Float(0.75)]);
    let hair = &look.region_effects(Region::Hair)[0];
    assert_eq!(hair.values, [Setting::Switch(false), Setting::Float(0.5)]);
    // Who reads a look from now on is handed the new one, too.
    let known = app.world().resource::<TextureLibrary>().effects().get("mine").unwrap();
    assert!(known == layer.effect && known != effect);

    write("{ \"NAME\": \"amount\", \"TYPE\": \"flaot\" }");
    update_until(&mut app, "the typo", |world| {
        world.resource::<Stats>().counter("effect_reload_failed") == 1
    });
    assert_eq!(*app.world().resource::<CurrentLook>(), look, "the last good one stays");
    let troubles: Vec<_> = app.world().resource::<EffectLibrary>().troubles().cloned().collect();
    assert_eq!((troubles.len(), troubles[0].line, troubles[0].column), (1, 1, 44));
}

#[test]
fn images_of_effects_are_worn_up_to_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<_> = (0..3).map(|n| format!("{{ \"NAME\": \"i{n}\", \"TYPE\": \"image\" }}")).collect();
    let text = format!(
        "/*{{ \"INPUTS\": [{}] }}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> {{ return i0(uv); }}\n",
        inputs.join(",")
    );
    std::fs::write(folder.path().join("mine.wgsl"), text).unwrap();
    let mut app = app(folder.path());
    let effect = app.world().resource::<EffectLibrary>().get("mine").unwrap();
    let mut look = app.world_mut().resource_mut::<CurrentLook>();
    let hair = Stack::Region(Region::Hair);
    assert!(look.add_effect(hair, effect.clone()));
    set(&mut look, "region/hair/effect/mine/i1", Setting::Texture(Some("moss".into()))).unwrap();
    let complete = |world: &World| world.resource::<Wardrobe>().is_complete();
    update_until(&mut app, "the texture", |world| {
        complete(world) && world.resource::<Wardrobe>().effect_image(hair, 0, 1).is_some()
    });
    assert!(app.world().resource::<Wardrobe>().effect_image(hair, 0, 0).is_none());

    let mut look = app.world_mut().resource_mut::<CurrentLook>();
    for _ in 0..3 {
        look.add_effect(Stack::Picture, effect.clone());
    }
    for layer in &mut look.effects {
        layer.values = vec![Setting::Texture(Some("moss".into())); 3];
    }
    app.update();
    update_until(&mut app, "the textures", complete);
    let wardrobe = app.world().resource::<Wardrobe>();
    let worn = (0..3).flat_map(|layer| (0..3).map(move |input| (layer, input)));
    let worn = worn.filter(|(layer, input)| wardrobe.effect_image(Stack::Picture, *layer, *input).is_some());
    assert_eq!(worn.count(), 7, "one is in the hair");
    assert!(wardrobe.effect_image(hair, 0, 1).is_some());
    assert_eq!(app.world().resource::<Stats>().counter("effect_images_left_out"), 2);
    // Worn no more, they are let go.
    app.world_mut().resource_mut::<CurrentLook>().0 = Look::default();
    app.update();
    assert!(app.world().resource::<Wardrobe>().effect_image(hair, 0, 1).is_none());
}

#[test]
fn effects_of_a_look_are_set_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("mine.toml"), "[[hair.effects]]\neffect = \"invert\"\n").unwrap();
    let cases: [(&str, &[&str]); 3] = [
        ("region/hair/effect/invert/amuont=1", &["region/hair/effect/invert/amount", "0 to 1"]),
        ("region/hair/effect/invert/amount=7", &["region/hair/effect/invert/amount is a number from 0 to 1"]),
        ("effect/invert/amount=1", &["region/hair/effect/invert/amount"]),
    ];
    for (setting, words) in cases {
        let output = masque(at)
            .args(["bench", "--frames", "1", "--look", "mine.toml", "--set", setting])
            .output()
            .unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{setting}: {text}");
        for word in words {
            assert!(text.contains(word), "\"{word}\" is missing in: {text}");
        }
    }
    std::fs::write(at.join("wrong.toml"), "[[hair.effects]]\neffect = \"inverd\"\n").unwrap();
    let output = masque(at).args(["bench", "--frames", "1", "--look", "wrong.toml"]).output().unwrap();
    let text = stderr(&output);
    assert!(
        text.contains("wrong.toml") && text.contains("line 2, column 10") && text.contains("invert"),
        "{text}"
    );
}
