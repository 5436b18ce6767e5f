/*{
  "DESCRIPTION": "A church window: pieces of coloured glass in lead, with light behind them.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Painting"],
  "INPUTS": [
    { "NAME": "size", "LABEL": "Piece size", "TYPE": "float", "DEFAULT": 0.055, "MIN": 0.015, "MAX": 0.3, "UNIT": "picture heights", "DOC": "Width of a piece of glass." },
    { "NAME": "lead", "LABEL": "Lead", "TYPE": "float", "DEFAULT": 0.006, "MIN": 0.0, "MAX": 0.03, "UNIT": "picture heights", "DOC": "Width of the lead between the pieces." },
    { "NAME": "lead_color", "LABEL": "Lead colour", "TYPE": "color", "DEFAULT": [0.06, 0.06, 0.07], "DOC": "Colour of the lead." },
    { "NAME": "irregular", "LABEL": "Irregular", "TYPE": "float", "DEFAULT": 0.85, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "0 cuts squares, 1 pieces of every shape." },
    { "NAME": "glow", "LABEL": "Glow", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How strong the colours are and how much light falls through." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the window is seen over the picture." }
  ]
}*/

// Cellular texture (S. Worley, A cellular texture basis function, 1996). The distance to the border is the one to the line
// half way between the two nearest points, so that the lead is equally wide everywhere. Samples of below: 2.

fn point_in(cell: vec2<f32>) -> vec2<f32> {
    // The upper and the lower bits of one number are two.
    let number = hash21(cell);
    return cell + mix(vec2(0.5), vec2(number, fract(number * 4096.0)), irregular);
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let place = uv * shape / size;
    let cell = floor(place);
    var nearest = vec3(0.0, 0.0, 99.0);
    var second = vec3(0.0, 0.0, 99.0);
    for (var i = 0; i < 9; i++) {
        let at = point_in(cell + vec2(f32(i % 3) - 1.0, f32(i / 3) - 1.0));
        let away = distance(place, at);
        if away < nearest.z {
            second = nearest;
            nearest = vec3(at, away);
        } else if away < second.z {
            second = vec3(at, away);
        }
    }
    let across = second.xy - nearest.xy;
    let border = dot((nearest.xy + second.xy) * 0.5 - place, across) / max(length(across), 1e-4) * size;

    let glass = below(nearest.xy * size / shape);
    // Thick glass: every piece has a tone of its own and is a little uneven.
    let uneven = noise(place * 5.0);
    let own = hash21(floor(nearest.xy) + 0.5) - 0.5;
    let strong = mix(vec3(luma(glass.rgb)), glass.rgb, 1.0 + glow * 1.2);
    let light = 1.0 + glow * (0.45 * uneven + 0.35 * own + 0.25 * (1.0 - nearest.z));
    let pixel = 1.0 / RENDERSIZE.y;
    // The lead is round: a line of light runs along its middle.
    let round_lead = lead_color.rgb + 0.16 * smoothstep(0.3 * lead + pixel, 0.0, border) * step(pixel, lead);
    let is_glass = smoothstep(lead * 0.5 - pixel, lead * 0.5 + pixel, border + pixel * step(lead, 0.0));
    let piece = saturate(strong * light) * (0.75 + 0.25 * smoothstep(0.0, 0.35 * size, border));
    return mix(below(uv), vec4(mix(round_lead, piece, is_glass), glass.a), amount);
}
