//! Records what effects draw beside the tiles.

use bevy::math::URect;
use bevy::render::render_resource::{BindGroup, CommandEncoder, TextureView};

use super::Effects;
use crate::compositor::passes::{draw_fullscreen, draw_part};
use crate::compositor::program::Program;

/// The bind groups that every pass of a dress shares.
#[derive(Clone, Copy)]
pub(in crate::compositor) struct SharedGroups<'a> {
    pub(in crate::compositor) scene: &'a BindGroup,
    pub(in crate::compositor) mattes: &'a BindGroup,
}

impl Effects {
    /// Where what lies below the whole picture's stack is drawn; none where there is no such stack.
    pub(in crate::compositor) fn composed(&self, stage: usize) -> Option<&TextureView> {
        self.stages.get(stage)?.composed()
    }

    /// What tiles are bound to.
    pub(in crate::compositor) fn tiles(&self, stage: usize, program: &Program) -> Option<&BindGroup> {
        self.stages.get(stage)?.passes.get(program.plan().targets.len())
    }

    /// Records the targets of regions, or of the whole picture's stack.
    pub(in crate::compositor) fn draw_targets(
        &self,
        encoder: &mut CommandEncoder,
        stage: usize,
        program: &Program,
        shared: SharedGroups<'_>,
        whole: bool,
    ) -> bool {
        let (Some(stage), plan) = (self.stages.get(stage), program.plan()) else { return false };
        let passes =
            plan.targets.iter().zip(&program.targets).zip(stage.targets.all.iter().zip(&stage.passes));
        for ((target, pipeline), (texture, group)) in passes {
            let (Some(view), true) = (texture.drawn(), plan.is_of_whole(target) == whole) else { continue };
            let groups = [shared.scene, shared.mattes, group];
            draw_fullscreen(encoder, "masque_effect_target", pipeline, &groups, &[view]);
        }
        true
    }

    /// Records the stack over `part` of the picture, all of what the frame is seen in.
    pub(in crate::compositor) fn draw_whole(
        &self,
        encoder: &mut CommandEncoder,
        stage: usize,
        program: &Program,
        shared: SharedGroups<'_>,
        (target, part): (&TextureView, URect),
    ) -> bool {
        let group =
            self.stages.get(stage).and_then(|stage| stage.passes.get(program.plan().targets.len() + 1));
        let (Some(pipeline), Some(group)) = (&program.whole_stack, group) else { return false };
        let groups = [shared.scene, shared.mattes, group];
        draw_part(encoder, "masque_whole_stack", pipeline, &groups, (&[target], Some(part)));
        true
    }

    /// The picture is drawn: what effects keep is what they drew for it.
    pub(in crate::compositor) fn turn(&mut self) {
        for stage in &mut self.stages {
            stage.targets.turn();
        }
    }
}
