// Dresses the regions of one frame. The Rust side of these bindings is src/compositor/params.rs
// and src/compositor/pass.rs. Colours are sRGB-encoded throughout, as video is blended.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput
#import masque::frame::{Picture, frame_color, light}

struct RegionStyle {
    // rgb tint, opacity
    tint: vec4<f32>,
    // tiles across, tiles down, shading, 1 when there is a texture
    tile: vec4<f32>,
}

struct Compose {
    picture: Picture,
    regions: array<RegionStyle, 6>,
}

@group(0) @binding(0) var<storage, read> params: Compose;
@group(0) @binding(1) var edge_sampler: sampler;
@group(0) @binding(2) var tile_sampler: sampler;
@group(0) @binding(3) var plane0: texture_2d<f32>;
@group(0) @binding(4) var plane1: texture_2d<f32>;
@group(0) @binding(5) var plane2: texture_2d<f32>;
@group(0) @binding(6) var mask0: texture_2d<f32>;
@group(0) @binding(7) var mask1: texture_2d<f32>;
@group(0) @binding(8) var texture0: texture_2d<f32>;
@group(0) @binding(9) var texture1: texture_2d<f32>;
@group(0) @binding(10) var texture2: texture_2d<f32>;
@group(0) @binding(11) var texture3: texture_2d<f32>;
@group(0) @binding(12) var texture4: texture_2d<f32>;
@group(0) @binding(13) var texture5: texture_2d<f32>;

// Below this share a region is not seen.
const NEGLIGIBLE: f32 = 0.004;

fn dress(style: RegionStyle, cloth_texture: texture_2d<f32>, bare: vec3<f32>, uv: vec2<f32>) -> vec3<f32> {
    var cloth = style.tint.rgb;
    if style.tile.w > 0.5 {
        cloth *= textureSampleLevel(cloth_texture, tile_sampler, uv * style.tile.xy, 0.0).rgb;
    }
    return mix(bare, saturate(cloth * light(bare, style.tile.z)), style.tint.a);
}

// Colour times share of one region, and its share.
fn wear(share: f32, style: RegionStyle, cloth_texture: texture_2d<f32>, bare: vec3<f32>, uv: vec2<f32>) -> vec4<f32> {
    // Squaring pulls the soft shares of neighbouring regions apart: an edge as wide as the small mask's
    // pixel becomes about half as wide, without a hard step.
    let weight = share * share;
    if weight <= NEGLIGIBLE {
        return vec4(0.0);
    }
    if style.tint.a <= 0.0 {
        return vec4(bare * weight, weight);
    }
    return vec4(dress(style, cloth_texture, bare, uv) * weight, weight);
}

@fragment
fn compose(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    let uv = in.uv * params.picture.uv.xy + params.picture.uv.zw;
    if any(uv < vec2(0.0)) || any(uv > vec2(1.0)) {
        return vec4(0.0, 0.0, 0.0, 1.0);
    }
    let bare = frame_color(params.picture, plane0, plane1, plane2, edge_sampler, uv);
    if params.picture.frame.w < 0.5 {
        return vec4(bare, 1.0);
    }
    let low = textureSampleLevel(mask0, edge_sampler, uv, 0.0);
    let high = textureSampleLevel(mask1, edge_sampler, uv, 0.0);
    var sum = wear(low.x, params.regions[0], texture0, bare, in.uv);
    sum += wear(low.y, params.regions[1], texture1, bare, in.uv);
    sum += wear(low.z, params.regions[2], texture2, bare, in.uv);
    sum += wear(low.w, params.regions[3], texture3, bare, in.uv);
    sum += wear(high.x, params.regions[4], texture4, bare, in.uv);
    sum += wear(high.y, params.regions[5], texture5, bare, in.uv);
    if sum.w <= 0.0 {
        return vec4(bare, 1.0);
    }
    return vec4(sum.rgb / sum.w, 1.0);
}
