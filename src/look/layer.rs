//! Effects in a look: stacks of layers, one per region and one over the whole picture.

use std::sync::Arc;

use super::Look;
use crate::effect::{Effect, EffectLibrary};
use crate::frame::Region;
use crate::parameters::{Field, Fields, Kind, Slot, SlotMut, Value};

/// Most effects of one stack.
pub const MOST_EFFECTS: usize = 8;

/// An effect that is worn, and how it is set.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectLayer {
    /// What is drawn.
    pub effect: Arc<Effect>,
    /// Whether it is drawn.
    pub on: bool,
    /// How much of it is seen over what is below, 0–1.
    pub opacity: f32,
    /// The value of each input, in the order of [`Effect::inputs`] and of the input's kind.
    pub values: Vec<Value>,
}

/// Where effects lie over each other, the first at the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stack {
    /// Over the whole picture.
    Picture,
    /// In one region, over its dress.
    Region(Region),
}

impl EffectLayer {
    /// The effect as its author set it.
    pub fn new(effect: Arc<Effect>) -> Self {
        let values = effect.inputs().iter().map(|input| input.field.kind.default_value()).collect();
        Self { effect, on: true, opacity: 1.0, values }
    }

    /// Draws `effect` from now on. Values stay by their names, brought into the range that they have now; those
    /// that are of another kind now begin with the default.
    pub fn refresh(&mut self, effect: Arc<Effect>) {
        let mut next = Self { on: self.on, opacity: self.opacity, ..Self::new(effect) };
        for (input, before) in self.effect.inputs().iter().zip(&self.values) {
            if let Some(slot) = next.slot_mut(&input.field.key) {
                slot.put(before.clone());
            }
        }
        next.clamp();
        *self = next;
    }

    /// Whether an event of it happens now.
    pub fn has_event(&self) -> bool {
        let inputs = self.effect.inputs().iter().zip(&self.values);
        inputs
            .into_iter()
            .any(|(input, value)| matches!(input.field.kind, Kind::Event(_)) && *value == Value::Switch(true))
    }

    fn index(&self, key: &str) -> Option<usize> {
        self.effect.inputs().iter().position(|input| input.field.key == key)
    }
}

impl Fields for EffectLayer {
    fn fields(&self) -> &[Field] {
        self.effect.fields()
    }

    fn slot(&self, key: &str) -> Option<Slot<'_>> {
        match key {
            "on" => Some((&self.on).into()),
            "opacity" => Some((&self.opacity).into()),
            _ => self.values.get(self.index(key)?).map(Slot::from),
        }
    }

    fn slot_mut(&mut self, key: &str) -> Option<SlotMut<'_>> {
        match key {
            "on" => Some((&mut self.on).into()),
            "opacity" => Some((&mut self.opacity).into()),
            _ => {
                let index = self.index(key)?;
                self.values.get_mut(index).map(SlotMut::from)
            }
        }
    }

    fn clamp(&mut self) {
        let effect = self.effect.clone();
        for field in effect.fields() {
            if let Some(slot) = self.slot_mut(&field.key) {
                field.kind.clamp(slot);
            }
        }
    }
}

impl Stack {
    /// All stacks, in the order in which they are drawn.
    pub fn all() -> impl Iterator<Item = Self> {
        Region::ALL.map(Self::Region).into_iter().chain([Self::Picture])
    }

    /// Its array of tables in a look's file.
    pub fn table(self) -> String {
        match self {
            Self::Picture => "effects".to_owned(),
            Self::Region(region) => format!("{}.effects", region.name()),
        }
    }

    /// What the paths of its layers begin with.
    pub fn path(self) -> String {
        match self {
            Self::Picture => "effect".to_owned(),
            Self::Region(region) => format!("region/{}/effect", region.name()),
        }
    }
}

impl Look {
    /// The effects of `stack`, from below.
    pub fn stack(&self, stack: Stack) -> &[EffectLayer] {
        match stack {
            Stack::Picture => &self.effects,
            Stack::Region(region) => self.region_effects(region),
        }
    }

    /// The effects of `stack`, to change them; at most [`MOST_EFFECTS`] are drawn.
    pub fn stack_mut(&mut self, stack: Stack) -> &mut Vec<EffectLayer> {
        match stack {
            Stack::Picture => &mut self.effects,
            Stack::Region(region) => &mut self.region_effects[region.index()],
        }
    }

    /// The effects in `region`, from below.
    pub fn region_effects(&self, region: Region) -> &[EffectLayer] {
        &self.region_effects[region.index()]
    }

    /// Lays `effect` over the others of `stack`; false where there is no room.
    pub fn add_effect(&mut self, stack: Stack, effect: Arc<Effect>) -> bool {
        let layers = self.stack_mut(stack);
        let room = layers.len() < MOST_EFFECTS;
        if room {
            layers.push(EffectLayer::new(effect));
        }
        room
    }

    /// Takes away the layer `index` of `stack`, counted from below.
    pub fn remove_effect(&mut self, stack: Stack, index: usize) {
        let layers = self.stack_mut(stack);
        if index < layers.len() {
            layers.remove(index);
        }
    }

