/*{
  "DESCRIPTION": "Rings of coloured light stand around people and wander outwards. Made for the background or the whole picture.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Light"],
  "INPUTS": [
    { "NAME": "spacing", "LABEL": "Spacing", "TYPE": "float", "DEFAULT": 0.035, "MIN": 0.008, "MAX": 0.15, "UNIT": "picture heights", "DOC": "Distance from ring to ring." },
    { "NAME": "thickness", "LABEL": "Thickness", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.05, "MAX": 1.0, "UNIT": "share of the spacing", "DOC": "How thick a ring is." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 0.03, "MIN": -0.3, "MAX": 0.3, "UNIT": "picture heights per second", "DOC": "How fast the rings wander outwards." },
    { "NAME": "reach", "LABEL": "Reach", "TYPE": "float", "DEFAULT": 0.22, "MIN": 0.02, "MAX": 0.24, "UNIT": "picture heights", "DOC": "How far out there are rings." },
    { "NAME": "near_color", "LABEL": "Near", "TYPE": "color", "DEFAULT": [1.0, 0.8, 0.2], "DOC": "Colour of the innermost ring." },
    { "NAME": "far_color", "LABEL": "Far", "TYPE": "color", "DEFAULT": [0.55, 0.1, 1.0], "DOC": "Colour of the outermost ring." },
    { "NAME": "waves", "LABEL": "Waves", "TYPE": "float", "DEFAULT": 0.4, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How far the rings sway." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How bright the rings are." }
  ]
}*/

// Lines of equal distance to the people's outline. They stand in the background only. Samples of below: 1.

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let place = uv * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let away = -edge_distance_of(PEOPLE, uv);
    let sway = (noise(place * 6.0 + vec2(0.0, TIME * 0.4)) - 0.5) * waves * spacing * 1.5 * smoothstep(0.0, 0.06, away);
    let row = (away + sway - TIME * speed) / spacing;
    let off = abs(fract(row) - 0.5) * 2.0;
    let pixel = 2.0 / (spacing * RENDERSIZE.y);
    let ring = 1.0 - smoothstep(thickness - pixel, thickness + pixel, off);
    let soft = exp(-off * 2.5) * 0.35;
    let share = saturate(away / reach);
    let fade = smoothstep(-0.004, 0.01, away) * (1.0 - share * share) * (1.0 - smoothstep(0.2, 0.245, away));
    // It is a little darker where the rings are: light on a white wall would not be seen.
    let light = mix(near_color.rgb, far_color.rgb, share);
    let dimmed = color.rgb * (1.0 - 0.5 * fade * amount);
    return vec4(mix(dimmed, light, saturate((ring + soft) * fade * amount)), color.a);
}
