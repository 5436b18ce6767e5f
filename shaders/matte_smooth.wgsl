// Smooths the region probabilities over time: each frame's are mixed into what is known, slowly where
// nothing changed and the net is unsure, at once where the picture changed. One texel of the mask per
// fragment. The Rust side is src/compositor/matte/smooth.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

struct Smooth {
    // share of a new frame where nothing changed: unsure, sure; 1 to start anew; unused
    follow: vec4<f32>,
}

@group(0) @binding(0) var<uniform> params: Smooth;
@group(0) @binding(1) var linear_sampler: sampler;
// background, hair, body skin, face skin
@group(0) @binding(2) var mask0: texture_2d<f32>;
// clothes, accessories, luma, –
@group(0) @binding(3) var mask1: texture_2d<f32>;
@group(0) @binding(4) var known0: texture_2d<f32>;
@group(0) @binding(5) var known1: texture_2d<f32>;
// where what is here was in the frame before: offset in fractions of the frame
@group(0) @binding(6) var motion: texture_2d<f32>;

struct Known {
    @location(0) low: vec4<f32>,
    @location(1) high: vec4<f32>,
}

// Change of luma, 0–1, that is noise, and that is surely another picture.
const NOISE: f32 = 0.015;
const CHANGE: f32 = 0.05;

fn changed(uv: vec2<f32>, texel: vec2<f32>, moved: vec2<f32>) -> f32 {
    var most = 0.0;
    // The net's word on a texel depends on its neighbours': a change beside it counts too.
    for (var i = 0; i < 5; i++) {
        let at = texel * vec2(f32((i == 1)) - f32(i == 2), f32(i == 3) - f32(i == 4)) * 1.5;
        let now = textureSampleLevel(mask1, linear_sampler, uv + at, 0.0).z;
        let before = textureSampleLevel(known1, linear_sampler, uv + at + moved, 0.0).z;
        most = max(most, abs(now - before));
    }
    return most;
}

@fragment
fn smooth_over_time(in: FullscreenVertexOutput) -> Known {
    let texel = 1.0 / vec2<f32>(textureDimensions(mask0));
    let low = textureSampleLevel(mask0, linear_sampler, in.uv, 0.0);
    let high = textureSampleLevel(mask1, linear_sampler, in.uv, 0.0);
    let moved = textureSampleLevel(motion, linear_sampler, in.uv, 0.0).xy;
    let before = in.uv + moved;
    let known_low = textureSampleLevel(known0, linear_sampler, before, 0.0);
    let known_high = textureSampleLevel(known1, linear_sampler, before, 0.0);

    let likeliest = max(max(max(low.x, low.y), max(low.z, low.w)), max(high.x, high.y));
    let sure = saturate(likeliest * 2.0 - 1.0);
    let still = mix(params.follow.x, params.follow.y, sure * sure);
    var follow = mix(still, 1.0, smoothstep(NOISE, CHANGE, changed(in.uv, texel, moved)));
    let outside = any(before < vec2(0.0)) || any(before > vec2(1.0));
    follow = max(follow, max(params.follow.z, f32(outside)));
    var out: Known;
    out.low = mix(known_low, low, follow);
    // The luma is this frame's own.
    out.high = vec4(mix(known_high.xy, high.xy, follow), high.zw);
    return out;
}
