//! Bind groups of effects: one for each pass, since each sees other textures.

use bevy::render::render_resource::{
    BindGroup, BindGroupEntry, BindGroupLayout, BindingResource, Buffer, TextureView, TextureViewId,
};
use bevy::render::renderer::RenderDevice;

/// Pictures after which a group that was not used goes: targets take turns, and one frame may be drawn twice.
const TURNS: u64 = 4;

/// Groups by the textures that are in them.
#[derive(Default)]
pub(super) struct Groups {
    known: Vec<Group>,
    ids: Vec<TextureViewId>,
    turn: u64,
}

struct Group {
    ids: Vec<TextureViewId>,
    group: BindGroup,
    used: u64,
}

impl Groups {
    /// Another picture: what was not used for some goes, and so do the textures that only it holds.
    pub(super) fn turn(&mut self) {
        self.turn += 1;
        let turn = self.turn;
        self.known.retain(|group| group.used + TURNS >= turn);
    }

    /// The group of `values` and `views`, which are bound from 1 on.
    pub(super) fn get(
        &mut self,
        device: &RenderDevice,
        layout: &BindGroupLayout,
        values: &Buffer,
        views: &[&TextureView],
    ) -> BindGroup {
        self.ids.clear();
        self.ids.extend(views.iter().map(|view| view.id()));
        if let Some(known) = self.known.iter_mut().find(|group| group.ids == self.ids) {
            known.used = self.turn;
            return known.group.clone();
        }
        let mut entries = vec![BindGroupEntry { binding: 0, resource: values.as_entire_binding() }];
        entries.extend(
            views.iter().zip(1..).map(|(view, binding)| BindGroupEntry {
                binding,
                resource: BindingResource::TextureView(view),
            }),
        );
        let group = device.create_bind_group("masque_effects", layout, &entries);
        self.known.push(Group { ids: self.ids.clone(), group: group.clone(), used: self.turn });
        group
    }

    /// Lets go of all of them.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
