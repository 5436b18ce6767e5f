/*{
  "DESCRIPTION": "Draws the picture with a pen: outlines, and hatching where it is dark.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Print", "Painting"],
  "INPUTS": [
    { "NAME": "line", "LABEL": "Line", "TYPE": "float", "DEFAULT": 0.0022, "MIN": 0.0008, "MAX": 0.01, "UNIT": "picture heights", "DOC": "How broad the pen is." },
    { "NAME": "outlines", "LABEL": "Outlines", "TYPE": "float", "DEFAULT": 0.6, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How faint an edge may be and still be drawn." },
    { "NAME": "hatching", "LABEL": "Hatching", "TYPE": "float", "DEFAULT": 0.011, "MIN": 0.004, "MAX": 0.05, "UNIT": "picture heights", "DOC": "Distance between the strokes in the shade." },
    { "NAME": "shade", "LABEL": "Shade", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much of the picture is hatched." },
    { "NAME": "ink", "LABEL": "Ink", "TYPE": "color", "DEFAULT": [0.1, 0.1, 0.2], "DOC": "Colour of the pen." },
    { "NAME": "paper", "LABEL": "Paper", "TYPE": "color", "DEFAULT": [0.97, 0.95, 0.9], "DOC": "Colour of the paper." },
    { "NAME": "wash", "LABEL": "Wash", "TYPE": "float", "DEFAULT": 0.15, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much of the colours is laid under the drawing, as water colour." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the drawing is seen over the picture." }
  ]
}*/

// Edges by the cross of L. G. Roberts (Machine perception of three-dimensional solids, 1963), tone by three layers of strokes
// that begin at darker and darker tones. The hand trembles a little, eight times a second. Samples of below: 5.

// One layer of strokes, 0–1: a stroke is thin where the tone has just reached `start`, and grows with the dark.
fn strokes(place: vec2<f32>, turned: f32, dark: f32, start: f32) -> f32 {
    let row = rotate(place, turned).y / hatching;
    let off = abs(fract(row) - 0.5) * hatching;
    let thick = line * 0.75 * smoothstep(start, start + 0.3, dark);
    let pixel = 0.7 / RENDERSIZE.y;
    return 1.0 - smoothstep(thick - pixel, thick + pixel, off + pixel * step(thick, 0.0) * 9.0);
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let beat = floor(TIME * 8.0);
    let place = uv * shape;
    let sway = noise(place * 25.0 + beat * 7.1) - 0.5;
    let tremble = vec2(sway, -sway) * line;
    let hand = uv + tremble / shape;
    let reach = max(line, 1.0 / RENDERSIZE.y) * 0.6 / shape;

    let a = below(hand - reach).rgb;
    let b = below(hand + reach).rgb;
    let c = below(hand + vec2(reach.x, -reach.y)).rgb;
    let d = below(hand + vec2(-reach.x, reach.y)).rgb;
    let edge = length(a - b) + length(c - d);
    let limit = mix(0.6, 0.04, outlines);
    let outline = smoothstep(limit, limit * 2.2, edge) * step(1e-3, outlines);

    let mean = (a + b + c + d) * 0.25;
    let dark = (1.0 - luma(mean)) * (0.4 + shade * 1.2) * step(1e-3, shade);
    let wobble = place + sway * line;
    let grain = noise(place * 120.0);
    var ink_here = max(strokes(wobble, 0.75, dark, 0.35), strokes(wobble, -0.75, dark, 0.58));
    ink_here = max(ink_here, strokes(wobble, 0.05, dark, 0.78));
    ink_here = max(ink_here * (0.65 + 0.35 * grain), outline);

    let sheet = mix(paper.rgb, paper.rgb * mix(vec3(1.0), mean, 0.85), wash) * (0.96 + 0.04 * grain);
    let bare = below(uv);
    return vec4(mix(bare.rgb, mix(sheet, ink.rgb, ink_here), amount), bare.a);
}
