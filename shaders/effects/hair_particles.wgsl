/*{
  "DESCRIPTION": "Hair sheds glowing dust that the wind carries away. Made for the stack over the whole picture.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Particles", "Light"],
  "INPUTS": [
    { "NAME": "shed_by", "LABEL": "Shed by", "TYPE": "long", "DEFAULT": 1, "VALUES": [1, 2, 3, 4, 5, -1], "LABELS": ["Hair", "Body skin", "Face skin", "Clothes", "Accessories", "People"],
      "DOC": "The region that the dust comes from." },
    { "NAME": "rate", "LABEL": "Rate", "TYPE": "float", "DEFAULT": 6.0, "MIN": 0.0, "MAX": 20.0, "UNIT": "per second", "DOC": "How often each patch of the region sheds a grain." },
    { "NAME": "life", "LABEL": "Life", "TYPE": "float", "DEFAULT": 2.5, "MIN": 0.2, "MAX": 10.0, "UNIT": "seconds", "DOC": "How long a grain glows." },
    { "NAME": "size", "LABEL": "Size", "TYPE": "float", "DEFAULT": 0.0065, "MIN": 0.0015, "MAX": 0.007, "UNIT": "picture heights", "DOC": "Radius of a young grain with its glow." },
    { "NAME": "wind", "LABEL": "Wind", "TYPE": "float", "DEFAULT": 0.1, "MIN": -0.5, "MAX": 0.5, "UNIT": "picture heights per second", "DOC": "How fast the grains go to the right." },
    { "NAME": "rise", "LABEL": "Rise", "TYPE": "float", "DEFAULT": 0.1, "MIN": -0.5, "MAX": 0.5, "UNIT": "picture heights per second", "DOC": "How fast the grains rise; below 0 they fall." },
    { "NAME": "swirl", "LABEL": "Swirl", "TYPE": "float", "DEFAULT": 0.12, "MIN": 0.0, "MAX": 0.5, "UNIT": "picture heights per second", "DOC": "How fast they go round in the eddies of the wind." },
    { "NAME": "young", "LABEL": "Young", "TYPE": "color", "DEFAULT": [1.0, 0.86, 0.5], "DOC": "Colour of a new grain." },
    { "NAME": "old", "LABEL": "Old", "TYPE": "color", "DEFAULT": [1.0, 0.25, 0.35], "DOC": "Colour of a grain that goes out." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How bright the grains are." }
  ],
  "PASSES": [
    { "TARGET": "grains", "PERSISTENT": true, "FLOAT": true, "SCALE": 0.1 },
    {}
  ]
}*/

// Particles that live in a grid: each texel holds at most one grain, and every picture a texel takes over the grain that
// comes to lie in it (after the tracking step of M. Moroz, Reintegration tracking, 2020). A texel holds where the grain is
// (x, y from the texel's middle, in texels), a number of its own (0–1), and how much of its life is left. Where two grains
// meet, the older one stays. Samples of below: 1, of the grid 4.

// That of the target, whose sides are rounded, half a texel upwards.
const SCALE: f32 = 0.1;

// Velocity at `uv` in picture heights per second, y down.
fn blown(uv: vec2<f32>, shape: vec2<f32>) -> vec2<f32> {
    let place = uv * shape * 5.0 + vec2(-0.3 * TIME, 0.2 * TIME);
    let around = vec2(noise(place), noise(place + 31.7)) * 2.0 - 1.0;
    return vec2(wind, -rise) + around * swirl * 1.6;
}

fn move_grains(uv: vec2<f32>) -> vec4<f32> {
    let grid = RENDERSIZE;
    let shape = vec2(grid.x / grid.y, 1.0);
    let seconds = min(TIMEDELTA, 0.1);
    var kept = vec4(0.0);
    for (var i = 0; i < 9; i++) {
        let offset = vec2(f32(i % 3) - 1.0, f32(i / 3) - 1.0);
        let from_uv = uv + offset / grid;
        var grain = grains(from_uv);
        let step_size = blown(from_uv, shape) * seconds * grid.y;
        // No grain may jump over a texel.
        let at = offset + grain.xy + clamp(step_size, vec2(-0.9), vec2(0.9));
        let alive = grain.w - seconds / life;
        let outside = any(from_uv < vec2(0.0)) || any(from_uv > vec2(1.0));
        let mine = all(at >= vec2(-0.5)) && all(at < vec2(0.5)) && !outside;
        if mine && alive > 0.0 && (kept.w <= 0.0 || alive < kept.w) {
            kept = vec4(at, grain.z, alive);
        }
    }
    let texel = floor(uv * grid);
    // By the time, not the picture's number: the same film sheds the same grains.
    let clock = vec2(TIME * 0.731, TIME * 1.317);
    let chance = hash21(texel + clock);
    let spot = vec2(hash21(texel * 1.7 + clock.yx), hash21(texel.yx * 1.3 + clock)) - 0.5;
    if kept.w <= 0.0 && chance < rate * seconds * mask_of(shed_by, uv + spot / grid) {
        kept = vec4(spot, hash21(texel + clock * 3.0), 1.0);
    }
    return kept;
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    if PASSINDEX == 0 {
        return move_grains(uv);
    }
    let color = below(uv);
    let grid = max(floor(RENDERSIZE * SCALE + 0.5), vec2(1.0));
    let place = uv * grid;
    let first = floor(place - 0.5);
    var light = vec4(0.0);
    for (var i = 0; i < 4; i++) {
        let middle = first + vec2(f32(i & 1), f32(i >> 1u)) + 0.5;
        let grain = grains(middle / grid);
        let away = length(place - middle - grain.xy) / grid.y;
        let left = max(grain.w, 0.0);
        let radius = size * (0.6 + 0.4 * grain.z) * sqrt(left) + 1e-5;
        let near = max(1.0 - away / radius, 0.0);
        let twinkle = 0.7 + 0.6 * abs(fract(TIME * 1.3 + grain.z * 41.0) - 0.5);
        // A small hot core in a soft glow; a grain lights up in its first tenth and goes out slowly.
        let glow = (near * near * 0.7 + saturate(near * 4.0 - 1.4)) * twinkle * saturate(10.0 - 10.0 * left) * saturate(4.0 * left);
        light += vec4(mix(old.rgb, young.rgb, left), 1.0) * glow;
    }
    // Light that also covers, so that it is seen before a white wall.
    let cover = saturate(light.a * amount);
    let shade = color.rgb * (1.0 - cover);
    return vec4(1.0 - (1.0 - shade) * (1.0 - saturate(light.rgb * amount)), color.a);
}
