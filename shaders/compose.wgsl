// Dresses the regions of one frame. The Rust side of these bindings is src/compositor/params.rs
// and src/compositor/pass.rs. Colours are sRGB-encoded throughout, as video is blended.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

struct RegionStyle {
    // rgb tint, opacity
    tint: vec4<f32>,
    // tiles across, tiles down, shading, 1 when there is a texture
    tile: vec4<f32>,
}

struct Compose {
    yuv_r: vec4<f32>,
    yuv_g: vec4<f32>,
    yuv_b: vec4<f32>,
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // width, height, format (0 NV12, 1 I420, 2 YUYV, 3 RGBA), 1 when there is a mask
    frame: vec4<f32>,
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

// Luma of the camera's picture at which a dressed pixel is as bright as its texture, and what is left of
// the texture where the picture is black: dark cloth shows its dress, folds and all.
const KEY_LIGHT: f32 = 0.7;
const AMBIENT: f32 = 0.32;
// Below this share a region is not seen.
const NEGLIGIBLE: f32 = 0.004;

fn yuv_to_rgb(yuv: vec3<f32>) -> vec3<f32> {
    let rgb = vec3(dot(params.yuv_r.xyz, yuv), dot(params.yuv_g.xyz, yuv), dot(params.yuv_b.xyz, yuv));
    return saturate(rgb + vec3(params.yuv_r.w, params.yuv_g.w, params.yuv_b.w));
}

// Luma of packed YUYV: two neighbours of one row, mixed as a linear sampler would.
fn yuyv_luma(uv: vec2<f32>) -> f32 {
    let size = params.frame.xy;
    let at = uv * size - 0.5;
    let row = i32(clamp(uv.y * size.y, 0.0, size.y - 1.0));
    let left = i32(clamp(floor(at.x), 0.0, size.x - 1.0));
    let right = i32(clamp(floor(at.x) + 1.0, 0.0, size.x - 1.0));
    let a = textureLoad(plane0, vec2(left / 2, row), 0);
    let b = textureLoad(plane0, vec2(right / 2, row), 0);
    return mix(select(a.r, a.b, (left & 1) == 1), select(b.r, b.b, (right & 1) == 1), saturate(fract(at.x)));
}

fn frame_color(uv: vec2<f32>) -> vec3<f32> {
    let format = i32(params.frame.z);
    if format == 0 {
        let luma = textureSampleLevel(plane0, edge_sampler, uv, 0.0).r;
        return yuv_to_rgb(vec3(luma, textureSampleLevel(plane1, edge_sampler, uv, 0.0).rg));
    }
    if format == 1 {
        let luma = textureSampleLevel(plane0, edge_sampler, uv, 0.0).r;
        let cb = textureSampleLevel(plane1, edge_sampler, uv, 0.0).r;
        let cr = textureSampleLevel(plane2, edge_sampler, uv, 0.0).r;
        return yuv_to_rgb(vec3(luma, cb, cr));
    }
    if format == 2 {
        return yuv_to_rgb(vec3(yuyv_luma(uv), textureSampleLevel(plane0, edge_sampler, uv, 0.0).ga));
    }
    return textureSampleLevel(plane0, edge_sampler, uv, 0.0).rgb;
}

fn dress(style: RegionStyle, cloth_texture: texture_2d<f32>, bare: vec3<f32>, uv: vec2<f32>) -> vec3<f32> {
    var cloth = style.tint.rgb;
    if style.tile.w > 0.5 {
        cloth *= textureSampleLevel(cloth_texture, tile_sampler, uv * style.tile.xy, 0.0).rgb;
    }
    let luma = dot(bare, vec3(0.299, 0.587, 0.114));
    let light = mix(1.0, min(mix(AMBIENT, 1.0, luma / KEY_LIGHT), 1.2), style.tile.z);
    return mix(bare, saturate(cloth * light), style.tint.a);
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
    let uv = in.uv * params.uv.xy + params.uv.zw;
    if any(uv < vec2(0.0)) || any(uv > vec2(1.0)) {
        return vec4(0.0, 0.0, 0.0, 1.0);
    }
    let bare = frame_color(uv);
    if params.frame.w < 0.5 {
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
