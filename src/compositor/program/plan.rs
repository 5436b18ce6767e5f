//! Where the effects of a program are: their names in the shader, their values, their textures.

use std::sync::Arc;

use bevy::render::render_resource::TextureFormat;

use super::reading::{Looks, edges, looks};
use super::structure::{Layer, Structure};
use crate::compositor::Dress;
use crate::effect::Effect;
use crate::frame::Region;
use crate::parameters::{Kind, Value};
use crate::perception::MOST_ZONES;

/// Stacks of effects: one per region, and the one over the whole picture.
pub(in crate::compositor) const STACKS: usize = Region::COUNT + 1;
/// The stack over the whole picture.
pub(in crate::compositor) const WHOLE_STACK: usize = Region::COUNT;
/// Faces that effects know.
pub(in crate::compositor) const FACES: usize = 4;
/// Values in front of those of the layers: clock, sizes, and four for each face.
pub(in crate::compositor) const FIRST_VALUE: usize = FIRST_COUNT + COUNTS;
/// Where it stands how many things there are.
pub(super) const FIRST_COUNT: usize = 2 + 4 * FACES;
/// Values that say how many things are there: in all, and in each zone, four to a value.
pub(in crate::compositor) const COUNTS: usize = 1 + MOST_ZONES.div_ceil(4);

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
    /// Texture slot of what lies below it, where that is drawn beforehand.
    pub(super) drawn_below: Option<usize>,
    /// Texture slot of each input that is an image.
    pub(in crate::compositor) images: Vec<(usize, usize)>,
    /// Inputs whose values are regions of which edges are asked for.
    edge_inputs: Vec<usize>,
    /// How often colours are computed for one pixel of the stack up to here.
    cost: usize,
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
    /// The pass that draws it; none: it is what lies below the layer.
    pub(in crate::compositor) pass: Option<usize>,
    pub(in crate::compositor) name: String,
    pub(in crate::compositor) persistent: bool,
    float: bool,
    pub(in crate::compositor) scale: f32,
    pub(in crate::compositor) slot: usize,
    /// Where its size is among the values.
    pub(in crate::compositor) size_value: usize,
}

/// Where a layer would make a pixel of its stack cost more than so many colours, what lies below it is drawn first,
/// and it looks at the picture of that.
const DEAR: usize = 12;

impl TargetPlan {
    /// What lies below `layer`.
    fn below(layer: usize) -> Self {
        Self {
            layer,
            pass: None,
            name: String::new(),
            persistent: false,
            float: false,
            scale: 1.0,
            slot: 0,
            size_value: 0,
        }
    }

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
    /// Vectors of values that an entry point may take from the vertices.
    pub(super) handed: usize,
    /// Regions whose edge distance is asked for whatever the values are.
    edges: u8,
    /// Effects for which there are not enough texture slots.
    pub(in crate::compositor) left_out: Vec<String>,
}

/// The bit of people in what [`Plan::edges`] gives.
pub(in crate::compositor) const PEOPLE: usize = Region::COUNT;

impl Plan {
    /// The effects of `structure` that fit into so many `slots` for textures (none: there can be no effects), on a
    /// device whose vertices hand on so many vectors of values.
    pub(super) fn new(structure: &Structure, slots: Option<usize>, handed: usize) -> Self {
        let mut plan = Self { values: FIRST_VALUE, handed, ..Self::default() };
        let mut free = 0;
        for (stack, layers) in structure.stacks.iter().enumerate() {
            for (place, layer) in layers.iter().enumerate() {
                plan.add(stack, place, layer, &mut free, slots);
            }
        }
        plan
    }

