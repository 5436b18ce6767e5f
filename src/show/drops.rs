//! What is dropped on the window.

use bevy::prelude::*;
use bevy::window::FileDragAndDrop;

use crate::look::AddTextures;
use crate::schedule::MasqueSystems;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, add_dropped_textures.before(MasqueSystems::Direct));
}

/// A folder or file becomes textures of the library; whether it is any is found out beside the main loop.
fn add_dropped_textures(mut dropped: MessageReader<FileDragAndDrop>, mut added: MessageWriter<AddTextures>) {
    for message in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = message {
            added.write(AddTextures(path_buf.clone()));
        }
    }
}
