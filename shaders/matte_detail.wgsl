// Mean and mean square of the full picture's luma in each texel of the mask, from four of its pixels: grain
// and texture, which the network's small picture does not have, are no edges. The Rust side is
// src/compositor/matte/guide.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

@group(0) @binding(0) var linear_sampler: sampler;
@group(0) @binding(1) var picture: texture_2d<f32>;
// From the shown picture to the one that the mask was found in.
@group(0) @binding(2) var motion: texture_2d<f32>;

const LUMA: vec3<f32> = vec3(0.299, 0.587, 0.114);

@fragment
fn detail(in: FullscreenVertexOutput) -> @location(0) vec2<f32> {
    let size = vec2<f32>(textureDimensions(picture));
    let quarter = 0.25 * vec2(dpdx(in.uv.x), dpdy(in.uv.y));
    let moved = in.uv - textureSampleLevel(motion, linear_sampler, in.uv, 0.0).xy;
    var sum = vec2(0.0);
    for (var i = 0; i < 4; i++) {
        let at = moved + quarter * vec2(f32(i & 1) * 2.0 - 1.0, f32(i & 2) - 1.0);
        let luma = dot(textureLoad(picture, vec2<i32>(clamp(at * size, vec2(0.0), size - 1.0)), 0).rgb, LUMA);
        sum += vec2(luma, luma * luma);
    }
    return sum * 0.25;
}
