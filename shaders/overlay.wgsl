// Draws a picture at a fixed place over everything. shaders/compose/blend.wgsl stands before it. The Rust side of
// these bindings is src/compositor/overlays/. Lengths are pixels of the output.

struct Overlay {
    // left, top, width and height before it is turned
    place: vec4<f32>,
    // cosine and sine of how far it is turned, opacity, –
    turn: vec4<f32>,
    // width and height of the output, –, –
    output: vec4<f32>,
    // blend mode in the order of BlendMode::ALL, –, –, –
    mode: vec4<u32>,
}

@group(0) @binding(0) var<storage, read> overlays: array<Overlay, 8>;
@group(0) @binding(1) var picture_sampler: sampler;
// Premultiplied.
@group(0) @binding(2) var picture: texture_2d<f32>;
// What is below, as it was.
@group(0) @binding(3) var below: texture_2d<f32>;

// Room for the soft edge.
const EDGE: f32 = 1.0;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // from the middle, along the picture's own sides
    @location(0) at: vec2<f32>,
    @location(1) @interpolate(flat) number: u32,
}

@vertex
fn overlay_vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) number: u32) -> Corner {
    let overlay = overlays[number];
    let side = vec2(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    let at = side * (overlay.place.zw * 0.5 + EDGE);
    let turned = vec2(
        at.x * overlay.turn.x - at.y * overlay.turn.y,
        at.x * overlay.turn.y + at.y * overlay.turn.x,
    );
    let pixel = overlay.place.xy + overlay.place.zw * 0.5 + turned;
    let clip = pixel / overlay.output.xy * 2.0 - 1.0;
    return Corner(vec4(clip.x, -clip.y, 0.0, 1.0), at, number);
}

fn blend(mode: u32, lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    switch mode {
        case 1u: { return blend_multiply(lower, upper); }
        case 2u: { return blend_screen(lower, upper); }
        case 3u: { return blend_overlay(lower, upper); }
        case 4u: { return blend_soft_light(lower, upper); }
        case 5u: { return blend_add(lower, upper); }
        case 6u: { return blend_difference(lower, upper); }
        default: { return blend_normal(lower, upper); }
    }
}

@fragment
fn overlay_fragment(in: Corner) -> @location(0) vec4<f32> {
    let overlay = overlays[in.number];
    let half = overlay.place.zw * 0.5;
    let color = textureSample(picture, picture_sampler, in.at / overlay.place.zw + 0.5);
    // How far inside the nearest side: the edge is as soft as a pixel.
    let inside = min(half.x - abs(in.at.x), half.y - abs(in.at.y));
    let lower = textureLoad(below, vec2<i32>(in.position.xy), 0).rgb;
    let upper = saturate(color.rgb / max(color.a, 1e-4));
    let seen = color.a * overlay.turn.z * saturate(inside + 0.5);
    return vec4(mix(lower, blend(overlay.mode.x, lower, upper), seen), 1.0);
}
