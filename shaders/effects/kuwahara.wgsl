/*{
  "DESCRIPTION": "Paints the picture in oil: flat strokes, kept edges, paint that stands out.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Painting"],
  "INPUTS": [
    { "NAME": "brush", "LABEL": "Brush", "TYPE": "float", "DEFAULT": 0.02, "MIN": 0.003, "MAX": 0.04, "UNIT": "picture heights", "DOC": "Width of the brush." },
    { "NAME": "relief", "LABEL": "Relief", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How thick the paint lies: light from the upper left catches its edges." },
    { "NAME": "vivid", "LABEL": "Vivid", "TYPE": "float", "DEFAULT": 0.25, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much stronger the colours are." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the painting is seen over the picture." }
  ],
  "PASSES": [
    { "TARGET": "sketch", "SCALE": 0.5 },
    { "TARGET": "underpainting", "SCALE": 0.5 },
    { "TARGET": "painting", "SCALE": 0.5 },
    {}
  ]
}*/

// Kuwahara filter with four quadrants that are weighted by how even they are (M. Kuwahara et al., 1976; the soft choice
// after G. Papari et al., Artistic edge and corner enhancing smoothing, 2007), twice over a copy of half the size, the second
// time turned by 45°, which rounds the strokes. Samples of below: 1 for every fourth pixel, and 1.

fn worked_over(uv: vec2<f32>) -> vec4<f32> {
    if PASSINDEX == 1 {
        return sketch(uv);
    }
    return underpainting(uv);
}

// What the quadrant that lies towards `corner` (picture heights) adds: its mean, weighted, and the weight.
fn quadrant(uv: vec2<f32>, corner: vec2<f32>) -> vec4<f32> {
    let to_uv = vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
    let side = vec2(-corner.y, corner.x);
    var sum = vec3(0.0);
    var squares = vec3(0.0);
    for (var i = 0; i < 4; i++) {
        // A square with one corner at the pixel and the opposite one at `corner`.
        let along = 0.12 + 0.38 * f32((i & 1) + (i >> 1u));
        let across = 0.38 * f32((i & 1) - (i >> 1u));
        let color = worked_over(uv + (corner * along + side * across) * to_uv).rgb;
        sum += color;
        squares += color * color;
    }
    let mean = sum * 0.25;
    let variance = max(squares * 0.25 - mean * mean, vec3(0.0));
    let uneven = 1.0 + 600.0 * (variance.r + variance.g + variance.b);
    let weight = 1.0 / (uneven * uneven * uneven);
    return vec4(mean * weight, weight);
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    if PASSINDEX == 0 {
        return below(uv);
    }
    if PASSINDEX < 3 {
        let corner = brush * 0.7 * select(vec2(0.7071, 0.7071), vec2(1.0, 0.0), PASSINDEX == 2);
        let side = vec2(-corner.y, corner.x);
        let sum = quadrant(uv, corner) + quadrant(uv, side) + quadrant(uv, -corner) + quadrant(uv, -side);
        return vec4(sum.rgb / sum.a, 1.0);
    }
    let bare = below(uv);
    let one = 0.0025 * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
    let here = painting(uv).rgb;
    let lit = painting(uv - one).rgb;
    let shaded = painting(uv + one).rgb;
    // Some of what the small copy lost in sharpness, and light on the ridges.
    let sharp = here * 1.5 - 0.25 * (lit + shaded);
    let ridge = luma(shaded) - luma(lit);
    var color = sharp + clamp(ridge * 1.6, -0.2, 0.2) * relief;
    color = mix(vec3(luma(color)), color, 1.0 + vivid);
    return mix(bare, vec4(saturate(color), bare.a), amount);
}
