//! Writes the WGSL of effects: each layer of a stack is a function of the one below it.
//!
//! Stack `s` is the functions `r{s}s0` (what lies below all effects) to `r{s}sN`, each from a place in the output
//! to a colour with straight alpha. What the effects' files do not declare is declared around them.

use std::fmt::Write;

use super::interface::{Corners, Interface, Packed};
use super::plan::{FIRST_COUNT, LayerPlan, PEOPLE, Plan, WHOLE_STACK};
use super::reading::NAMES;
use crate::effect::PRELUDE;
use crate::frame::Region;
use crate::parameters::Kind;
use crate::perception::MOST_ZONES;

/// Binding of the first texture slot.
pub(in crate::compositor) const FIRST_SLOT: usize = 5;

/// Fragment entry of the stack over the whole picture.
pub(super) const WHOLE: &str = "whole_stack";

/// Fragment entry that draws target number `target` of the plan.
pub(super) fn draw(target: usize) -> String {
    format!("target{target}")
}

/// The function of the uppermost layer of a stack.
pub(super) fn top(plan: &Plan, stack: usize) -> String {
    format!("r{stack}s{}", plan.stack(stack).count())
}

/// Everything that effects need and are. Names of `region` functions (`dressN`) are declared elsewhere.
pub(super) fn write(wgsl: &mut String, plan: &Plan) {
    wgsl.push_str(PRELUDE);
    let _ = writeln!(
        wgsl,
        "const masque_first_count: i32 = {FIRST_COUNT};\nconst masque_zones: i32 = {MOST_ZONES};"
    );
    wgsl.push_str(include_str!("../../../shaders/compose/effects.wgsl"));
    let images = plan.layers.iter().map(|layer| layer.images.len()).sum::<usize>();
    (0..Region::COUNT).for_each(|region| edge_of(wgsl, region));
    edge_of(wgsl, PEOPLE);
    for slot in 0..images + plan.targets.len() {
        let binding = FIRST_SLOT + slot;
        let _ = writeln!(wgsl, "@group(2) @binding({binding}) var slot{slot}: texture_2d<f32>;");
    }
    for stack in 0..=WHOLE_STACK {
        if !plan.has_stack(stack) {
            continue;
        }
        base(wgsl, stack);
        for (step, (_, layer)) in plan.stack(stack).enumerate() {
            seen(wgsl, plan, layer, step);
        }
    }
    for (index, target) in plan.targets.iter().enumerate() {
        let Some(layer) = plan.layers.get(target.layer) else { continue };
        let step = plan.stack(layer.stack).take_while(|(other, _)| *other != target.layer).count();
        match target.pass {
            Some(number) => pass(wgsl, plan, layer, (index, number, target.size_value), step),
            None => below(wgsl, plan, layer.stack, (index, step)),
        }
    }
    if plan.has_stack(WHOLE_STACK) {
        let entry = Interface::of_stacks(WHOLE.to_owned(), plan, [WHOLE_STACK]);
        entry.write(wgsl, &Corners::Whole);
        let (taken, take, top) = (entry.taken(), entry.take(), top(plan, WHOLE_STACK));
        let _ = write!(
            wgsl,
            "
@fragment
fn {WHOLE}(in: {taken}) -> @location(0) vec4<f32> {{
{take}    return vec4(over_camera({top}(in.uv), in.uv), 1.0);
}}
"
        );
    }
}

/// What lies below all effects of `stack`.
fn base(wgsl: &mut String, stack: usize) {
    let below = if stack == WHOLE_STACK {
        "    return vec4(textureSampleLevel(composed, edge_sampler, uv, 0.0).rgb, 1.0);".to_owned()
    } else {
        format!(
            "    let bare = camera(uv).rgb;
    return vec4(dress{stack}(bare, dot(bare, LUMA), uv), 1.0);"
        )
    };
    let _ = write!(
        wgsl,
        "
fn r{stack}s0(uv: vec2<f32>) -> vec4<f32> {{
{below}
}}
"
    );
}

