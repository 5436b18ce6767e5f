// Line by line fit of each region's probability to the luma of the picture around a texel: p ≈ a·luma + c.
// The compositor evaluates it with the full picture's luma, so that edges follow the picture's. Source:
// K. He, J. Sun, "Fast Guided Filter", arXiv:1505.00996. The Rust side is src/compositor/matte/guide.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

struct Guide {
    // 1 where a region keeps its shape as it is
    keep_low: vec4<f32>,
    keep_high: vec4<f32>,
    // how much of the fit counts, 0–1; the rest unused
    strength: vec4<f32>,
}

@group(0) @binding(0) var<uniform> params: Guide;
@group(0) @binding(1) var mask0: texture_2d<f32>;
@group(0) @binding(2) var mask1: texture_2d<f32>;
// mean of the picture's luma and of its square
@group(0) @binding(3) var detail: texture_2d<f32>;

struct Fit {
    // a of background, hair, body skin, face skin
    @location(0) slope: vec4<f32>,
    // c of the same
    @location(1) offset: vec4<f32>,
    // a of clothes and accessories, c of the same
    @location(2) high: vec4<f32>,
}

// The window is five texels wide; every second one is looked at.
const REACH: i32 = 2;
// Variance of luma that no edge has.
const FLAT: f32 = 0.001;
// Shares of explained variance between which the fit begins to count.
const DOUBTED: f32 = 0.3;
const TRUSTED: f32 = 0.8;

@fragment
fn fit(in: FullscreenVertexOutput) -> Fit {
    let last = vec2<i32>(textureDimensions(mask0)) - 1;
    let at = vec2<i32>(in.position.xy);
    var low = vec4(0.0);
    var high = vec2(0.0);
    var low_squared = vec4(0.0);
    var high_squared = vec2(0.0);
    var low_luma = vec4(0.0);
    var high_luma = vec2(0.0);
    var luma = 0.0;
    var luma_squared = 0.0;
    for (var y = -REACH; y <= REACH; y += REACH) {
        for (var x = -REACH; x <= REACH; x += REACH) {
            let there = clamp(at + vec2(x, y), vec2(0), last);
            let p = textureLoad(mask0, there, 0);
            let q = textureLoad(mask1, there, 0);
            let seen = textureLoad(detail, there, 0).xy;
            low += p;
            high += q.xy;
            low_squared += p * p;
            high_squared += q.xy * q.xy;
            low_luma += p * seen.x;
            high_luma += q.xy * seen.x;
            luma += seen.x;
            luma_squared += seen.y;
        }
    }
    let n = 1.0 / 9.0;
    let mean = luma * n;
    let variance = luma_squared * n - mean * mean;
    let mean_low = low * n;
    let mean_high = high * n;
    let shared_low = low_luma * n - mean_low * mean;
    let shared_high = high_luma * n - mean_high * mean;
    let slope_low = shared_low / (variance + FLAT);
    let slope_high = shared_high / (variance + FLAT);
    // Share of the probability's variance that luma explains: where it is small, the net knows better.
    let spread_low = low_squared * n - mean_low * mean_low + 1e-4;
    let spread_high = high_squared * n - mean_high * mean_high + 1e-4;
    let known_low = slope_low * shared_low / spread_low;
    let known_high = slope_high * shared_high / spread_high;
    let trust_low = smoothstep(vec4(DOUBTED), vec4(TRUSTED), known_low) * params.strength.x * (1.0 - params.keep_low);
    let trust_high = smoothstep(vec2(DOUBTED), vec2(TRUSTED), known_high) * params.strength.x * (1.0 - params.keep_high.xy);
    let own_low = textureLoad(mask0, at, 0);
    let own_high = textureLoad(mask1, at, 0).xy;
    var out: Fit;
    out.slope = slope_low * trust_low;
    out.offset = mix(own_low, mean_low - slope_low * mean, trust_low);
    out.high = vec4(slope_high * trust_high, mix(own_high, mean_high - slope_high * mean, trust_high));
    return out;
}
