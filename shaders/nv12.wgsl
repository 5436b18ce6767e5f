// The composed picture as NV12 in BT.709, limited range, as encoders take it: luma, below it chroma of a quarter of its
// pixels. A texel holds four bytes that lie beside each other. The Rust side is src/compositor/nv12.rs.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

@group(0) @binding(0) var linear_sampler: sampler;
@group(0) @binding(1) var picture: texture_2d<f32>;

// ITU-R BT.709, 3.2; a range of 219 steps from 16 for luma, of 224 around 128 for chroma.
const WEIGHTS: vec3<f32> = vec3(0.2126, 0.7152, 0.0722);

fn luma_of(at: vec2<i32>) -> f32 {
    return dot(textureLoad(picture, at, 0).rgb, WEIGHTS);
}

@fragment
fn luma(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    let texel = vec2<i32>(in.position.xy);
    let at = vec2(texel.x * 4, texel.y);
    let four = vec4(luma_of(at), luma_of(at + vec2(1, 0)), luma_of(at + vec2(2, 0)), luma_of(at + vec2(3, 0)));
    return (16.0 + 219.0 * four) / 255.0;
}

// Blue and red difference of the 2 × 2 pixels around the corner between them.
fn chroma_of(corner: vec2<f32>) -> vec2<f32> {
    let rgb = textureSampleLevel(picture, linear_sampler, corner / vec2<f32>(textureDimensions(picture)), 0.0).rgb;
    let difference = (rgb.br - dot(rgb, WEIGHTS)) / vec2(1.8556, 1.5748);
    return (128.0 + 224.0 * difference) / 255.0;
}

@fragment
fn chroma(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    // The rows of luma lie above.
    let row = floor(in.position.y) - f32(textureDimensions(picture).y);
    let corner = vec2(floor(in.position.x) * 4.0 + 1.0, row * 2.0 + 1.0);
    return vec4(chroma_of(corner), chroma_of(corner + vec2(2.0, 0.0)));
}
