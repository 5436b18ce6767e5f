//! Bind groups of effects: one for each pass, since each sees other textures.

use bevy::render::render_resource::{
    BindGroup, BindGroupEntry, BindGroupLayout, BindingResource, Buffer, TextureView, TextureViewId,
};
use bevy::render::renderer::RenderDevice;

use crate::compositor::bind_groups::Recent;

/// Groups by the textures that are in them.
#[derive(Default)]
pub(super) struct Groups {
    recent: Recent<BindGroup>,
    ids: Vec<TextureViewId>,
}

impl Groups {
    /// Another picture: what was not used for some goes.
    pub(super) fn turn(&mut self) {
        self.recent.turn();
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
        self.recent.get(&self.ids, || {
            let mut entries = vec![BindGroupEntry { binding: 0, resource: values.as_entire_binding() }];
            entries.extend(views.iter().zip(1..).map(|(view, binding)| BindGroupEntry {
                binding,
                resource: BindingResource::TextureView(view),
            }));
            device.create_bind_group("masque_effects", layout, &entries)
        })
    }

    /// Lets go of all of them.
    pub(super) fn clear(&mut self) {
        self.recent = Recent::default();
    }
}
