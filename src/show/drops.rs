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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_becomes_textures_and_what_only_passes_does_not() {
        let mut app = App::new();
        app.add_message::<FileDragAndDrop>().add_message::<AddTextures>().add_plugins(plugin);
        let (window, path) = (Entity::PLACEHOLDER, std::path::PathBuf::from("/somewhere/bark.png"));
        let world = app.world_mut();
        world.write_message(FileDragAndDrop::HoveredFile { window, path_buf: "/elsewhere".into() });
        world.write_message(FileDragAndDrop::DroppedFile { window, path_buf: path.clone() });
        app.update();
        let added: Vec<_> = app.world_mut().resource_mut::<Messages<AddTextures>>().drain().collect();
        assert_eq!(added, [AddTextures(path)]);
    }
}
