// The camera's picture as light: shared by everything that draws over it. Colours are sRGB-encoded
// throughout, as video is blended. The Rust side is src/compositor/frame_params.rs.

#define_import_path masque::frame

struct Picture {
    yuv_r: vec4<f32>,
    yuv_g: vec4<f32>,
    yuv_b: vec4<f32>,
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // width, height, format (0 NV12, 1 I420, 2 YUYV, 3 RGBA), 1 when there is a mask
    frame: vec4<f32>,
}

// Luma of the camera's picture at which a dressed pixel is as bright as its texture, and what is left of
// the texture where the picture is black: dark cloth shows its dress, folds and all.
const KEY_LIGHT: f32 = 0.7;
const AMBIENT: f32 = 0.32;

fn yuv_to_rgb(picture: Picture, yuv: vec3<f32>) -> vec3<f32> {
    let rgb = vec3(dot(picture.yuv_r.xyz, yuv), dot(picture.yuv_g.xyz, yuv), dot(picture.yuv_b.xyz, yuv));
    return saturate(rgb + vec3(picture.yuv_r.w, picture.yuv_g.w, picture.yuv_b.w));
}

// Luma of packed YUYV: two neighbours of one row, mixed as a linear sampler would.
fn yuyv_luma(plane0: texture_2d<f32>, size: vec2<f32>, uv: vec2<f32>) -> f32 {
    let at = uv * size - 0.5;
    let row = i32(clamp(uv.y * size.y, 0.0, size.y - 1.0));
    let left = i32(clamp(floor(at.x), 0.0, size.x - 1.0));
    let right = i32(clamp(floor(at.x) + 1.0, 0.0, size.x - 1.0));
    let a = textureLoad(plane0, vec2(left / 2, row), 0);
    let b = textureLoad(plane0, vec2(right / 2, row), 0);
    return mix(select(a.r, a.b, (left & 1) == 1), select(b.r, b.b, (right & 1) == 1), saturate(fract(at.x)));
}

// The camera's colour at `uv`, 0 to 1 of the frame.
fn frame_color(
    picture: Picture,
    plane0: texture_2d<f32>,
    plane1: texture_2d<f32>,
    plane2: texture_2d<f32>,
    edge_sampler: sampler,
    uv: vec2<f32>,
) -> vec3<f32> {
    let format = i32(picture.frame.z);
    if format == 0 {
        let luma = textureSampleLevel(plane0, edge_sampler, uv, 0.0).r;
        return yuv_to_rgb(picture, vec3(luma, textureSampleLevel(plane1, edge_sampler, uv, 0.0).rg));
    }
    if format == 1 {
        let luma = textureSampleLevel(plane0, edge_sampler, uv, 0.0).r;
        let cb = textureSampleLevel(plane1, edge_sampler, uv, 0.0).r;
        let cr = textureSampleLevel(plane2, edge_sampler, uv, 0.0).r;
        return yuv_to_rgb(picture, vec3(luma, cb, cr));
    }
    if format == 2 {
        let chroma = textureSampleLevel(plane0, edge_sampler, uv, 0.0).ga;
        return yuv_to_rgb(picture, vec3(yuyv_luma(plane0, picture.frame.xy, uv), chroma));
    }
    return textureSampleLevel(plane0, edge_sampler, uv, 0.0).rgb;
}

// How bright a dress is over a pixel of the camera's picture; `shading` is how much of its light stays.
fn light(bare: vec3<f32>, shading: f32) -> f32 {
    let luma = dot(bare, vec3(0.299, 0.587, 0.114));
    return mix(1.0, min(mix(AMBIENT, 1.0, luma / KEY_LIGHT), 1.2), shading);
}
