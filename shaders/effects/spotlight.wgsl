/*{
  "DESCRIPTION": "A spotlight follows every face; around it, it is night.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Face", "Light"],
  "INPUTS": [
    { "NAME": "size", "LABEL": "Size", "TYPE": "float", "DEFAULT": 0.3, "MIN": 0.05, "MAX": 1.0, "UNIT": "picture heights", "DOC": "Radius of the light." },
    { "NAME": "softness", "LABEL": "Softness", "TYPE": "float", "DEFAULT": 0.12, "MIN": 0.005, "MAX": 0.5, "UNIT": "picture heights", "DOC": "How wide the light's edge fades." },
    { "NAME": "night", "LABEL": "Night", "TYPE": "color", "DEFAULT": [0.12, 0.14, 0.34], "DOC": "Colour of what is not lit." },
    { "NAME": "light", "LABEL": "Light", "TYPE": "color", "DEFAULT": [1.0, 0.93, 0.8], "DOC": "Colour of the lamp." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How dark the night is." }
  ]
}*/

// Samples of below: 1.

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    var lit = 0.0;
    for (var i = 0; i < FACES; i++) {
        let away = distance(uv * shape, face(i).nose * shape);
        lit = max(lit, 1.0 - smoothstep(size - softness, size + softness, away));
    }
    // Without a face the lamp looks for one.
    if FACES == 0 {
        let search = vec2(0.5 + 0.3 * sin(TIME * 0.9), 0.5 + 0.2 * sin(TIME * 1.3));
        lit = 1.0 - smoothstep(size - softness, size + softness, distance(uv * shape, search * shape));
    }
    let dark = night.rgb * (0.1 + luma(color.rgb));
    return vec4(mix(color.rgb, mix(dark, color.rgb * light.rgb, lit), amount), color.a);
}
