/*{
  "DESCRIPTION": "Lets the picture run like wet paint in a slow stream; what moves leaves a trail.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Feedback", "Painting"],
  "INPUTS": [
    { "NAME": "hold", "LABEL": "Hold", "TYPE": "float", "DEFAULT": 0.6, "MIN": 0.0, "MAX": 10.0, "UNIT": "seconds", "DOC": "Time in which half of the old paint gives way to the new picture." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 0.09, "MIN": 0.0, "MAX": 0.5, "UNIT": "picture heights per second", "DOC": "How fast the stream runs." },
    { "NAME": "eddies", "LABEL": "Eddies", "TYPE": "float", "DEFAULT": 0.22, "MIN": 0.03, "MAX": 1.0, "UNIT": "picture heights", "DOC": "Size of the eddies." },
    { "NAME": "follow", "LABEL": "Follow movement", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How far moving people drag the paint along." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the paint is seen over the picture." }
  ],
  "PASSES": [
    { "TARGET": "paint", "PERSISTENT": true, "FLOAT": true, "SCALE": 0.5 },
    {}
  ]
}*/

// Semi-Lagrangian advection (J. Stam, Stable Fluids, 1999) along curl noise, which has no sources and no sinks (R. Bridson
// et al., Curl-noise for procedural fluid flow, 2007). Samples of below: 1 for every fourth pixel, and 1.

// Velocity of the stream in eddies, about 1 long. `place` is counted in eddies.
fn stream(place: vec2<f32>) -> vec2<f32> {
    let drift = vec2(0.0, TIME * 0.15);
    let e = 0.1;
    let up = noise(place + drift + vec2(0.0, e)) - noise(place + drift - vec2(0.0, e));
    let right = noise(place + drift + vec2(e, 0.0)) - noise(place + drift - vec2(e, 0.0));
    return vec2(up, -right) / (2.0 * e);
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let fresh = below(uv);
    if PASSINDEX == 0 {
        let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
        let carried = stream(uv * shape / eddies) * speed * TIMEDELTA / shape + motion(uv) * follow;
        let old = paint(uv - carried);
        let renewed = 1.0 - exp2(-TIMEDELTA / max(hold, 1e-3));
        // What was never painted has no alpha and takes the picture at once.
        return vec4(mix(old.rgb, fresh.rgb, max(renewed, 1.0 - old.a)), 1.0);
    }
    return vec4(mix(fresh.rgb, paint(uv).rgb, amount), fresh.a);
}
