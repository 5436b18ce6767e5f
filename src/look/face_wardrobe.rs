//! The textures that faces wear, decoded in the background.

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::texture::{TextureError, decode};
use super::{FacePart, Look, TextureLibrary};
use crate::schedule::Waker;
use crate::stats::Stats;

/// One texture per part of the face: the one worn, and the one that is being decoded.
#[derive(Debug, Default)]
pub(super) struct FaceWardrobe {
    worn: [Option<Worn>; FacePart::COUNT],
    coming: [Option<Coming>; FacePart::COUNT],
}

/// A texture, or none where it could not be had: it is not asked for again.
#[derive(Debug)]
struct Worn {
    name: String,
    texture: Option<Handle<Image>>,
}

#[derive(Debug)]
struct Coming {
    name: String,
    task: Task<Result<Image, TextureError>>,
}

impl FaceWardrobe {
    pub(super) fn texture(&self, part: FacePart) -> Option<&Handle<Image>> {
        self.worn[part.index()].as_ref()?.texture.as_ref()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.coming.iter().all(Option::is_none)
    }

    /// Asks for what `look` names and takes what has come.
    pub(super) fn fetch(
        &mut self,
        look: &Look,
        library: &TextureLibrary,
        images: &mut Assets<Image>,
        (stats, waker): (&Stats, &Waker),
    ) {
        for part in FacePart::ALL {
            let (worn, coming) = (&mut self.worn[part.index()], &mut self.coming[part.index()]);
            let wanted = look.face_part(part).texture.as_deref().filter(|_| look.paints(part));
            let Some(wanted) = wanted else {
                (*worn, *coming) = (None, None);
                continue;
            };
            if worn.as_ref().is_some_and(|worn| worn.name == wanted) {
                *coming = None;
                continue;
            }
            let mut asked = match coming.take() {
                Some(asked) if asked.name == wanted => asked,
                _ => ask(library, wanted, waker),
            };
            let Some(outcome) = block_on(poll_once(&mut asked.task)) else {
                *coming = Some(asked);
                continue;
            };
            let texture = outcome.map(|image| images.add(image));
            if let Err(error) = &texture {
                stats.count("face_textures_failed");
                stats.event(format!("{} stays bare: {error}", part.name()));
            }
            *worn = Some(Worn { name: asked.name, texture: texture.ok() });
        }
    }
}

fn ask(library: &TextureLibrary, name: &str, waker: &Waker) -> Coming {
    let bytes = library.bytes(name);
    let (path, waker) = (name.to_owned(), waker.clone());
    let task = IoTaskPool::get().spawn(async move {
        let outcome = decode(&path, bytes);
        waker.wake();
        outcome
    });
    Coming { name: name.to_owned(), task }
}
