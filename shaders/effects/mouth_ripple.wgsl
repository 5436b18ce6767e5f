/*{
  "DESCRIPTION": "Rings run out from a mouth that opens, as from a stone in water.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Face", "Geometry"],
  "INPUTS": [
    { "NAME": "strength", "LABEL": "Strength", "TYPE": "float", "DEFAULT": 0.025, "MIN": 0.0, "MAX": 0.1, "IDENTITY": 0.0, "UNIT": "picture heights",
      "DOC": "How far the waves of a wide open mouth move the picture." },
    { "NAME": "wavelength", "LABEL": "Wavelength", "TYPE": "float", "DEFAULT": 0.09, "MIN": 0.02, "MAX": 0.5, "UNIT": "picture heights", "DOC": "Distance from ring to ring." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 0.25, "MIN": -1.0, "MAX": 1.0, "UNIT": "picture heights per second", "DOC": "How fast the rings run; below 0 they run into the mouth." },
    { "NAME": "reach", "LABEL": "Reach", "TYPE": "float", "DEFAULT": 0.7, "MIN": 0.05, "MAX": 2.0, "UNIT": "picture heights", "DOC": "How far from the mouth the rings die." },
    { "NAME": "gleam", "LABEL": "Gleam", "TYPE": "float", "DEFAULT": 0.3, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "Light on the slopes of the waves." },
    { "NAME": "threshold", "LABEL": "Threshold", "TYPE": "float", "DEFAULT": 0.08, "MIN": 0.0, "MAX": 0.9, "UNIT": "share", "DOC": "A mouth that is open less than this is closed." }
  ]
}*/

// A damped circular wave; what is seen through its surface is moved along the slope (small-angle refraction). Up to four
// mouths add up. Samples of below: 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    var moved = vec2(0.0);
    var light = 0.0;
    for (var i = 0; i < FACES; i++) {
        let who = face(i);
        let open = smoothstep(threshold, min(threshold + 0.5, 1.0), who.mouth_open);
        let arm = (uv - who.mouth) * shape;
        let away = length(arm);
        let fade = max(1.0 - away / reach, 0.0);
        // The mouth itself stands still and the face moves little, so that one still knows who it is.
        let force = open * fade * fade * smoothstep(0.0, 2.0 * who.size, away);
        let slope = sin((away - TIME * speed) / wavelength * TAU) * force;
        let outward = arm / max(away, 1e-4);
        moved += outward * slope;
        light += slope * dot(outward, vec2(-0.6, -0.8));
    }
    let color = below(uv + moved * strength / shape);
    let shine = light * gleam * smoothstep(0.0, 0.01, strength);
    return vec4(saturate(color.rgb + shine), color.a);
}