    /// Regions whose edge distance is asked for in `dress`, one bit each; the bit after them is people.
    pub(in crate::compositor) fn edges(&self, dress: &Dress) -> u8 {
        let chosen = self.layers.iter().flat_map(|layer| {
            let worn = dress.stacks.get(layer.stack).and_then(|stack| stack.get(layer.place));
            layer.edge_inputs.iter().filter_map(move |input| match worn?.values.get(*input)? {
                Value::Selection(-1) => Some(1 << PEOPLE),
                Value::Selection(region) => {
                    let region = usize::try_from(*region).ok().filter(|region| *region < Region::COUNT)?;
                    Some(1 << region)
                }
                _ => None,
            })
        });
        chosen.fold(self.edges, |all, bit: u8| all | bit)
    }

    /// The layers of one stack, from below.
    pub(super) fn stack(&self, stack: usize) -> impl Iterator<Item = (usize, &LayerPlan)> {
        self.layers.iter().enumerate().filter(move |(_, layer)| layer.stack == stack)
    }

    /// Whether there are effects in one stack.
    pub(in crate::compositor) fn has_stack(&self, stack: usize) -> bool {
        self.stack(stack).next().is_some()
    }

    /// Whether `target` belongs to the stack over the whole picture.
    pub(in crate::compositor) fn is_of_whole(&self, target: &TargetPlan) -> bool {
        self.layers.get(target.layer).is_some_and(|layer| layer.stack == WHOLE_STACK)
    }

    fn add(&mut self, stack: usize, place: usize, layer: &Layer, free: &mut usize, slots: Option<usize>) {
        let effect = &layer.effect;
        let is_image = |kind: &Kind| matches!(kind, Kind::Texture(_));
        let images = effect.inputs().iter().enumerate().filter(|(_, input)| is_image(&input.field.kind));
        let images: Vec<usize> = images.map(|(index, _)| index).collect();
        let passes = effect.passes().iter().enumerate();
        let drawn: Vec<_> =
            passes.filter_map(|(index, pass)| Some((index, pass, pass.target.clone()?))).collect();
        let taken = images.len() + drawn.len();
        if slots.is_none_or(|slots| *free + taken > slots) {
            self.left_out.push(effect.name().to_owned());
            return;
        }
        let looks = looks(effect);
        let lower = self.stack(stack).last().map_or(1, |(_, below)| below.cost);
        let often = if let Looks::Elsewhere(often) = looks { often } else { 1 };
        let again = lower.saturating_mul(often + usize::from(layer.mixed));
        let room = slots.is_some_and(|slots| *free + taken < slots);
        let is_dear = lower > 1 && looks != Looks::InPlace && again > DEAR && room;
        let first_value = self.values;
        self.values += 1 + effect.inputs().len();
        let first_target = self.targets.len();
        let mut slot = || {
            *free += 1;
            *free - 1
        };
        let images = images.into_iter().map(|index| (index, slot())).collect();
        let drawn_below = is_dear.then(&mut slot);
        if let Some(slot) = drawn_below {
            self.target(TargetPlan { slot, ..TargetPlan::below(self.layers.len()) });
        }
        for (pass, declared, name) in drawn {
            self.target(TargetPlan {
                layer: self.layers.len(),
                pass: Some(pass),
                name,
                persistent: declared.persistent,
                float: declared.float,
                scale: declared.scale,
                slot: slot(),
                size_value: 0,
            });
        }
        let asked = edges(effect, stack);
        self.edges |= asked.regions;
        self.layers.push(LayerPlan {
            stack,
            place,
            effect: effect.clone(),
            first_value,
            mixed: layer.mixed,
            in_place: looks == Looks::InPlace,
            drawn_below,
            edge_inputs: asked.inputs,
            cost: 1 + match looks {
                Looks::InPlace => lower,
                Looks::Elsewhere(_) if is_dear => 1,
                Looks::Elsewhere(_) => again,
            },
            images,
            targets: first_target..self.targets.len(),
        });
    }

    fn target(&mut self, target: TargetPlan) {
        self.targets.push(TargetPlan { size_value: self.values, ..target });
        self.values += 1;
    }
}
