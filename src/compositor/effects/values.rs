//! The numbers that the shader of effects reads.

use bevy::math::{UVec2, Vec4};

use super::clock::Clock;
use super::faces::{self, View};
use crate::compositor::program::{COUNTS, FIRST_VALUE, Plan};
use crate::compositor::{Composition, Dress};
use crate::parameters::{BlendMode, Value};
use crate::perception::Things;

/// What all layers share.
pub(super) struct Shared<'a> {
    pub(super) composition: &'a Composition,
    pub(super) clock: &'a Clock,
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub(super) uv: Vec4,
}

/// Fills `out` with what `plan` says, for `dress` and targets of these sizes.
pub(super) fn fill(
    out: &mut Vec<[f32; 4]>,
    shared: &Shared<'_>,
    plan: &Plan,
    dress: &Dress,
    sizes: impl Iterator<Item = UVec2>,
) {
    let Shared { composition, clock, uv } = shared;
    let size = composition.output_size.as_vec2();
    out.clear();
    out.resize(plan.values.max(FIRST_VALUE), [0.0; 4]);
    let parsed = composition.parsed.as_ref();
    let found = parsed.map_or(&[][..], |parsed| &parsed.perception.faces);
    let view = View { uv: *uv, aspect: size.x / size.y.max(1.0) };
    let (faces, count) = faces::values(found, composition.motion.as_deref(), &view);
    let [time, delta, frame] = clock.values();
    let perceived = if parsed.is_some() { 1.0 } else { 0.0 };
    let head = [[time, delta, frame, count as f32], [size.x, size.y, 1.0 / uv.y.abs().max(1e-3), perceived]];
    let things = parsed.map_or([[0.0; 4]; COUNTS], |parsed| counts(&parsed.perception.things));
    let shared = head.into_iter().chain(faces.into_iter().flatten()).chain(things);
    for (slot, value) in out.iter_mut().zip(shared) {
        *slot = value;
    }
    for layer in &plan.layers {
        let worn = dress.stacks.get(layer.stack).and_then(|stack| stack.get(layer.place));
        let Some(worn) = worn else { continue };
        let values = worn.values.iter().map(number);
        let values = std::iter::once([worn.opacity, 0.0, 0.0, 0.0]).chain(values);
        for (slot, value) in
            out.iter_mut().skip(layer.first_value).zip(values).take(1 + layer.effect.inputs().len())
        {
            *slot = value;
        }
    }
    for (target, size) in plan.targets.iter().zip(sizes) {
        if let Some(slot) = out.get_mut(target.size_value) {
            *slot = [size.x as f32, size.y as f32, 0.0, 0.0];
        }
    }
}

/// Things that are followed, and those of them in each zone.
fn counts(things: &Things) -> [[f32; 4]; COUNTS] {
    let mut counts = [[0.0; 4]; COUNTS];
    counts[0][0] = things.followed as f32;
    for (slot, count) in counts[1..].as_flattened_mut().iter_mut().zip(things.in_zones) {
        *slot = count as f32;
    }
    counts
}

/// As the shader reads it.
fn number(value: &Value) -> [f32; 4] {
    match value {
        Value::Float(value) => [*value, 0.0, 0.0, 0.0],
        Value::Switch(on) => [if *on { 1.0 } else { 0.0 }, 0.0, 0.0, 0.0],
        Value::Selection(value) => [*value as f32, 0.0, 0.0, 0.0],
        Value::Color([red, green, blue]) => [*red, *green, *blue, 1.0],
        Value::Point([x, y]) => [*x, *y, 0.0, 0.0],
        Value::Blend(mode) => {
            let place = BlendMode::ALL.iter().position(|known| known == mode);
            [place.unwrap_or_default() as f32, 0.0, 0.0, 0.0]
        }
        Value::Texture(_) => [0.0; 4],
    }
}
