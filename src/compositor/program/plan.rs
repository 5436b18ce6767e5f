//! Where the effects of a program are: their names in the shader, their values, their textures.

use std::sync::Arc;

use bevy::render::render_resource::TextureFormat;

use super::structure::{Layer, Structure};
use crate::effect::Effect;
use crate::frame::Region;
use crate::parameters::Kind;

/// Stacks of effects: one per region, and the one over the whole picture.
pub(in crate::compositor) const STACKS: usize = Region::COUNT + 1;
/// The stack over the whole picture.
pub(in crate::compositor) const WHOLE_STACK: usize = Region::COUNT;
/// Faces that effects know.
pub(in crate::compositor) const FACES: usize = 4;
/// Values in front of those of the layers: clock, sizes, and four for each face.
pub(in crate::compositor) const FIRST_VALUE: usize = 2 + 4 * FACES;

/// One effect of a program.
#[derive(Debug, Clone)]
pub(in crate::compositor) struct LayerPlan {
    pub(in crate::compositor) stack: usize,
    /// Its place in its stack, from below, layers that are left out included.
    pub(in crate::compositor) place: usize,
    pub(in crate::compositor) effect: Arc<Effect>,
    /// Opacity; the inputs follow, one value each.
    pub(in crate::compositor) first_value: usize,
    pub(super) mixed: bool,
    /// It looks at what lies below it only where it draws itself.
    pub(super) in_place: bool,
    /// Texture slot of each input that is an image.
    pub(in crate::compositor) images: Vec<(usize, usize)>,
    /// Its targets in the plan's list.
    pub(in crate::compositor) targets: std::ops::Range<usize>,
}

impl LayerPlan {
    /// What its names begin with in the pass that is seen.
    pub(super) fn prefix(&self) -> String {
        format!("r{}l{}_", self.stack, self.place)
    }

    /// What its names begin with in the pass that draws its target number `pass`.
    pub(super) fn pass_prefix(&self, pass: usize) -> String {
        format!("r{}l{}p{pass}_", self.stack, self.place)
    }
}

/// A texture that a layer draws before it is seen.
#[derive(Debug, Clone)]
pub(in crate::compositor) struct TargetPlan {
    /// The layer in the plan's list.
    pub(in crate::compositor) layer: usize,
    pub(in crate::compositor) pass: usize,
    pub(in crate::compositor) name: String,
    pub(in crate::compositor) persistent: bool,
    float: bool,
    pub(in crate::compositor) scale: f32,
    pub(in crate::compositor) slot: usize,
    /// Where its size is among the values.
    pub(in crate::compositor) size_value: usize,
}

impl TargetPlan {
    /// The texture's format.
    pub(in crate::compositor) fn format(&self) -> TextureFormat {
        if self.float { TextureFormat::Rgba16Float } else { TextureFormat::Rgba8Unorm }
    }
}

/// All effects of a program.
#[derive(Debug, Clone, Default)]
pub(in crate::compositor) struct Plan {
    pub(in crate::compositor) layers: Vec<LayerPlan>,
    pub(in crate::compositor) targets: Vec<TargetPlan>,
    /// How many values there are.
    pub(in crate::compositor) values: usize,
    /// Regions whose edge distance is asked for, one bit each; the last bit is people.
    pub(in crate::compositor) edges: u8,
    /// Effects for which there are not enough texture slots.
    pub(in crate::compositor) left_out: Vec<String>,
}

/// The bit of people in [`Plan::edges`].
pub(in crate::compositor) const PEOPLE: usize = Region::COUNT;

impl Plan {
    /// The effects of `structure` that fit into so many `slots` for textures; none: there can be no effects.
    pub(super) fn new(structure: &Structure, slots: Option<usize>) -> Self {
        let mut plan = Self { values: FIRST_VALUE, ..Self::default() };
        let mut free = 0;
        for (stack, layers) in structure.stacks.iter().enumerate() {
            for (place, layer) in layers.iter().enumerate() {
                plan.add(stack, place, layer, &mut free, slots);
            }
        }
        plan
    }

    /// The layers of one stack, from below.
    pub(super) fn stack(&self, stack: usize) -> impl Iterator<Item = (usize, &LayerPlan)> {
        self.layers.iter().enumerate().filter(move |(_, layer)| layer.stack == stack)
    }

