/*{
  "DESCRIPTION": "Types the picture with the letters of a terminal.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Pixels", "Print"],
  "INPUTS": [
    { "NAME": "size", "LABEL": "Letter size", "TYPE": "float", "DEFAULT": 0.022, "MIN": 0.008, "MAX": 0.12, "UNIT": "picture heights", "DOC": "Height of a line of letters." },
    { "NAME": "letters", "LABEL": "Letters", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1], "LABELS": ["Signs", "Ones and noughts"], "DOC": "What is typed." },
    { "NAME": "style", "LABEL": "Style", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1], "LABELS": ["Own colours", "One colour"], "DOC": "Colour of the letters." },
    { "NAME": "ink", "LABEL": "Ink", "TYPE": "color", "DEFAULT": [0.35, 1.0, 0.45], "DOC": "Colour of the letters where they are of one colour." },
    { "NAME": "screen", "LABEL": "Screen", "TYPE": "color", "DEFAULT": [0.02, 0.03, 0.04], "DOC": "Colour between the letters." },
    { "NAME": "contrast", "LABEL": "Contrast", "TYPE": "float", "DEFAULT": 1.3, "MIN": 0.5, "MAX": 3.0, "DOC": "How far brightness spreads over the letters." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the letters is seen over the picture." }
  ]
}*/

// Our own letters of 5 × 6 dots: row by row from above, the leftmost dot of a row is its highest bit. A letter stands in a
// cell of 6 × 8 dots, and a dot is a whole number of pixels. Samples of below: 2.

// Blank . : - + = x o z O 8 A # B @ W, from dark to light.
const SIGNS = array<u32, 16>(
    0x00000000u, 0x00000080u, 0x00400080u, 0x00070000u, 0x00471000u, 0x00e03800u, 0x01151151u, 0x00e8c5c0u,
    0x3e2223e0u, 0x1d18c62eu, 0x1d17462eu, 0x1d18fe31u, 0x15f52beau, 0x3d1f463eu, 0x1d7ade0fu, 0x3f5ffebfu,
);
const NOUGHT: u32 = 0x1d1ad62eu;
const ONE: u32 = 0x08c2108eu;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let side = max(round(size * RENDERSIZE.y / 8.0), 1.0);
    let cell_size = side * vec2(6.0, 8.0);
    let pixel = uv * RENDERSIZE;
    let cell = floor(pixel / cell_size);
    let color = below((cell + 0.5) * cell_size / RENDERSIZE);

    let tone = saturate((luma(color.rgb) - 0.5) * contrast + 0.5);
    // Twice a second some of the numbers change.
    let turn = floor(TIME * 2.0 + hash21(cell) * 7.0);
    let number = select(NOUGHT, ONE, hash21(cell + vec2(turn, 0.5)) > 0.5);
    let letter = select(SIGNS[u32(tone * 15.99)], number, letters == 1);

    let place = vec2<u32>((pixel - cell * cell_size) / side);
    let bit = 29u - min(place.y * 5u + place.x, 29u);
    let typed = place.x < 5u && place.y < 6u && ((letter >> bit) & 1u) == 1u;

    // A letter of the picture's own colour is brighter than the picture, since most of its cell is dark.
    let bright = color.rgb / max(max(color.r, max(color.g, color.b)), 1e-3);
    let own = bright * mix(0.25, 1.0, sqrt(tone));
    let fade = select(1.0, mix(0.1, 1.0, tone), letters == 1);
    let letter_color = select(own, ink.rgb, style == 1) * fade;
    let shown = mix(screen.rgb, letter_color, select(0.0, 1.0, typed));
    return mix(below(uv), vec4(shown, color.a), amount);
}
