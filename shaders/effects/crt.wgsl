/*{
  "DESCRIPTION": "A tube television: bulging glass, lines of light, coloured phosphor.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Screen"],
  "INPUTS": [
    { "NAME": "lines", "LABEL": "Lines", "TYPE": "float", "DEFAULT": 180.0, "MIN": 20.0, "MAX": 540.0, "UNIT": "per picture height", "DOC": "How many lines the picture has." },
    { "NAME": "scanlines", "LABEL": "Scanlines", "TYPE": "float", "DEFAULT": 0.6, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How dark it is between the lines." },
    { "NAME": "phosphor", "LABEL": "Phosphor", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How clearly the stripes of red, green and blue are seen." },
    { "NAME": "bulge", "LABEL": "Bulge", "TYPE": "float", "DEFAULT": 0.08, "MIN": 0.0, "MAX": 0.5, "DOC": "How far the glass bulges; 0 is flat." },
    { "NAME": "corners", "LABEL": "Dark corners", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How dark the corners are." },
    { "NAME": "hum", "LABEL": "Hum", "TYPE": "float", "DEFAULT": 0.12, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "A bright bar that wanders up the picture." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How old the television is; 0 is none." }
  ]
}*/

// The beam is a Gaussian across each line, wider where it is bright. Stripes and lines that are finer than the output's
// pixels would make waves, so they fade out. Samples of below: 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let from_middle = uv * 2.0 - 1.0;
    let bend = 1.0 + dot(from_middle.yx * from_middle.yx, vec2(0.5)) * bulge * amount;
    // Edge to edge: what the bulge pushes out of the middle of an edge is pulled in again.
    let tube = from_middle * bend / (1.0 + 0.15 * bulge * amount);
    let at = tube * 0.5 + 0.5;

    let row = at.y * lines;
    let on_line = vec2(at.x, (floor(row) + 0.5) / lines);
    let color = below(mix(at, on_line, amount));
    let off = fract(row) - 0.5;
    let beam_width = mix(0.24, 0.42, luma(color.rgb));
    let beam = exp(-0.5 * off * off / (beam_width * beam_width));
    let fine = RENDERSIZE.y / lines;
    let line_light = mix(1.0, beam * 1.25, scanlines * amount * smoothstep(1.2, 2.5, fine));

    // A triad is as wide as a line is high, at least three pixels.
    let triad = max(1.0 / lines, 3.0 / RENDERSIZE.y) * RENDERSIZE.y / RENDERSIZE.x;
    let stripes = 0.5 + 0.5 * cos((vec3(at.x / triad) - vec3(0.0, 1.0, 2.0) / 3.0) * TAU);
    let mask = mix(vec3(1.0), stripes * 1.5 + 0.1, phosphor * amount * smoothstep(2.0, 3.5, max(fine, 3.0)));

    let bar = 1.0 + hum * amount * (0.5 * smoothstep(0.7, 1.0, cos((at.y + TIME * 0.12) * TAU)) - 0.1);
    let corner = 1.0 - corners * amount * smoothstep(0.5, 2.0, dot(tube * tube, vec2(1.0)));
    let pixel = 2.0 / RENDERSIZE;
    let edge = smoothstep(vec2(1.0) + pixel, vec2(1.0), abs(tube));
    let glass = mix(1.0, edge.x * edge.y, step(1e-5, bulge * amount));
    // Brighter by what lines and stripes take away.
    let gain = 1.0 + amount * (0.2 * scanlines + 0.15 * phosphor);
    return vec4(saturate(color.rgb * line_light * mask * bar * gain) * corner * glass, color.a);
}
