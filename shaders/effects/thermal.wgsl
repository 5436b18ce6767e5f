/*{
  "DESCRIPTION": "Shows brightness as heat, and people as warm.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Colour"],
  "INPUTS": [
    { "NAME": "palette", "LABEL": "Palette", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1, 2, 3], "LABELS": ["Iron", "Rainbow", "White hot", "Night vision"],
      "DOC": "Colours from cold to hot." },
    { "NAME": "body_heat", "LABEL": "Body heat", "TYPE": "float", "DEFAULT": 0.7, "MIN": 0.0, "MAX": 1.0, "UNIT": "share",
      "DOC": "How much warmer people are than what is around them." },
    { "NAME": "contrast", "LABEL": "Contrast", "TYPE": "float", "DEFAULT": 1.2, "MIN": 0.3, "MAX": 3.0, "DOC": "How far brightness spreads over the colours." },
    { "NAME": "bands", "LABEL": "Bands", "TYPE": "float", "DEFAULT": 0.0, "MIN": 0.0, "MAX": 1.0, "UNIT": "share",
      "DOC": "How clearly steps of heat are seen as in a weather map; 0 is smooth." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the heat is seen over the picture." }
  ]
}*/

// False colour along the palettes that thermal cameras offer; our own five stops each. Samples of below: 1.

// A colour at `heat`, 0–1, on the way over five stops.
fn over_stops(heat: f32, a: vec3<f32>, b: vec3<f32>, c: vec3<f32>, d: vec3<f32>, e: vec3<f32>) -> vec3<f32> {
    let t = heat * 4.0;
    return mix(mix(mix(mix(a, b, saturate(t)), c, saturate(t - 1.0)), d, saturate(t - 2.0)), e, saturate(t - 3.0));
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let bright = (luma(color.rgb) - 0.5) * contrast + 0.5;
    // Warm in the middle of the body, cooler at its edge.
    let body = smoothstep(-0.02, 0.1, edge_distance_of(PEOPLE, uv)) * mask_of(PEOPLE, uv);
    let warm = saturate(bright * (1.0 - 0.6 * body_heat) + body_heat * (body - 0.25));
    let stepped = (floor(warm * 11.99) + 0.5) / 12.0;
    let heat = mix(warm, stepped, bands);

    var stops = array(vec3(0.01, 0.0, 0.08), vec3(0.35, 0.0, 0.55), vec3(0.86, 0.16, 0.33), vec3(0.99, 0.62, 0.1), vec3(1.0, 0.98, 0.8));
    if palette == 1 {
        stops = array(vec3(0.05, 0.0, 0.35), vec3(0.0, 0.45, 0.95), vec3(0.1, 0.8, 0.3), vec3(1.0, 0.85, 0.1), vec3(0.95, 0.12, 0.1));
    } else if palette == 2 {
        stops = array(vec3(0.0), vec3(0.25), vec3(0.5), vec3(0.75), vec3(1.0));
    } else if palette == 3 {
        stops = array(vec3(0.0, 0.03, 0.01), vec3(0.02, 0.25, 0.08), vec3(0.1, 0.55, 0.2), vec3(0.35, 0.9, 0.4), vec3(0.9, 1.0, 0.85));
    }
    let hot = over_stops(heat, stops[0], stops[1], stops[2], stops[3], stops[4]);
    return vec4(mix(color.rgb, hot, amount), color.a);
}
