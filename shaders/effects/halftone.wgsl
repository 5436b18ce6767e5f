/*{
  "DESCRIPTION": "Prints the picture in dots, as a newspaper does: the darker, the larger.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Print"],
  "INPUTS": [
    { "NAME": "dot_size", "LABEL": "Dot size", "TYPE": "float", "DEFAULT": 0.016, "MIN": 0.004, "MAX": 0.1, "UNIT": "picture heights",
      "DOC": "Distance from dot to dot." },
    { "NAME": "angle", "LABEL": "Angle", "TYPE": "float", "DEFAULT": 45.0, "MIN": -90.0, "MAX": 90.0, "UNIT": "degrees",
      "DOC": "How far the rows of dots are turned." },
    { "NAME": "style", "LABEL": "Style", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1], "LABELS": ["Ink on paper", "Own colours"],
      "DOC": "One ink for all, or each dot in the colour of the picture below it." },
    { "NAME": "ink", "LABEL": "Ink", "TYPE": "color", "DEFAULT": [0.07, 0.07, 0.12], "DOC": "Colour of the dots where they are of one ink." },
    { "NAME": "paper", "LABEL": "Paper", "TYPE": "color", "DEFAULT": [0.97, 0.94, 0.87], "DOC": "Colour between the dots." },
    { "NAME": "contrast", "LABEL": "Contrast", "TYPE": "float", "DEFAULT": 1.3, "MIN": 0.5, "MAX": 3.0,
      "DOC": "Above 1, light parts lose their dots and dark parts close sooner." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share",
      "DOC": "How much of the print is seen over the picture." }
  ]
}*/

// Amplitude-modulated screening with the Euclidean spot function cos x + cos y (Adobe, PostScript Language Reference,
// 3rd edition, section 7.4.2): dots grow, touch at half tone like a chess board, and close to round holes.
// Samples of below: 1, in the middle of the dot.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let place = rotate(uv * shape, radians(angle)) / dot_size;
    let cell = floor(place) + 0.5;
    let color = below(rotate(cell * dot_size, -radians(angle)) / shape);

    let wave = cos((place - cell) * TAU);
    let spot = 0.5 + 0.25 * (wave.x + wave.y);
    // What white paper and a full ink give together when the ink covers `dark` of the cell.
    let least = min(color.r, min(color.g, color.b));
    let dark = select(1.0 - luma(color.rgb), 1.0 - least, style == 1);
    let own = (color.rgb - least) / max(1.0 - least, 1e-3);
    let dot_color = select(ink.rgb, own, style == 1);

    let edge = 1.2 / (dot_size * RENDERSIZE.y);
    let limit = mix(1.0 + edge, -edge, saturate((dark - 0.5) * contrast + 0.5));
    let printed = mix(paper.rgb, dot_color, smoothstep(-edge, edge, spot - limit));
    return mix(below(uv), vec4(printed, color.a), amount);
}
