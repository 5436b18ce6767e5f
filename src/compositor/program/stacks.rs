//! Writes the WGSL of effects: each layer of a stack is a function of the one below it.
//!
//! Stack `s` is the functions `r{s}s0` (what lies below all effects) to `r{s}sN`, each from a place in the output
//! to a colour with straight alpha. What the effects' files do not declare is declared around them.

use std::fmt::Write;

use super::plan::{LayerPlan, Plan, WHOLE_STACK};
use crate::effect::PRELUDE;
use crate::parameters::Kind;

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

/// Statements that load the values of all layers of `stack`.
pub(super) fn loads(plan: &Plan, stack: usize) -> String {
    plan.stack(stack).map(|(_, layer)| format!("    load_{}();\n", layer.prefix())).collect()
}

/// Everything that effects need and are. Names of `region` functions (`dressN`) are declared elsewhere.
pub(super) fn write(wgsl: &mut String, plan: &Plan) {
    wgsl.push_str(PRELUDE);
    wgsl.push_str(include_str!("../../../shaders/compose/effects.wgsl"));
    let images = plan.layers.iter().map(|layer| layer.images.len()).sum::<usize>();
    for slot in 0..images + plan.targets.len() {
        let binding = FIRST_SLOT + slot;
        let _ = writeln!(wgsl, "@group(2) @binding({binding}) var slot{slot}: texture_2d<f32>;");
    }
    for stack in 0..=WHOLE_STACK {
        if plan.stack(stack).next().is_none() {
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
    if plan.stack(WHOLE_STACK).next().is_some() {
        let (loads, top) = (loads(plan, WHOLE_STACK), top(plan, WHOLE_STACK));
        let _ = write!(
            wgsl,
            "
@fragment
fn {WHOLE}(in: Place) -> @location(0) vec4<f32> {{
    load_shared();
{loads}    return vec4(over_camera({top}(in.uv), in.uv), 1.0);
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
        let _ = writeln!(wgsl, "    {prefix}center = {lower}(uv);");
    }
    let lower = if layer.in_place { format!("{prefix}center") } else { format!("{prefix}below(uv)") };
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
    let mut loads: String = plan
        .stack(layer.stack)
        .take(step)
        .map(|(_, below)| format!("    load_{}();\n", below.prefix()))
        .collect();
    let _ = writeln!(loads, "    load_{prefix}();");
    if layer.in_place {
        let _ = writeln!(loads, "    {prefix}center = r{}s{step}(in.uv);", layer.stack);
    }
    let entry = draw(target);
    let _ = write!(
        wgsl,
        "
@fragment
fn {entry}(in: Place) -> @location(0) vec4<f32> {{
    load_shared();
    RENDERSIZE = effect_values[{size}].xy;
{loads}    return {prefix}effect(in.uv);
}}
"
    );
}

/// The entry that draws what lies below a layer.
fn below(wgsl: &mut String, plan: &Plan, stack: usize, (target, step): (usize, usize)) {
    let loads: String =
        plan.stack(stack).take(step).map(|(_, below)| format!("    load_{}();\n", below.prefix())).collect();
    let entry = draw(target);
    let _ = write!(
        wgsl,
        "
@fragment
fn {entry}(in: Place) -> @location(0) vec4<f32> {{
    load_shared();
{loads}    return r{stack}s{step}(in.uv);
}}
"
    );
}

/// The file of `layer`, and what it does not declare, with names that begin with `prefix`.
fn instance(wgsl: &mut String, plan: &Plan, layer: &LayerPlan, (prefix, pass): (&str, usize), step: usize) {
    let stack = layer.stack;
    let region = if stack == WHOLE_STACK { -1 } else { stack as i32 };
    let below = if layer.in_place {
        let _ = writeln!(wgsl, "\nvar<private> {prefix}center: vec4<f32>;");
        format!("{prefix}center")
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
fn {prefix}region_mask(uv: vec2<f32>) -> f32 {{ return mask_of({region}, uv); }}
fn {prefix}edge_distance(uv: vec2<f32>) -> f32 {{ return edge_distance_of({region}, uv); }}
"
    );
    let mut loads = format!("    {prefix}opacity = effect_values[{}].x;\n", layer.first_value);
    for (index, input) in layer.effect.inputs().iter().enumerate() {
        let (key, at) = (&input.field.key, layer.first_value + 1 + index);
        let (class, value) = match input.field.kind {
            Kind::Float(_) => ("f32", format!("effect_values[{at}].x")),
            Kind::Switch(_) | Kind::Event(_) => ("bool", format!("effect_values[{at}].x != 0.0")),
            Kind::Selection(_) | Kind::Blend(_) => ("i32", format!("i32(effect_values[{at}].x)")),
            Kind::Color(_) => ("vec4<f32>", format!("vec4(effect_values[{at}].rgb, 1.0)")),
            Kind::Point(_) => ("vec2<f32>", format!("effect_values[{at}].xy")),
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
    let _ = write!(wgsl, "fn load_{prefix}() {{\n{loads}}}\n{}\n", layer.effect.code(prefix));
}
