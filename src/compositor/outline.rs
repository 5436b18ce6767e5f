//! How much of each output pixel is behind the people, kept from picture to picture: on a pixel whose colour
//! stays, the outline moves slowly.

use bevy::math::{UVec2, Vec4};
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages, TextureView};
use bevy::render::renderer::RenderDevice;

use super::passes::texture;

pub(super) const OUTLINE: TextureFormat = TextureFormat::R8Unorm;

/// The outline being drawn and the one before it.
#[derive(Resource, Default)]
pub(super) struct Outline {
    views: Option<[TextureView; 2]>,
    size: UVec2,
    /// How it lies in the frame.
    uv: Vec4,
    current: usize,
    /// The one before holds a picture's outline.
    pub(super) known: bool,
}

impl Outline {
    /// Makes it `size`, of a frame that `uv` leads to; what was known at another size or of another part of it is lost.
    pub(super) fn fit(&mut self, device: &RenderDevice, (size, uv): (UVec2, Vec4)) {
        self.known &= self.uv == uv;
        self.uv = uv;
        if self.views.is_none() || self.size != size {
            let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
            let view = |_| texture(device, "masque_outline", (size.x, size.y), OUTLINE, usage).1;
            self.views = Some([0, 1].map(view));
            self.size = size;
            self.known = false;
        }
    }

    /// The one being drawn and the one before.
    pub(super) fn views(&self) -> Option<[&TextureView; 2]> {
        self.views.as_ref().map(|views| [&views[self.current], &views[1 - self.current]])
    }

    /// The one being drawn was drawn: it is the one before from now on.
    pub(super) fn turn(&mut self) {
        self.current = 1 - self.current;
        self.known = true;
    }

    /// Nothing is known: the picture was drawn without.
    pub(super) fn forget(&mut self) {
        (self.views, self.known) = (None, false);
    }
}
