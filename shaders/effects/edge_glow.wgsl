/*{
  "DESCRIPTION": "Bends a neon tube along the outline of a region.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Light"],
  "INPUTS": [
    { "NAME": "outline_of", "LABEL": "Outline of", "TYPE": "long", "DEFAULT": -2, "VALUES": [-2, -1, 1, 2, 3, 4, 5],
      "LABELS": ["This region", "People", "Hair", "Body skin", "Face skin", "Clothes", "Accessories"],
      "DOC": "Whose outline glows. Over the whole picture, this region is people." },
    { "NAME": "color", "LABEL": "Colour", "TYPE": "color", "DEFAULT": [1.0, 0.15, 0.62], "DOC": "Light of the tube and of the glow inside." },
    { "NAME": "outer_color", "LABEL": "Outer colour", "TYPE": "color", "DEFAULT": [0.1, 0.45, 1.0], "DOC": "Light of the glow outside." },
    { "NAME": "width", "LABEL": "Tube", "TYPE": "float", "DEFAULT": 0.007, "MIN": 0.0, "MAX": 0.04, "UNIT": "picture heights", "DOC": "How thick the tube is." },
    { "NAME": "reach", "LABEL": "Reach", "TYPE": "float", "DEFAULT": 0.035, "MIN": 0.002, "MAX": 0.15, "UNIT": "picture heights",
      "DOC": "Distance in which the glow falls to a third." },
    { "NAME": "dim", "LABEL": "Dim", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much darker the picture is, so that the light shows." },
    { "NAME": "pulse", "LABEL": "Pulse", "TYPE": "float", "DEFAULT": 0.0, "MIN": 0.0, "MAX": 8.0, "UNIT": "times per second", "DOC": "How often the light breathes; 0 burns steadily." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "Strength of the light." }
  ]
}*/

// The distance to the edge is known to 0.25 picture heights; the glow falls exponentially and ends before that. Light is
// laid over the picture by screen (W3C, Compositing and Blending Level 1, 10.1.4). Samples of below: 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color_below = below(uv);
    var from_edge = edge_distance(uv);
    if outline_of != -2 {
        from_edge = edge_distance_of(outline_of, uv);
    }
    let away = abs(from_edge);
    let pixel = 1.0 / RENDERSIZE.y;
    let tube = (1.0 - smoothstep(width * 0.5 - pixel, width * 0.5 + pixel, away)) * step(pixel * 0.5, width);
    let halo = exp(-away / reach) * (1.0 - smoothstep(0.15, 0.24, away));
    let breath = 0.65 + 0.35 * cos(TIME * pulse * TAU);

    let tint = mix(outer_color.rgb, color.rgb, smoothstep(-0.5 * width - pixel, 0.5 * width + pixel, from_edge));
    let core = mix(color.rgb, vec3(1.0), 0.7);
    let light = saturate(mix(tint * halo * 0.95, core, tube) * breath * amount);
    let dark = color_below.rgb * (1.0 - dim * amount);
    return vec4(1.0 - (1.0 - dark) * (1.0 - light), color_below.a);
}
