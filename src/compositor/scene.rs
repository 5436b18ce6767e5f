//! What is drawn next: the newest picture, in the newest dress whose shader is ready.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResource;

use super::composition::Drawn;
use super::program::{Found, Key, Layouts, Program, Programs, Structure};
use super::{Composition, Dress};
use crate::memory::{MemoryStatus, PressureLevel};

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
    /// Number of the dress that was asked for, where it is worn or never will be; else that of the one that is worn.
    settled: u64,
    pub(super) worn: Worn,
    /// The dress before, and how much of the new one is seen already, 0–1.
    pub(super) from: Option<(Worn, f32)>,
}

impl Picture {
    fn programs(&self) -> impl Iterator<Item = &Program> {
        std::iter::once(&self.worn).chain(self.from.as_ref().map(|(from, _)| from)).map(|worn| &*worn.program)
    }

    /// Whether anything in it needs to know which region is where.
    pub(super) fn needs_mattes(&self) -> bool {
        self.programs().any(Program::needs_mattes)
    }

    /// Whether it keeps its outline for the next one.
    pub(super) fn is_calm(&self) -> bool {
        self.programs().any(|program| program.structure().is_calm())
    }

    fn is(&self, other: &Self) -> bool {
        let same_fade = match (&self.from, &other.from) {
            (None, None) => true,
            (Some((a, seen)), Some((b, other))) => a.is(b) && seen == other,
            _ => false,
        };
        self.revision == other.revision && self.worn.is(&other.worn) && same_fade
    }
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
        if !self.picture.as_ref().is_some_and(|known| known.is(&picture)) {
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
    let newest = key(Structure::of(dress));
    let from = composition.fade.as_ref().map(|fade| {
        let structure = Structure::of(&fade.from).with_mattes_of(&newest.structure);
        let found = programs.get(&key(structure), &layouts);
        (fade, found)
    });
    let from = match from {
        None | Some((_, Found::Failed)) => Some(None),
        Some((_, Found::Coming)) => None,
        Some((fade, Found::Ready(program))) => {
            Some(Some((Worn { dress: fade.from.clone(), program }, fade.progress)))
        }
    };
    let picture =
        |worn: Worn, from| Picture { revision: composition.revision, settled: worn.dress.number, worn, from };
    // The dress is as it was; the picture may be another one.
    let last = |programs: &Programs| {
        let last = scene.picture.as_ref()?;
        let fit = |worn: &Worn| {
            let fitting = programs.ready(&key(worn.program.structure().clone()));
            Worn { dress: worn.dress.clone(), program: fitting.unwrap_or_else(|| worn.program.clone()) }
        };
        let from = last.from.as_ref().map(|(from, progress)| (fit(from), *progress));
        Some(picture(fit(&last.worn), from))
    };
    let wear = |program| Worn { dress: dress.clone(), program };
    let chosen = match (programs.get(&newest, &layouts), from) {
        (Found::Ready(program), Some(from)) => Some(picture(wear(program), from)),
        (Found::Failed, _) => {
            last(&programs).map(|last| Picture { settled: dress.number, ..last }).or_else(|| {
                // Nothing was ever drawn: the rest of the look is better than nothing.
                let plain = key(newest.structure.clone().without_effects());
                match programs.get(&plain, &layouts) {
                    Found::Ready(program) => Some(picture(wear(program), None)),
                    Found::Coming | Found::Failed => None,
                }
            })
        }
        _ if composition.wait => None,
        // A picture of another kind in the same dress is drawn well enough by what drew those before.
        (Found::Coming, Some(from)) => match programs.any(&newest.structure) {
            Some(program) => Some(picture(wear(program), from)),
            None => last(&programs),
        },
        (_, None) => last(&programs),
    };
    match chosen {
        Some(picture) => scene.show(picture),
        None => scene.is_due = false,
    }
}

/// Whether memory is tight, told to the render world.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq, ExtractResource)]
pub(super) struct Thrift(bool);

pub(super) fn note_pressure(memory: Res<MemoryStatus>, mut thrift: ResMut<Thrift>) {
    thrift.set_if_neq(Thrift(memory.level >= PressureLevel::Warning));
}

/// While memory is tight, only the shaders of what is seen are kept: a driver may hold tens of megabytes for each.
pub(super) fn let_go_of_programs(
    thrift: Res<Thrift>,
    composition: Res<Composition>,
    mut programs: ResMut<Programs>,
) {
    // Without frames nothing is asked for, and what is seen may stay for long.
    if thrift.0 && composition.frame.is_some() {
        programs.let_go_of_resting();
    }
}

/// Whether the picture of this revision was drawn is asked for by the main world.
pub(super) fn note_drawn(scene: &mut Scene, drawn: &Drawn) {
    if let Some(picture) = scene.due() {
        drawn.set(picture.revision, picture.settled);
    }
    scene.set_drawn();
}
