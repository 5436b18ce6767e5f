// One picture over another: how much of it is seen is the blend constant. The Rust side is
// src/compositor/fade.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

@group(0) @binding(0) var picture: texture_2d<f32>;

@fragment
fn fade(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    return textureLoad(picture, vec2<i32>(in.position.xy), 0);
}
