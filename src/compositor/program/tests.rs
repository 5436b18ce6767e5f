//! Whatever a look has, its shader is valid.

use std::sync::Arc;

use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::plan::{Plan, STACKS, WHOLE_STACK};
use super::source;
use super::structure::{Key, Structure};
use crate::compositor::dress::{Dress, EffectWorn};
use crate::effect::Effect;
use crate::frame::Region;
use crate::look::{Look, RegionStyle};
use crate::parameters::BlendMode;

/// Everything that an effect can say.
const ALL: &str = r#"/*{
  "INPUTS": [
    { "NAME": "size", "TYPE": "float" },
    { "NAME": "strict", "TYPE": "bool" },
    { "NAME": "kind", "TYPE": "long", "VALUES": [0, 2], "LABELS": ["a", "b"] },
    { "NAME": "hit", "TYPE": "event" },
    { "NAME": "ink", "TYPE": "color" },
    { "NAME": "middle", "TYPE": "point2D" },
    { "NAME": "paper", "TYPE": "image" }
  ],
  "PASSES": [{ "TARGET": "trail", "PERSISTENT": true, "FLOAT": true, "SCALE": 0.5 }, { "TARGET": "blurred" }, {}]
}*/
const STRENGTH: f32 = 0.5;
struct Sum { color: vec4<f32> }
fn gathered(uv: vec2<f32>) -> Sum {
    var sum = vec4(0.0);
    for (var i = 0; i < kind + 3; i++) { sum += below(uv + f32(i) * 0.01); }
    return Sum(sum * STRENGTH);
}
fn effect(uv: vec2<f32>) -> vec4<f32> {
    if PASSINDEX == 0 { return max(trail(uv + motion(uv)) * 0.9, below(uv)); }
    if PASSINDEX == 1 { return trail(uv) + camera(uv) * f32(REGION); }
    let who = face(0);
    var color = gathered(uv).color + blurred(uv) * size + paper(uv) + ink;
    if strict && !hit { color *= region_mask(uv) + mask_of(HAIR, uv) + edge_distance(uv); }
    color += edge_distance_of(PEOPLE, uv) * length(uv - middle) * who.mouth_open + noise(uv * TIME) + TIMEDELTA;
    return color + vec4(luma(color.rgb) + f32(FRAMEINDEX + FACES) + RENDERSIZE.x);
}"#;

/// Looks at what is below it where it is.
const SIMPLE: &str = "/*{}*/ fn center() -> f32 { return 1.0; }
fn effect(uv: vec2<f32>) -> vec4<f32> { return vec4(center()) - below(uv); }";

fn worn(name: &str, source: &str, opacity: f32) -> EffectWorn {
    let effect = Arc::new(Effect::parse(name, source).expect("a good effect"));
    EffectWorn { effect, opacity, values: Vec::new(), images: Vec::new() }
}

fn check(dress: &Dress, slots: Option<usize>) -> Plan {
    let structure = Structure::of(dress);
    let plan = Plan::new(&structure, slots, 28);
    for (exact, moved) in [(false, false), (true, false), (false, true), (true, true)] {
        let wgsl = source::write(&Key { structure: structure.clone(), exact, moved }, &plan);
        let module = match naga::front::wgsl::parse_str(&wgsl) {
            Ok(module) => module,
            Err(error) => panic!("{}", error.emit_to_string(&wgsl)),
        };
        let outcome = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
        if let Err(error) = outcome {
            panic!("{}", error.emit_to_string(&wgsl));
        }
    }
    plan
}

fn dress(look: Look) -> Dress {
    Dress { look, ..Dress::default() }
}

#[test]
fn every_blend_mode_and_matte_makes_a_valid_shader() {
    check(&dress(Look::default()), Some(24));
    for blend in BlendMode::ALL {
        for (texture, smoothing) in [(None, 0.0), (Some("lava".to_owned()), 0.3)] {
            let hair = RegionStyle { blend, texture, dilation: smoothing, ..RegionStyle::default() };
            let mut look = Look { hair: hair.clone(), background: hair, ..Look::default() };
            look.matte.smoothing = smoothing;
            look.matte.refinement = 1.0 - smoothing;
            check(&dress(look.clone()), Some(24));
            look.matte.refinement = 0.0;
            check(&dress(look), Some(24));
        }
    }
}

#[test]
fn effects_in_every_stack_make_a_valid_shader() {
    let mut all = dress(Look::default());
    for stack in &mut all.stacks {
        *stack = vec![worn("simple", SIMPLE, 0.5), worn("all", ALL, 1.0), worn("simple", SIMPLE, 1.0)];
    }
    let plan = check(&all, Some(STACKS * 4));
    // Its own two, and what lies below it: it looks there often.
    assert_eq!((plan.layers.len(), plan.targets.len()), (STACKS * 3, STACKS * 3));
    let mut slots: Vec<usize> = plan.targets.iter().map(|target| target.slot).collect();
    slots.extend(plan.layers.iter().flat_map(|layer| &layer.images).map(|(_, slot)| *slot));
    slots.sort_unstable();
    assert_eq!(slots, (0..STACKS * 4).collect::<Vec<_>>(), "no two textures share a slot");
    let mut alone = dress(Look::default());
    alone.stacks[WHOLE_STACK] = vec![worn("all", ALL, 0.5)];
    check(&alone, Some(24));
    alone.stacks[WHOLE_STACK] = Vec::new();
    alone.stacks[Region::Clothes.index()] = vec![worn("all", ALL, 0.5)];
    alone.look.matte.smoothing = 0.5;
    check(&alone, Some(24));
}

#[test]
fn what_has_no_room_is_left_out_and_the_rest_stays() {
    let mut crowded = dress(Look::default());
    crowded.stacks[1] = vec![worn("all", ALL, 1.0), worn("simple", SIMPLE, 1.0), worn("all", ALL, 1.0)];
    let plan = check(&crowded, Some(5));
    assert_eq!(plan.left_out, ["all"]);
    assert_eq!(plan.layers.iter().map(|layer| layer.place).collect::<Vec<_>>(), [0, 1]);
    let none = check(&crowded, None);
    assert!(none.layers.is_empty() && none.left_out.len() == 3);
}
