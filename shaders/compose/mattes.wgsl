// Who is how much of a pixel.

@group(1) @binding(1) var matte0: texture_2d<f32>;
@group(1) @binding(2) var matte1: texture_2d<f32>;
@group(1) @binding(3) var matte2: texture_2d<f32>;
@group(1) @binding(4) var mask_motion: texture_2d<f32>;

struct Mattes {
    // background, hair, body skin, face skin
    low: vec4<f32>,
    // clothes, accessories
    high: vec2<f32>,
}

// Shares below this are not seen. The same number is in shaders/tiles.wgsl.
const DOUBT: f32 = 0.1;

// Small shares are doubt, not cloth; squares pull what is left apart, so that an edge is narrower than the
// small mask's pixel without being hard.
fn part(share: f32) -> f32 {
    let seen = max(share - DOUBT, 0.0);
    return seen * seen;
}

struct Weights {
    // hair, body skin, face skin, clothes
    low: vec4<f32>,
    // accessories, the frame as it is
    high: vec2<f32>,
    // how much of the pixel is behind the people
    outline: f32,
}

// First the outline, then who wears what within it: a person divided into many regions is as much a person
// as one of a single region. Regions with a shape of their own (1 in `shaped_low`, `shaped_high`) lie over
// the others; what only they cover is bare beneath them.
fn weigh(share: Mattes, shaped_low: vec4<f32>, shaped_high: vec2<f32>) -> Weights {
    let low = share.low * (1.0 - shaped_low);
    let high = share.high * (1.0 - shaped_high);
    let shaped = dot(shaped_low, vec4(1.0)) + dot(shaped_high, vec2(1.0));
    let covered = dot(low, vec4(1.0)) + dot(high, vec2(1.0));
    let uncovered = max(1.0 - covered, 0.0) * saturate(shaped);
    let person = max(low.y + low.z + low.w + high.x + high.y + uncovered, 1e-4);
    let w = vec4(part(low.y / person), part(low.z / person), part(low.w / person), part(high.x / person));
    let v = vec2(part(high.y / person), part(uncovered / person));
    let sum = max(dot(w, vec4(1.0)) + dot(v, vec2(1.0)), 1e-6);
    let behind = part(low.x) * part(low.x);
    let before = part(person) * part(person);
    return Weights(w / sum, v / sum, behind / max(before + behind, 1e-6));
}
