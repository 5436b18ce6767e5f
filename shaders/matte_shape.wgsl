// Grows, shrinks and softens the mattes of single regions, along one axis at a time. One texel of the
// mask per fragment. The Rust side is src/compositor/matte/shape.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

struct Shape {
    // step to the next texel along the axis (x, y), longest reach in texels, unused
    axis: vec4<i32>,
    // reach of each region in texels: above 0 the largest value in reach wins, below 0 the smallest
    grow_low: vec4<f32>,
    grow_high: vec4<f32>,
    // reach of the mean of each region in texels
    soft_low: vec4<f32>,
    soft_high: vec4<f32>,
    // 1 turns a region's matte inside out
    invert_low: vec4<f32>,
    invert_high: vec4<f32>,
}

@group(0) @binding(0) var<storage, read> params: Shape;
@group(0) @binding(1) var mask0: texture_2d<f32>;
@group(0) @binding(2) var mask1: texture_2d<f32>;

struct Shaped {
    @location(0) low: vec4<f32>,
    @location(1) high: vec4<f32>,
}

fn grown(own: vec4<f32>, value: vec4<f32>, reach: vec4<f32>, distance: f32) -> vec4<f32> {
    // The last texel counts by the part of it that is in reach, so that a reach may be any number.
    let part = saturate(abs(reach) - distance + 1.0);
    let larger = max(own, mix(own, value, part));
    let smaller = min(own, mix(own, value, part));
    return select(select(own, smaller, reach < vec4(0.0)), larger, reach > vec4(0.0));
}

@fragment
fn shape(in: FullscreenVertexOutput) -> Shaped {
    let size = vec2<i32>(textureDimensions(mask0));
    let at = vec2<i32>(in.position.xy);
    let own_low = textureLoad(mask0, at, 0);
    let own_high = textureLoad(mask1, at, 0);
    var grown_low = own_low;
    var grown_high = own_high;
    var sum_low = own_low;
    var sum_high = own_high;
    var count_low = vec4(1.0);
    var count_high = vec4(1.0);
    for (var i = 1; i <= params.axis.z; i++) {
        for (var side = -1; side <= 1; side += 2) {
            let there = clamp(at + params.axis.xy * i * side, vec2(0), size - 1);
            let low = textureLoad(mask0, there, 0);
            let high = textureLoad(mask1, there, 0);
            let distance = f32(i);
            grown_low = grown(grown_low, low, params.grow_low, distance);
            grown_high = grown(grown_high, high, params.grow_high, distance);
            let near_low = saturate(params.soft_low - distance + 1.0) * saturate(1.0 - distance / (params.soft_low + 1.0));
            let near_high = saturate(params.soft_high - distance + 1.0) * saturate(1.0 - distance / (params.soft_high + 1.0));
            sum_low += low * near_low;
            sum_high += high * near_high;
            count_low += near_low;
            count_high += near_high;
        }
    }
    let low = select(grown_low, sum_low / count_low, params.soft_low > vec4(0.0));
    let high = select(grown_high, sum_high / count_high, params.soft_high > vec4(0.0));
    var out: Shaped;
    out.low = mix(low, 1.0 - low, params.invert_low);
    out.high = vec4(mix(high.xy, 1.0 - high.xy, params.invert_high.xy), own_high.zw);
    return out;
}
