//! Shaders that this machine's driver cannot compile: told once each, never waited for in silence.

use bevy::prelude::*;
use bevy::render::render_resource::{CachedPipelineState, PipelineCache};
use bevy::shader::ShaderCacheError;

use crate::stats::Stats;

/// Counts pipelines that will never be there, and says why.
pub(super) fn note_failed_shaders(cache: Res<PipelineCache>, stats: Res<Stats>, mut noted: Local<usize>) {
    let failed = || {
        cache.pipelines().filter_map(|pipeline| match &pipeline.state {
            // Still on their way.
            CachedPipelineState::Err(
                ShaderCacheError::ShaderNotLoaded(_) | ShaderCacheError::ShaderImportNotYetAvailable,
            ) => None,
            CachedPipelineState::Err(error) => Some(error),
            _ => None,
        })
    };
    let count = failed().count();
    for error in failed().skip(*noted) {
        stats.count("shaders_failed");
        stats.event(format!("a shader could not be compiled: {error}"));
    }
    *noted = count;
}
