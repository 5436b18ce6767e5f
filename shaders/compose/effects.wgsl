// What effects are given, beside what src/compositor/program/stacks.rs writes for each of them.

// TIME, TIMEDELTA, FRAMEINDEX, FACES; width and height of the output, scale of edge distances and of motion; four
// values for each face; things, and things in each zone, from masque_first_count on; then those of each layer.
@group(2) @binding(0) var<storage, read> effect_values: array<vec4<f32>>;
// Distances to the edges of background, hair, body skin and face skin; of clothes, accessories and people.
@group(2) @binding(1) var edges0: texture_2d<f32>;
@group(2) @binding(2) var edges1: texture_2d<f32>;
// How the frame moved since the one before, backwards.
@group(2) @binding(3) var frame_motion: texture_2d<f32>;
// The picture below the stack over the whole picture; in its alpha where people are, if an effect asks for it.
@group(2) @binding(4) var composed: texture_2d<f32>;

const REACH: f32 = 0.25;

// Scale of edge distances and of motion.
var<private> masque_scales: vec2<f32>;

fn load_shared(clock: vec4<f32>, sizes: vec4<f32>) {
    TIME = clock.x;
    TIMEDELTA = clock.y;
    FRAMEINDEX = i32(clock.z);
    FACES = i32(clock.w);
    RENDERSIZE = sizes.xy;
    masque_scales = sizes.zw;
}

fn camera(uv: vec2<f32>) -> vec4<f32> {
    return vec4(sampled_frame(frame_uv(saturate(uv))), 1.0);
}

// Where a colour is transparent, the camera's picture shows through.
fn over_camera(color: vec4<f32>, uv: vec2<f32>) -> vec3<f32> {
    return mix(camera(uv).rgb, color.rgb, saturate(color.a));
}

// Two colours with straight alpha, mixed.
fn mixed_layer(lower: vec4<f32>, upper: vec4<f32>, share: f32) -> vec4<f32> {
    let alpha = mix(lower.a, upper.a, share);
    return vec4(mix(lower.rgb * lower.a, upper.rgb * upper.a, share) / max(alpha, 1e-4), alpha);
}

// From alpha that is multiplied in already.
fn straight(color: vec4<f32>) -> vec4<f32> {
    return vec4(color.rgb / max(color.a, 1e-4), color.a);
}

// People in the picture below the stack over the whole picture.
fn people_of(uv: vec2<f32>) -> f32 {
    return textureSampleLevel(composed, edge_sampler, uv, 0.0).a;
}

fn mask_of(region: i32, uv: vec2<f32>) -> f32 {
    let share = mattes(frame_uv(uv));
    let weights = weigh(share, SHAPED_LOW, SHAPED_HIGH);
    let front = 1.0 - weights.outline;
    var low = vec4(weights.outline, weights.low.xyz * front);
    var high = vec2(weights.low.w, weights.high.x) * front;
    low = mix(low, share.low, SHAPED_LOW);
    high = mix(high, share.high, SHAPED_HIGH);
    let is_low = select(vec4(0.0), vec4(1.0), vec4(region) == vec4(0, 1, 2, 3));
    let is_high = select(vec3(0.0), vec3(1.0), vec3(region) == vec3(4, 5, -1));
    return saturate(dot(low, is_low) + dot(vec3(high, front), is_high));
}

fn edge_distance_of(region: i32, uv: vec2<f32>) -> f32 {
    let at = mask_uv(frame_uv(uv));
    let low = textureSampleLevel(edges0, edge_sampler, at, 0.0);
    let high = textureSampleLevel(edges1, edge_sampler, at, 0.0).xyz;
    let is_low = select(vec4(0.0), vec4(1.0), vec4(region) == vec4(0, 1, 2, 3));
    let is_high = select(vec3(0.0), vec3(1.0), vec3(region) == vec3(4, 5, -1));
    return clamp((dot(low, is_low) + dot(high, is_high)) * masque_scales.x, -REACH, REACH);
}

fn motion(uv: vec2<f32>) -> vec2<f32> {
    let moved = textureSampleLevel(frame_motion, edge_sampler, mask_uv(frame_uv(uv)), 0.0).xy;
    return moved * -masque_scales.y / params.uv.xy;
}

fn things() -> i32 {
    return i32(effect_values[masque_first_count].x);
}

fn things_in(zone: i32) -> i32 {
    let at = clamp(zone, 0, masque_zones - 1);
    let there = select(0.0, 1.0, zone >= 0 && zone < masque_zones);
    return i32(effect_values[masque_first_count + 1 + at / 4][at % 4] * there);
}

fn face(index: i32) -> Face {
    let at = 2 + clamp(index, 0, 3) * 4;
    let there = select(0.0, 1.0, index >= 0 && index < FACES);
    let eyes = effect_values[at] * there;
    let middle = effect_values[at + 1] * there;
    let open = effect_values[at + 2] * there;
    let pose = effect_values[at + 3] * there;
    return Face(
        eyes.xy,
        eyes.zw,
        middle.xy,
        middle.zw,
        open.x,
        open.y,
        open.z,
        open.w,
        pose.x,
        pose.y,
        pose.z,
    );
}