    fn add(&mut self, stack: usize, place: usize, layer: &Layer, free: &mut usize, slots: Option<usize>) {
        let effect = &layer.effect;
        let is_image = |kind: &Kind| matches!(kind, Kind::Texture(_));
        let images = effect.inputs().iter().enumerate().filter(|(_, input)| is_image(&input.field.kind));
        let images: Vec<usize> = images.map(|(index, _)| index).collect();
        let passes = effect.passes().iter().enumerate();
        let drawn: Vec<_> =
            passes.filter_map(|(index, pass)| Some((index, pass, pass.target.clone()?))).collect();
        if slots.is_none_or(|slots| *free + images.len() + drawn.len() > slots) {
            self.left_out.push(effect.name().to_owned());
            return;
        }
        let mut slot = || {
            *free += 1;
            *free - 1
        };
        let first_value = self.values;
        self.values += 1 + effect.inputs().len();
        let first_target = self.targets.len();
        let images = images.into_iter().map(|index| (index, slot())).collect();
        for (pass, declared, name) in drawn {
            self.targets.push(TargetPlan {
                layer: self.layers.len(),
                pass,
                name,
                persistent: declared.persistent,
                float: declared.float,
                scale: declared.scale,
                slot: slot(),
                size_value: self.values,
            });
            self.values += 1;
        }
        self.edges |= edges(effect, stack);
        self.layers.push(LayerPlan {
            stack,
            place,
            effect: effect.clone(),
            first_value,
            mixed: layer.mixed,
            in_place: is_in_place(&effect.code("x_")),
            images,
            targets: first_target..self.targets.len(),
        });
    }
}

/// Names of regions in effects, in the order of the bits.
const NAMES: [&str; 7] = ["BACKGROUND", "HAIR", "BODY_SKIN", "FACE_SKIN", "CLOTHES", "ACCESSORIES", "PEOPLE"];

/// Which edges `effect` asks for in the stack of a region, or in the one over the whole picture.
fn edges(effect: &Effect, stack: usize) -> u8 {
    if !effect.uses().edge_distance {
        return 0;
    }
    let own = 1 << stack.min(PEOPLE);
    let code = effect.code("x_");
    let asked = code.match_indices("edge_distance_of").map(|(at, word)| {
        let named = code[at + word.len()..].trim_start().strip_prefix('(').map(str::trim_start);
        let name = named.and_then(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_').next());
        match NAMES.iter().position(|known| Some(*known) == name) {
            Some(bit) => 1 << bit,
            None if name == Some("x_REGION") => own,
            // Which one is known only when it is drawn.
            None => (1 << NAMES.len()) - 1,
        }
    });
    let others: u8 = asked.fold(0, |all, bit| all | bit);
    // Its own is asked for with a prefix.
    if code.contains("x_edge_distance") { others | own } else { others }
}

/// Whether `code`, whose names begin with `x_`, calls `below` with the very place that it draws, and only there:
/// then what lies below is known already. In doubt it is not so.
fn is_in_place(code: &str) -> bool {
    let Some(head) = code.find("fn x_effect") else { return false };
    let words = |text: &str| text.split_whitespace().collect::<String>();
    if !words(&code[head..]).starts_with("fnx_effect(uv:")
        || code.contains("let uv")
        || code.contains("var uv")
    {
        return false;
    }
    let Some(body) = block(&code[head..]).map(|body| head..head + body) else { return false };
    code.match_indices("x_below")
        .all(|(at, word)| body.contains(&at) && words(&code[at + word.len()..]).starts_with("(uv)"))
}

/// Where the block that `text` has first ends.
fn block(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_elsewhere_is_told_from_what_does_not() {
        let effect = |body: &str| {
            format!(
                "fn x_tint() -> f32 {{ return 1.0; }}\nfn x_effect(uv: vec2<f32>) -> vec4<f32> {{ {body} }}"
            )
        };
        assert!(is_in_place(&effect("let c = x_below( uv ); return c;")));
        assert!(is_in_place(&effect("return vec4(1.0);")));
        assert!(!is_in_place(&effect("return x_below(uv * 2.0);")));
        assert!(!is_in_place(&effect("let uv = vec2(0.5); return x_below(uv);")));
        assert!(!is_in_place(
            "fn x_help(uv: vec2<f32>) -> vec4<f32> { return x_below(uv); }\nfn x_effect(uv: vec2<f32>) -> vec4<f32> { return x_help(uv + 0.1); }"
        ));
        assert!(!is_in_place("fn x_effect(at: vec2<f32>) -> vec4<f32> { return x_below(at); }"));
    }

    #[test]
    fn only_edges_that_are_asked_for_are_made() {
        let effect = |body: &str| {
            let source = format!("/*{{}}*/ fn effect(uv: vec2<f32>) -> vec4<f32> {{ {body} }}");
            Effect::parse("edges", &source).expect("an effect")
        };
        assert_eq!(edges(&effect("return below(uv);"), 1), 0);
        assert_eq!(edges(&effect("return vec4(edge_distance(uv));"), 1), 0b10);
        assert_eq!(edges(&effect("return vec4(edge_distance(uv));"), WHOLE_STACK), 1 << PEOPLE);
        assert_eq!(edges(&effect("return vec4(edge_distance_of( FACE_SKIN, uv));"), 1), 0b1000);
        assert_eq!(edges(&effect("return vec4(edge_distance_of(REGION, uv));"), 4), 0b10000);
        assert_eq!(edges(&effect("return vec4(edge_distance_of(FRAMEINDEX % 6, uv));"), 4), 0x7f);
    }
}
