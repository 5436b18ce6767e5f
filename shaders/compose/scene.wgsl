// Dresses the regions of one frame, tile by tile: tiles in which one region is all there is cost one
// region, the others mix six. This and its neighbours are pieces: src/compositor/program/source.rs puts
// together those that a look needs. Colours are sRGB-encoded throughout, as video is blended.

struct RegionStyle {
    // rgb tint, opacity
    tint: vec4<f32>,
    // from output coordinates to the texture's: two columns
    tile: vec4<f32>,
    // the texture's place at the upper left corner, shading, unused
    place: vec4<f32>,
}

// A uniform buffer holds what is only calculated with: Mesa's software driver compiles uniforms that decide
// branches into the shader anew for every draw, and keeps each one.
struct Compose {
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // columns and rows of tiles, tile width and height as fractions of the output
    tiles: vec4<f32>,
    // how fast the outline follows on a pixel whose colour stays, 1 to start anew, unused
    calm: vec4<f32>,
    regions: array<RegionStyle, 6>,
}

@group(0) @binding(0) var<uniform> params: Compose;
@group(0) @binding(1) var edge_sampler: sampler;
@group(0) @binding(2) var tile_sampler: sampler;
@group(0) @binding(3) var frame: texture_2d<f32>;
@group(0) @binding(4) var texture0: texture_2d<f32>;
@group(0) @binding(5) var texture1: texture_2d<f32>;
@group(0) @binding(6) var texture2: texture_2d<f32>;
@group(0) @binding(7) var texture3: texture_2d<f32>;
@group(0) @binding(8) var texture4: texture_2d<f32>;
@group(0) @binding(9) var texture5: texture_2d<f32>;

struct Place {
    @builtin(position) position: vec4<f32>,
    // 0–1 of the output
    @location(0) uv: vec2<f32>,
}

// A corner of one triangle that covers the target.
fn whole_corner(corner: u32) -> Place {
    let uv = vec2(f32(corner >> 1u), f32(corner & 1u)) * 2.0;
    return Place(vec4(uv * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0), uv);
}

@vertex
fn whole(@builtin(vertex_index) corner: u32) -> Place {
    return whole_corner(corner);
}

fn frame_uv(uv: vec2<f32>) -> vec2<f32> {
    return uv * params.uv.xy + params.uv.zw;
}

// The frame at `uv` of the frame; black beside it, where it does not fill the output.
fn sampled_frame(uv: vec2<f32>) -> vec3<f32> {
    let color = textureSampleLevel(frame, edge_sampler, uv, 0.0).rgb;
    let inside = step(vec2(0.0), uv) * step(uv, vec2(1.0));
    return color * inside.x * inside.y;
}
