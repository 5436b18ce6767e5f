/*{
  "DESCRIPTION": "Four inks in four screens, a little out of register: a comic printed in a hurry.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Print"],
  "INPUTS": [
    { "NAME": "dot_size", "LABEL": "Dot size", "TYPE": "float", "DEFAULT": 0.011, "MIN": 0.004, "MAX": 0.08, "UNIT": "picture heights", "DOC": "Distance from dot to dot." },
    { "NAME": "slip", "LABEL": "Slip", "TYPE": "float", "DEFAULT": 0.002, "MIN": 0.0, "MAX": 0.03, "UNIT": "picture heights", "DOC": "How far the inks are printed beside each other." },
    { "NAME": "black", "LABEL": "Black", "TYPE": "float", "DEFAULT": 0.8, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much of the dark is printed in black instead of three inks." },
    { "NAME": "paper", "LABEL": "Paper", "TYPE": "color", "DEFAULT": [0.98, 0.95, 0.88], "DOC": "Colour of the paper." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the print is seen over the picture." }
  ]
}*/

// The usual angles of the screens, yellow 0°, cyan 15°, black 45° and magenta 75° (Adobe, PostScript Language Reference, 3rd
// edition, section 7.4), gray component replacement for black, inks that multiply. Samples of below: 5.

const TAU: f32 = 6.2831853;

// Cyan, magenta, yellow and black that the picture wants at `uv`.
fn inks(uv: vec2<f32>) -> vec4<f32> {
    let want = 1.0 - below(uv).rgb;
    let gray = min(want.r, min(want.g, want.b)) * black;
    return vec4((want - gray) / max(1.0 - gray, 1e-3), gray);
}

// How much of the ink lies at `place` (picture heights): xyz and w choose the ink.
fn screened(place: vec2<f32>, shape: vec2<f32>, degrees_turned: f32, ink: vec4<f32>) -> f32 {
    let turned = rotate(place, radians(degrees_turned)) / dot_size;
    let cell = floor(turned) + 0.5;
    let cover = dot(inks(rotate(cell * dot_size, -radians(degrees_turned)) / shape), ink);
    let wave = cos((turned - cell) * TAU);
    let spot = 0.5 + 0.25 * (wave.x + wave.y);
    let edge = 1.2 / (dot_size * RENDERSIZE.y);
    return smoothstep(-edge, edge, spot - mix(1.0 + edge, -edge, cover));
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let place = uv * shape;
    let cyan = screened(place + slip * vec2(1.0, 0.3), shape, 15.0, vec4(1.0, 0.0, 0.0, 0.0));
    let magenta = screened(place + slip * vec2(-0.7, 0.7), shape, 75.0, vec4(0.0, 1.0, 0.0, 0.0));
    let yellow = screened(place + slip * vec2(-0.3, -1.0), shape, 0.0, vec4(0.0, 0.0, 1.0, 0.0));
    let key = screened(place, shape, 45.0, vec4(0.0, 0.0, 0.0, 1.0));
    var printed = paper.rgb * mix(vec3(1.0), vec3(0.0, 0.66, 0.92), cyan);
    printed *= mix(vec3(1.0), vec3(0.92, 0.05, 0.5), magenta);
    printed *= mix(vec3(1.0), vec3(1.0, 0.92, 0.05), yellow);
    printed *= mix(vec3(1.0), vec3(0.1, 0.1, 0.12), key);
    let bare = below(uv);
    return vec4(mix(bare.rgb, printed, amount), bare.a);
}