    /// Puts the layer `from` of `stack` where `to` is, counted from below.
    pub fn move_effect(&mut self, stack: Stack, from: usize, to: usize) {
        let layers = self.stack_mut(stack);
        if from < layers.len() {
            let layer = layers.remove(from);
            layers.insert(to.min(layers.len()), layer);
        }
    }

    /// What the layers of `stack` are called in paths: as their effects, the second of one with a `_2`.
    pub fn layer_names(&self, stack: Stack) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for layer in self.stack(stack) {
            let effect = layer.effect.name();
            let numbered = (2..).map(|number| format!("{effect}_{number}"));
            let name = std::iter::once(effect.to_owned()).chain(numbered).find(|name| !names.contains(name));
            names.extend(name);
        }
        names
    }

    /// Wears the effects of `library` where it has newer ones; whether that changed anything.
    pub fn refresh_effects(&mut self, library: &EffectLibrary) -> bool {
        let mut changed = false;
        for layer in Stack::all().collect::<Vec<_>>() {
            for layer in self.stack_mut(layer) {
                if let Some(effect) =
                    library.get(layer.effect.name()).filter(|effect| *effect != layer.effect)
                {
                    layer.refresh(effect);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Whether an event of an effect happens now: it is to be ended once it was drawn.
    pub fn has_events(&self) -> bool {
        Stack::all().any(|stack| self.stack(stack).iter().any(EffectLayer::has_event))
    }

    /// Ends all events.
    pub fn end_events(&mut self) {
        for stack in Stack::all() {
            for layer in self.stack_mut(stack) {
                for (input, value) in layer.effect.inputs().iter().zip(&mut layer.values) {
                    if matches!(input.field.kind, Kind::Event(_)) {
                        *value = Value::Switch(false);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An effect of the inputs that `inputs` describes, without braces.
    fn effect(name: &str, inputs: &[&str]) -> Arc<Effect> {
        let inputs: Vec<_> = inputs.iter().map(|input| format!("{{ {input} }}")).collect();
        let source = format!(
            "/*{{ \"INPUTS\": [{}] }}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> {{ return below(uv); }}",
            inputs.join(", ")
        );
        Arc::new(Effect::parse(name, &source).expect("an effect"))
    }

    #[test]
    fn layers_are_added_moved_and_removed_up_to_a_limit() {
        let mut look = Look::default();
        let stack = Stack::Region(Region::Hair);
        for _ in 0..MOST_EFFECTS {
            assert!(look.add_effect(stack, effect("a", &[])));
        }
        assert!(!look.add_effect(stack, effect("b", &[])));
        assert!(look.add_effect(Stack::Picture, effect("b", &[])));
        look.remove_effect(stack, 0);
        look.add_effect(stack, effect("b", &[]));
        look.move_effect(stack, MOST_EFFECTS - 1, 0);
        let names = look.layer_names(stack);
        assert_eq!((names[0].as_str(), names[1].as_str(), names[2].as_str()), ("b", "a", "a_2"));
        look.remove_effect(stack, 99);
        look.move_effect(stack, 99, 0);
        look.move_effect(stack, 0, 99);
        assert_eq!(look.region_effects(Region::Hair).len(), MOST_EFFECTS);
        assert_eq!(look.layer_names(stack).last().map(String::as_str), Some("b"));
    }

    #[test]
    fn names_in_paths_are_unique() {
        let mut look = Look::default();
        for name in ["a", "a_2", "a", "a", "a_2"] {
            look.add_effect(Stack::Picture, effect(name, &[]));
        }
        assert_eq!(look.layer_names(Stack::Picture), ["a", "a_2", "a_3", "a_4", "a_2_2"]);
    }

    #[test]
    fn an_edited_effect_keeps_values_by_name_and_within_the_range() {
        let float = "\"TYPE\": \"float\"";
        let before = effect(
            "a",
            &[
                &format!("\"NAME\": \"x\", {float}"),
                &format!("\"NAME\": \"y\", {float}"),
                &format!("\"NAME\": \"z\", {float}"),
            ],
        );
        let mut layer = EffectLayer { on: false, opacity: 0.25, ..EffectLayer::new(before) };
        layer.values = vec![Value::Float(0.9), Value::Float(0.3), Value::Float(0.7)];
        let after = effect(
            "a",
            &[
                &format!("\"NAME\": \"y\", {float}"),
                &format!("\"NAME\": \"x\", {float}, \"MAX\": 0.5"),
                "\"NAME\": \"z\", \"TYPE\": \"bool\"",
            ],
        );
        layer.refresh(after);
        assert_eq!(layer.values, [Value::Float(0.3), Value::Float(0.5), Value::Switch(false)]);
        assert_eq!((layer.on, layer.opacity), (false, 0.25));
    }

    #[test]
    fn events_end() {
        let mut look = Look::default();
        look.add_effect(
            Stack::Picture,
            effect("a", &["\"NAME\": \"x\", \"TYPE\": \"bool\"", "\"NAME\": \"y\", \"TYPE\": \"event\""]),
        );
        look.effects[0].values = vec![Value::Switch(true), Value::Switch(true)];
        assert!(look.has_events());
        look.end_events();
        assert!(!look.has_events());
        assert_eq!(look.effects[0].values, [Value::Switch(true), Value::Switch(false)]);
    }
}
