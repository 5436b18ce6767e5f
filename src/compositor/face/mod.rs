//! What is painted on faces, over the composed picture and in the same pass: parts that wear a colour or a
//! texture, and the mesh as lines. Shader: `shaders/face.wgsl`.
//!
//! A part is painted on the triangles of the mesh that carry it, which pins its texture to the face, and is cut
//! along its outline in the fragment shader, which gives it a soft or an exact edge whatever the triangles are.
//! Nothing is uploaded and nothing is drawn while no look paints faces or no face is there.

mod geometry;
mod layer;
mod outline;
mod params;
mod pipeline;
mod place;

use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::prelude::*;
use bevy::render::{GpuResourceAppExt, Render, RenderStartup, RenderSystems};

pub(super) use layer::{FACES, FaceLayer};
pub(super) use pipeline::FacePipelines;

/// Makes the shader known to the asset server.
pub(super) fn embed(app: &mut App) {
    app.world().resource::<EmbeddedAssetRegistry>().insert_asset(
        "shaders/face.wgsl".into(),
        "masque/face.wgsl".as_ref(),
        include_str!("../../../shaders/face.wgsl").as_bytes(),
    );
}

/// Adds what the render world needs.
pub(super) fn add_to(render_app: &mut SubApp) {
    render_app
        .init_gpu_resource::<FaceLayer>()
        .add_systems(RenderStartup, pipeline::init_face_pipelines)
        .add_systems(Render, layer::prepare_faces.in_set(RenderSystems::PrepareBindGroups));
}
