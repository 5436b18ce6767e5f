//! What all effects promise: nothing at IDENTITY, nothing outside the region.

use masque::frame::Region;
use masque::look::Stack;
use masque::parameters::Value;

use super::easel::{Easel, HAIR, Scene, difference, is_in};
use super::inputs::shown;

/// Pictures that are drawn before one is looked at: what has a memory fills it.
const PICTURES: u32 = 4;

#[test]
fn an_effect_at_its_identity_changes_nothing() {
    let mut easel = Easel::new();
    let scene = Scene::default();
    easel.undress();
    let bare = easel.film(&scene, PICTURES);
    for effect in easel.effects() {
        let identity =
            effect.inputs().iter().filter_map(|input| Some((&*input.field.key, input.identity.clone()?)));
        let identity: Vec<(&str, Value)> = identity.collect();
        assert!(!identity.is_empty(), "{} has no IDENTITY", effect.name());
        let mut values: Vec<(&str, Value)> = shown(effect.name());
        values.extend(identity.clone());
        for stack in [Stack::Picture, Stack::Region(Region::Hair), Stack::Region(Region::Background)] {
            easel.wear(stack, effect.name(), &values);
            let neutral = easel.film(&scene, PICTURES);
            let most = difference(&neutral, &bare, |_, _| true);
            assert!(most <= 2, "{} in {stack:?} differs by {most} at {identity:?}", effect.name());
        }
    }
}

#[test]
fn an_effect_of_a_region_is_seen_there_and_nowhere_else() {
    let mut easel = Easel::new();
    let scene = Scene { hair: Some(HAIR), ..Scene::default() };
    let pictures = |easel: &mut Easel| {
        for at in 0..20 {
            easel.draw(&Scene { time: scene.time + f64::from(at) * 0.1, moved: at, ..scene.clone() });
        }
        easel.draw(&Scene { time: scene.time + 2.0, moved: 20, ..scene.clone() })
    };
    easel.undress();
    let bare = pictures(&mut easel);
    // What stands around people is made for the background.
    let around = ["aura", "echo_trails"];
    for effect in easel.effects() {
        let name = effect.name();
        let (region, inside): (_, fn(u32, u32) -> bool) = if around.contains(&name) {
            (Region::Background, |x, y| !near_people(x, y))
        } else {
            (Region::Hair, |x, y| is_in(HAIR, x, y))
        };
        easel.wear(Stack::Region(region), name, &shown(name));
        let picture = pictures(&mut easel);
        let outside = |x: u32, y: u32| match region {
            Region::Background => is_in([56, 40, 104, 104], x, y),
            _ => !is_in([HAIR[0] - 8, HAIR[1] - 8, HAIR[2] + 8, HAIR[3] + 8], x, y),
        };
        let most = difference(&picture, &bare, outside);
        assert!(most <= 1, "{name} differs by {most} outside of its region");
        assert!(difference(&picture, &bare, inside) > 8, "{name} is not seen in its region");
    }
}

fn near_people(x: u32, y: u32) -> bool {
    is_in([40, 24, 120, 120], x, y) || is_in([136, 16, 232, 128], x, y)
}
