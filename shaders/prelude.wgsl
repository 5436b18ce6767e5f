// What every effect can use. Stands once in a shader, before the effects.
// Each host function (below, camera, masks …) is written by whoever composes the shader.

// A face in the output. Positions in uv; `size` is the distance of the eyes in picture heights; openness and
// blinks 0–1; angles in radians. Left is the person's own left.
struct Face {
    left_eye: vec2<f32>,
    right_eye: vec2<f32>,
    mouth: vec2<f32>,
    nose: vec2<f32>,
    size: f32,
    mouth_open: f32,
    blink_left: f32,
    blink_right: f32,
    yaw: f32,
    pitch: f32,
    roll: f32,
}

// Ids of the regions, and of everybody.
const PEOPLE: i32 = -1;
const BACKGROUND: i32 = 0;
const HAIR: i32 = 1;
const BODY_SKIN: i32 = 2;
const FACE_SKIN: i32 = 3;
const CLOTHES: i32 = 4;
const ACCESSORIES: i32 = 5;

// Set at the beginning of each entry point.
// Seconds of the source, from 0 each hour; seconds since the last picture.
var<private> TIME: f32;
var<private> TIMEDELTA: f32;
var<private> FRAMEINDEX: i32;
// Pixels of the target that is drawn.
var<private> RENDERSIZE: vec2<f32>;
// Faces that `face` knows, 0–4.
var<private> FACES: i32;

// Brightness of an sRGB-encoded colour, 0–1 (weights of BT.709).
fn luma(rgb: vec3<f32>) -> f32 {
    return dot(rgb, vec3(0.2126, 0.7152, 0.0722));
}

// A number 0–1 that only seems to be random. Source: Jarzynski and Olano, Hash Functions for GPU Rendering, pcg2d.
fn hash21(p: vec2<f32>) -> f32 {
    var v = bitcast<vec2<u32>>(p) * 1664525u + 1013904223u;
    v.x += v.y * 1664525u;
    v.y += v.x * 1664525u;
    v ^= v >> vec2(16u);
    v.x += v.y * 1664525u;
    v.y += v.x * 1664525u;
    v ^= v >> vec2(16u);
    return f32(v.x >> 8u) / 16777215.0;
}

// Value noise, 0–1, one cell per unit.
fn noise(p: vec2<f32>) -> f32 {
    let cell = floor(p);
    let at = p - cell;
    let weight = at * at * (3.0 - 2.0 * at);
    let above = mix(hash21(cell), hash21(cell + vec2(1.0, 0.0)), weight.x);
    let below = mix(hash21(cell + vec2(0.0, 1.0)), hash21(cell + vec2(1.0, 1.0)), weight.x);
    return mix(above, below, weight.y);
}

// Hue, saturation and value, all 0–1.
fn rgb_to_hsv(rgb: vec3<f32>) -> vec3<f32> {
    let most = max(rgb.r, max(rgb.g, rgb.b));
    let range = most - min(rgb.r, min(rgb.g, rgb.b));
    if range <= 0.0 {
        return vec3(0.0, 0.0, most);
    }
    var hue = (rgb.r - rgb.g) / range + 4.0;
    if most == rgb.r {
        hue = (rgb.g - rgb.b) / range;
    } else if most == rgb.g {
        hue = (rgb.b - rgb.r) / range + 2.0;
    }
    return vec3(fract(hue / 6.0 + 1.0), range / max(most, 1e-6), most);
}

fn hsv_to_rgb(hsv: vec3<f32>) -> vec3<f32> {
    let channels = abs(fract(vec3(hsv.x) + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0;
    return hsv.z * mix(vec3(1.0), clamp(channels, vec3(0.0), vec3(1.0)), hsv.y);
}

// `v` turned by so many radians, clockwise where y goes down.
fn rotate(v: vec2<f32>, radians: f32) -> vec2<f32> {
    let c = cos(radians);
    let s = sin(radians);
    return vec2(v.x * c - v.y * s, v.x * s + v.y * c);
}
