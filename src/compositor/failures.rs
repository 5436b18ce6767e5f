//! What the driver refuses: shaders are told once each, never waited for in silence; a live picture goes on.

use bevy::prelude::*;
use bevy::render::error_handler::{ErrorType, RenderError, RenderErrorPolicy};
use bevy::render::render_resource::{CachedPipelineState, PipelineCache};
use bevy::shader::ShaderCacheError;

use crate::schedule::Pacing;
use crate::stats::Stats;

/// Goes on showing pictures after an error of the driver, where Bevy would quit: one that was refused is missed, the
/// next may be drawn. A lost device, or a picture that is missing in a file, ends the run with its reason.
pub(super) fn go_on(error: &RenderError, main: &mut World, _render: &mut World) -> RenderErrorPolicy {
    let stats = main.resource::<Stats>().clone();
    let live = main.get_resource::<Pacing>() == Some(&Pacing::Live);
    if live && !matches!(error.ty, ErrorType::DeviceLost) {
        stats.count("render_errors");
        if stats.counter("render_errors") == 1 {
            stats.event(format!("the graphics driver refused a picture: {}", error.description));
        }
        return RenderErrorPolicy::Ignore;
    }
    stats.fail(format!("the graphics driver failed: {}", error.description));
    main.write_message(AppExit::error());
    RenderErrorPolicy::StopRendering
}

/// Why a pipeline will never be there; none where it is, or is still on its way.
pub(super) fn failure(state: &CachedPipelineState) -> Option<&ShaderCacheError> {
    match state {
        CachedPipelineState::Err(
            ShaderCacheError::ShaderNotLoaded(_) | ShaderCacheError::ShaderImportNotYetAvailable,
        ) => None,
        CachedPipelineState::Err(error) => Some(error),
        _ => None,
    }
}

/// Counts pipelines that will never be there, and says why.
pub(super) fn note_failed_shaders(cache: Res<PipelineCache>, stats: Res<Stats>, mut noted: Local<usize>) {
    let failed = || cache.pipelines().filter_map(|pipeline| failure(&pipeline.state));
    let count = failed().count();
    for error in failed().skip(*noted) {
        stats.count("shaders_failed");
        stats.event(format!("a shader could not be compiled: {error}"));
    }
    *noted = count;
}