/// The pass of `layer` that is seen, and the stack up to it.
fn seen(wgsl: &mut String, plan: &Plan, layer: &LayerPlan, step: usize) {
    let prefix = layer.prefix();
    let last = layer.effect.passes().len() - 1;
    instance(wgsl, plan, layer, (&prefix, last), step);
    let lower = format!("r{}s{step}", layer.stack);
    let _ = write!(wgsl, "\nfn r{}s{}(uv: vec2<f32>) -> vec4<f32> {{\n", layer.stack, step + 1);
    if layer.in_place {
        let _ = writeln!(wgsl, "    {prefix}masque_center = {lower}(uv);");
    }
    let lower = if layer.in_place { format!("{prefix}masque_center") } else { format!("{prefix}below(uv)") };
    let _ = writeln!(wgsl, "    let upper = {prefix}effect(uv);");
    let _ = if layer.mixed {
        writeln!(wgsl, "    return mixed_layer({lower}, upper, {prefix}opacity);\n}}")
    } else {
        writeln!(wgsl, "    return upper;\n}}")
    };
}

/// The pass of `layer` that draws one of its targets, and its entry.
fn pass(
    wgsl: &mut String,
    plan: &Plan,
    layer: &LayerPlan,
    (target, pass, size): (usize, usize, usize),
    step: usize,
) {
    let prefix = layer.pass_prefix(pass);
    instance(wgsl, plan, layer, (&prefix, pass), step);
    let below = plan.stack(layer.stack).take(step).map(|(_, below)| (below, below.prefix()));
    let entry = Interface::new(draw(target), plan, below.chain([(layer, prefix.clone())]));
    entry.write(wgsl, &Corners::Whole);
    let mut take = entry.take();
    if layer.in_place {
        let _ = writeln!(take, "    {prefix}masque_center = r{}s{step}(in.uv);", layer.stack);
    }
    let (name, taken) = (draw(target), entry.taken());
    let _ = write!(
        wgsl,
        "
@fragment
fn {name}(in: {taken}) -> @location(0) vec4<f32> {{
{take}    RENDERSIZE = effect_values[{size}].xy;
    return {prefix}effect(in.uv);
}}
"
    );
}

/// The entry that draws what lies below a layer.
fn below(wgsl: &mut String, plan: &Plan, stack: usize, (target, step): (usize, usize)) {
    let layers = plan.stack(stack).take(step).map(|(_, below)| (below, below.prefix()));
    let entry = Interface::new(draw(target), plan, layers);
    entry.write(wgsl, &Corners::Whole);
    let (name, taken, take) = (draw(target), entry.taken(), entry.take());
    let _ = write!(
        wgsl,
        "
@fragment
fn {name}(in: {taken}) -> @location(0) vec4<f32> {{
{take}    return r{stack}s{step}(in.uv);
}}
"
    );
}

