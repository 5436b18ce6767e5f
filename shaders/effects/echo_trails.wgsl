/*{
  "DESCRIPTION": "People leave coloured echoes of themselves that drift away and fade. Made for the background or the whole picture.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Feedback"],
  "INPUTS": [
    { "NAME": "hold", "LABEL": "Hold", "TYPE": "float", "DEFAULT": 0.7, "MIN": 0.05, "MAX": 6.0, "UNIT": "seconds", "DOC": "Time in which an echo fades to half." },
    { "NAME": "hue", "LABEL": "Hue", "TYPE": "float", "DEFAULT": 0.35, "MIN": -2.0, "MAX": 2.0, "UNIT": "turns per second", "DOC": "How fast the colour of an echo turns." },
    { "NAME": "grow", "LABEL": "Grow", "TYPE": "float", "DEFAULT": 0.35, "MIN": -1.0, "MAX": 1.0, "UNIT": "share per second", "DOC": "How fast echoes grow from the middle of the picture; below 0 they shrink." },
    { "NAME": "drift", "LABEL": "Drift", "TYPE": "float", "DEFAULT": 0.0, "MIN": -0.5, "MAX": 0.5, "UNIT": "picture heights per second", "DOC": "How fast echoes go up; below 0 they sink." },
    { "NAME": "own_color", "LABEL": "Own colours", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much of its own colours an echo begins with; the rest is the colour below." },
    { "NAME": "color", "LABEL": "Colour", "TYPE": "color", "DEFAULT": [0.1, 0.7, 1.0], "DOC": "Colour of the light that an echo begins with." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How strong echoes are." }
  ],
  "PASSES": [
    { "TARGET": "echo", "PERSISTENT": true, "FLOAT": true, "SCALE": 0.5 },
    {}
  ]
}*/

// Video feedback: the picture before is scaled, turned in hue and faded, and the people of this one are put before it. In the
// target colours are premultiplied, alpha is how much of an echo is left. Samples of below: 1 for every
// fourth pixel, and 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let fresh = below(uv);
    let person = mask_of(PEOPLE, uv);
    if PASSINDEX == 0 {
        let scale = exp2(-grow * TIMEDELTA);
        let from_uv = (uv - 0.5) * scale + 0.5 + vec2(0.0, drift * TIMEDELTA);
        let inside = step(vec2(0.0), from_uv) * step(from_uv, vec2(1.0));
        let old = echo(from_uv) * exp2(-TIMEDELTA / hold) * inside.x * inside.y;
        // Turning around gray: Rodrigues' rotation about (1, 1, 1).
        let angle = hue * TIMEDELTA * TAU;
        let gray = vec3(dot(old.rgb, vec3(1.0 / 3.0)));
        let turned = gray + (old.rgb - gray) * cos(angle) + cross(vec3(0.57735), old.rgb) * sin(angle);
        // In the stack of the background, people are not what lies below.
        var self_color = fresh.rgb;
        if REGION == BACKGROUND {
            self_color = camera(uv).rgb;
        }
        let light = mix(color.rgb * (0.35 + 0.9 * luma(self_color)), self_color, own_color);
        return mix(vec4(max(turned, vec3(0.0)), old.a), vec4(light, 1.0), smoothstep(0.3, 0.9, person));
    }
    let left = echo(uv);
    // Behind the people, so that they stay themselves.
    let behind = amount * (1.0 - person);
    let lit = 1.0 - (1.0 - fresh.rgb * (1.0 - 0.75 * left.a)) * (1.0 - saturate(left.rgb));
    return vec4(mix(fresh.rgb, lit, behind), fresh.a);
}
