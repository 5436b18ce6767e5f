// The outline moves slowly on pixels whose colour stays.

// The picture before, and how much of each of its pixels was behind the people.
@group(1) @binding(5) var last_frame: texture_2d<f32>;
@group(1) @binding(6) var last_outline: texture_2d<f32>;

// Change of a colour channel that is noise, and that is surely another picture.
const NOISE: f32 = 0.012;
const CHANGE: f32 = 0.04;

fn calmed(outline: f32, bare: vec3<f32>, before: vec3<f32>, pixel: vec2<i32>) -> f32 {
    let change = abs(bare - before);
    let changed = smoothstep(NOISE, CHANGE, max(change.r, max(change.g, change.b)));
    let follow = max(mix(params.calm.x, 1.0, changed), params.calm.y);
    return mix(textureLoad(last_outline, pixel, 0).r, outline, follow);
}