/// The file of `layer`, and what it does not declare, with names that begin with `prefix`.
fn instance(wgsl: &mut String, plan: &Plan, layer: &LayerPlan, (prefix, pass): (&str, usize), step: usize) {
    let stack = layer.stack;
    let region = if stack == WHOLE_STACK { -1 } else { stack as i32 };
    let mask = if stack == WHOLE_STACK { PEOPLE_MASK.to_owned() } else { format!("mask_of({region}, ") };
    let edge = edge_name(if stack == WHOLE_STACK { PEOPLE } else { stack });
    let below = if layer.in_place {
        let _ = writeln!(wgsl, "\nvar<private> {prefix}masque_center: vec4<f32>;");
        format!("{prefix}masque_center")
    } else if let Some(slot) = layer.drawn_below {
        format!("textureSampleLevel(slot{slot}, edge_sampler, uv, 0.0)")
    } else {
        format!("r{stack}s{step}(uv)")
    };
    let _ = write!(
        wgsl,
        "
const {prefix}PASSINDEX: i32 = {pass};
const {prefix}REGION: i32 = {region};
var<private> {prefix}opacity: f32;
fn {prefix}below(uv: vec2<f32>) -> vec4<f32> {{ return {below}; }}
fn {prefix}region_mask(uv: vec2<f32>) -> f32 {{ return {mask}uv); }}
fn {prefix}edge_distance(uv: vec2<f32>) -> f32 {{ return {edge}(uv); }}
"
    );
    let packed = Packed::new(layer, prefix);
    packed.declare(wgsl);
    let mut loads = format!("    {prefix}opacity = {};\n", packed.opacity);
    for (index, (input, place)) in layer.effect.inputs().iter().zip(&packed.inputs).enumerate() {
        let key = &input.field.key;
        let place = place.as_deref().unwrap_or_default();
        let (class, value) = match input.field.kind {
            Kind::Float(_) => ("f32", place.to_owned()),
            Kind::Switch(_) | Kind::Event(_) => ("bool", format!("{place} != 0.0")),
            Kind::Selection(_) | Kind::Blend(_) => ("i32", format!("i32({place})")),
            Kind::Color(_) => ("vec4<f32>", format!("vec4({place}, 1.0)")),
            Kind::Point(_) => ("vec2<f32>", place.to_owned()),
            Kind::Texture(_) => {
                if let Some((_, slot)) = layer.images.iter().find(|(image, _)| *image == index) {
                    let _ = writeln!(
                        wgsl,
                        "fn {prefix}{key}(uv: vec2<f32>) -> vec4<f32> {{ return straight(textureSampleLevel(slot{slot}, \
                         tile_sampler, uv, 0.0)); }}"
                    );
                }
                continue;
            }
        };
        let _ = writeln!(wgsl, "var<private> {prefix}{key}: {class};");
        let _ = writeln!(loads, "    {prefix}{key} = {value};");
    }
    for target in plan.targets.get(layer.targets.clone()).into_iter().flatten() {
        let (name, slot) = (&target.name, target.slot);
        let _ = writeln!(
            wgsl,
            "fn {prefix}{name}(uv: vec2<f32>) -> vec4<f32> {{ return textureSampleLevel(slot{slot}, edge_sampler, \
             uv, 0.0); }}"
        );
    }
    let _ = write!(
        wgsl,
        "fn load_{prefix}() {{\n{loads}}}\n{}\n",
        known_regions(&layer.effect.code(prefix), stack)
    );
}

/// The function that gives the distance to the edge of one region, or of people.
fn edge_name(region: usize) -> String {
    format!("edge_of{region}")
}

/// Writes it. What is known beforehand needs one look at a texture, not two.
fn edge_of(wgsl: &mut String, region: usize) {
    let (texture, component) = (region / 4, ["x", "y", "z", "w"][region % 4]);
    let _ = write!(
        wgsl,
        "
fn {}(uv: vec2<f32>) -> f32 {{
    let distance = textureSampleLevel(edges{texture}, edge_sampler, mask_uv(frame_uv(uv)), 0.0).{component};
    return clamp(distance * masque_scales.x, -REACH, REACH);
}}
",
        edge_name(region)
    );
}

/// How the mask of people is asked for over the whole picture.
const PEOPLE_MASK: &str = "people_of(";

/// `code` of an effect of `stack` that asks for the edge of the region itself where it asks by the region's name, and
/// over the whole picture for the people that the picture tells.
fn known_regions(code: &str, stack: usize) -> String {
    let asked = |code: String, (region, name): (usize, &&str)| {
        code.replace(&format!("edge_distance_of({name}, "), &format!("{}(", edge_name(region)))
    };
    let code = NAMES.iter().enumerate().fold(code.to_owned(), asked);
    if stack == WHOLE_STACK { code.replace("mask_of(PEOPLE, ", PEOPLE_MASK) } else { code }
}
