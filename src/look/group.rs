//! Parameters that belong together: those of one table of a look.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use super::{
    BoxStyle, FaceMeshStyle, FacePart, FacePartStyle, Look, MatteStyle, Overlay, RegionStyle, Stack,
};
use crate::effect::Effect;
use crate::frame::Region;
use crate::parameters::{Field, Fields, Slot, SlotMut};

/// The parameters that stand in one table of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterGroup {
    /// `[matte]`.
    Matte,
    /// What one region wears.
    Region(Region),
    /// What one part of the face wears.
    Face(FacePart),
    /// `[face_mesh]`.
    Mesh,
    /// `[boxes]`.
    Boxes,
    /// The effect at this place of a stack, counted from below.
    Effect(Stack, usize),
    /// The overlay at this place, counted from below, from 0.
    Overlay(usize),
}

/// The parameters of one group.
#[derive(Debug, Clone)]
pub enum FieldList {
    /// Those of a group that every look has.
    Fixed(&'static [Field]),
    /// Those of a layer that wears this effect.
    Effect(Arc<Effect>),
}

impl Deref for FieldList {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        match self {
            Self::Fixed(fields) => fields,
            Self::Effect(effect) => effect.fields(),
        }
    }
}

/// What a layer that is not there has.
#[derive(Debug)]
struct Nothing;

impl Fields for Nothing {
    fn fields(&self) -> &[Field] {
        &[]
    }

    fn slot(&self, _: &str) -> Option<Slot<'_>> {
        None
    }

    fn slot_mut(&mut self, _: &str) -> Option<SlotMut<'_>> {
        None
    }

    fn clamp(&mut self) {}
}

impl ParameterGroup {
    /// All groups that every look has, in the order of a look.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Matte)
            .chain(Region::ALL.map(Self::Region))
            .chain(FacePart::ALL.map(Self::Face))
            .chain([Self::Mesh, Self::Boxes])
    }

    /// All groups of `look`: those that every look has, and one per effect.
    pub fn of(look: &Look) -> impl Iterator<Item = Self> {
        let layers = Stack::all().flat_map(|stack| (0..look.stack(stack).len()).map(move |at| (stack, at)));
        let overlays = (0..look.overlays.len()).map(Self::Overlay);
        Self::all().chain(layers.map(|(stack, at)| Self::Effect(stack, at))).chain(overlays)
    }

    /// The part of the path before the key.
    pub fn path(self, look: &Look) -> String {
        match self {
            Self::Matte => "matte".to_owned(),
            Self::Region(region) => format!("region/{}", region.name()),
            // What is below `face` need not say so again.
            Self::Face(_) | Self::Mesh => format!("face/{}", self.table().trim_start_matches("face_")),
            Self::Boxes => "boxes".to_owned(),
            Self::Effect(stack, at) => {
                let names = look.layer_names(stack);
                format!("{}/{}", stack.path(), names.get(at).map_or("", String::as_str))
            }
            Self::Overlay(at) => format!("overlay/{}", at + 1),
        }
    }

    /// Name of the table in a look's file.
    pub fn table(self) -> Cow<'static, str> {
        match self {
            Self::Matte => "matte".into(),
            Self::Region(region) => region.name().into(),
            Self::Face(part) => part.name().into(),
            Self::Mesh => "face_mesh".into(),
            Self::Boxes => "boxes".into(),
            Self::Effect(stack, _) => stack.table().into(),
            Self::Overlay(_) => "overlays".into(),
        }
    }

    /// Its parameters, in the order in which they are shown.
    pub fn fields(self, look: &Look) -> FieldList {
        match self {
            Self::Matte => FieldList::Fixed(MatteStyle::FIELDS),
            Self::Region(_) => FieldList::Fixed(RegionStyle::FIELDS),
            Self::Face(_) => FieldList::Fixed(FacePartStyle::FIELDS),
            Self::Mesh => FieldList::Fixed(FaceMeshStyle::FIELDS),
            Self::Boxes => FieldList::Fixed(BoxStyle::FIELDS),
            Self::Overlay(_) => FieldList::Fixed(Overlay::FIELDS),
            Self::Effect(stack, at) => {
                let layer = look.stack(stack).get(at);
                layer.map_or(FieldList::Fixed(&[]), |layer| FieldList::Effect(layer.effect.clone()))
            }
        }
    }

    /// Where `look` keeps it; an effect that is not there has no fields.
    pub fn style(self, look: &Look) -> &dyn Fields {
        match self {
            Self::Matte => &look.matte,
            Self::Region(region) => look.style(region),
            Self::Face(part) => look.face_part(part),
            Self::Mesh => &look.face_mesh,
            Self::Boxes => &look.boxes,
            Self::Effect(stack, at) => match look.stack(stack).get(at) {
                Some(layer) => layer,
                None => &Nothing,
            },
            Self::Overlay(at) => match look.overlays.get(at) {
                Some(overlay) => overlay,
                None => &Nothing,
            },
        }
    }

    /// Where `look` keeps it, to change it; an effect that is not there has no fields.
    pub fn style_mut(self, look: &mut Look) -> &mut dyn Fields {
        match self {
            Self::Matte => &mut look.matte,
            Self::Region(region) => look.style_mut(region),
            Self::Face(part) => look.face_part_mut(part),
            Self::Mesh => &mut look.face_mesh,
            Self::Boxes => &mut look.boxes,
            Self::Effect(stack, at) => match look.stack_mut(stack).get_mut(at) {
                Some(layer) => layer,
                // Nothing has no size: nothing is allocated.
                None => Box::leak(Box::new(Nothing)),
            },
            Self::Overlay(at) => match look.overlays.get_mut(at) {
                Some(overlay) => overlay,
                None => Box::leak(Box::new(Nothing)),
            },
        }
    }
}
