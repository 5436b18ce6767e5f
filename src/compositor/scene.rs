//! What is drawn next: the newest picture, in the newest dress whose shader is ready.

use std::sync::Arc;

use bevy::prelude::*;

use super::composition::Drawn;
use super::program::{Found, Key, Layouts, Program, Programs, Structure};
use super::{Composition, Dress};

/// A dress and what draws it.
#[derive(Debug, Clone)]
pub(super) struct Worn {
    pub(super) dress: Arc<Dress>,
    pub(super) program: Arc<Program>,
}

impl Worn {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dress, &other.dress) && Arc::ptr_eq(&self.program, &other.program)
    }
}

/// One picture as it is to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    revision: u64,
    pub(super) worn: Worn,
}

/// The picture to be drawn, or the last one that was.
#[derive(Resource, Debug, Default)]
pub(super) struct Scene {
    picture: Option<Picture>,
    is_due: bool,
    turn: u64,
}

impl Scene {
    /// The picture, as long as it is not drawn.
    pub(super) fn due(&self) -> Option<&Picture> {
        self.picture.as_ref().filter(|_| self.is_due)
    }

    /// Counts the pictures that were due.
    pub(super) fn turn(&self) -> u64 {
        self.turn
    }

    /// It is drawn.
    pub(super) fn set_drawn(&mut self) {
        self.is_due = false;
    }

    fn show(&mut self, picture: Picture) {
        let same = self
            .picture
            .as_ref()
            .is_some_and(|known| known.revision == picture.revision && known.worn.is(&picture.worn));
        if !same {
            self.picture = Some(picture);
            self.is_due = true;
            self.turn += 1;
        }
    }
}

/// Decides what is drawn next. While the shader of a new dress is compiled, the last dress stays on; where every
/// picture is waited for, the picture waits instead.
pub(super) fn choose_picture(
    composition: Res<Composition>,
    layouts: Res<Layouts>,
    mut programs: ResMut<Programs>,
    mut scene: ResMut<Scene>,
) {
    let Some(frame) = &composition.frame else { return };
    let key = |structure: Structure| Key {
        structure,
        exact: (composition.output_size.x, composition.output_size.y) == (frame.width, frame.height),
        moved: composition.motion.as_ref().is_some_and(|motion| !motion.is_empty()),
    };
    let dress = &composition.dress;
    let newest = key(Structure::of(&dress.look));
    let last = |programs: &Programs| {
        let last = scene.picture.as_ref()?.worn.clone();
        // The dress is as it was; the picture may be another one.
        let fitting = programs.ready(&key(last.program.structure().clone()));
        Some(Worn { program: fitting.unwrap_or(last.program), ..last })
    };
    let worn = match programs.get(&newest, &layouts) {
        Found::Ready(program) => Some(Worn { dress: dress.clone(), program }),
        Found::Coming if composition.wait => None,
        Found::Coming => match programs.any(&newest.structure) {
            Some(program) => Some(Worn { dress: dress.clone(), program }),
            None => last(&programs),
        },
        Found::Failed => last(&programs),
    };
    match worn {
        Some(worn) => scene.show(Picture { revision: composition.revision, worn }),
        None => scene.is_due = false,
    }
}

/// Whether the picture of this revision was drawn is asked for by the main world.
pub(super) fn note_drawn(scene: &mut Scene, drawn: &Drawn) {
    if let Some(picture) = scene.due() {
        drawn.set(picture.revision);
    }
    scene.set_drawn();
}
