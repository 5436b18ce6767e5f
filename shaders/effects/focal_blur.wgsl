/*{
  "DESCRIPTION": "A lens that is focused on the face, on people or on a point, and blurs the rest.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Lens"],
  "INPUTS": [
    { "NAME": "focus", "LABEL": "Focus", "TYPE": "long", "DEFAULT": 1, "VALUES": [0, 1, 2, 3], "LABELS": ["Nothing", "Face", "People", "Point"],
      "DOC": "What is sharp. Without a face, face means people; nothing blurs all." },
    { "NAME": "point", "LABEL": "Point", "TYPE": "point2D", "DEFAULT": [0.5, 0.4], "DOC": "The point that is sharp." },
    { "NAME": "radius", "LABEL": "Sharp radius", "TYPE": "float", "DEFAULT": 0.14, "MIN": 0.0, "MAX": 1.0, "UNIT": "picture heights", "DOC": "How far around a point is sharp; around a face at least as far as the face." },
    { "NAME": "fade", "LABEL": "Fade", "TYPE": "float", "DEFAULT": 0.3, "MIN": 0.01, "MAX": 1.0, "UNIT": "picture heights", "DOC": "Distance from sharp to fully blurred; around people it is a tenth of it." },
    { "NAME": "blur", "LABEL": "Blur", "TYPE": "float", "DEFAULT": 0.035, "MIN": 0.0, "MAX": 0.08, "IDENTITY": 0.0, "UNIT": "picture heights", "DOC": "How far a point is spread where the blur is full." }
  ],
  "PASSES": [
    { "TARGET": "across", "SCALE": 0.25 },
    { "TARGET": "blurred", "SCALE": 0.25 },
    {}
  ]
}*/

// A Gaussian, which may be blurred across and then down. What is sharp does not take part, so that it does not bleed into
// what is not (gathering with weights, as in T. Scheuermann, Advanced Depth of Field, GDC 2004). Alpha holds the weight.
// Samples of below: 9 for every sixteenth pixel, and 1.

// 0 where the picture is sharp, 1 where it is fully blurred.
fn blurriness(uv: vec2<f32>) -> f32 {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let people = 1.0 - smoothstep(-0.1 * fade, 0.0, edge_distance_of(PEOPLE, uv));
    let to_point = smoothstep(radius, radius + fade, distance(uv * shape, point * shape));
    var to_face = 1.0;
    for (var i = 0; i < FACES; i++) {
        let who = face(i);
        let sharp = max(radius, who.size * 1.6);
        to_face = min(to_face, smoothstep(sharp, sharp + fade, distance(uv * shape, who.nose * shape)));
    }
    if FACES == 0 {
        to_face = people;
    }
    var chosen = 1.0;
    if focus == 1 {
        chosen = to_face;
    } else if focus == 2 {
        chosen = people;
    } else if focus == 3 {
        chosen = to_point;
    }
    return chosen;
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    if PASSINDEX == 2 {
        let sharp = below(uv);
        let soft = blurred(uv);
        let far = blurriness(uv);
        // A little blur is a sharp picture under a soft one; beyond a third only the soft one is left.
        let share = smoothstep(0.0, 0.35, far) * smoothstep(0.0, 0.004, blur) * step(1e-3, soft.a);
        return vec4(mix(sharp.rgb, soft.rgb / max(soft.a, 1e-3), share), sharp.a);
    }
    var sum = vec4(0.0);
    var weights = 0.0;
    for (var i = -4; i <= 4; i++) {
        let t = f32(i) * 0.25;
        let weight = exp(-2.0 * t * t);
        if PASSINDEX == 0 {
            let at = uv + vec2(t * blur * RENDERSIZE.y / RENDERSIZE.x, 0.0);
            let share = 0.02 + 0.98 * blurriness(at);
            sum += vec4(below(at).rgb * share, share) * weight;
        } else {
            sum += across(uv + vec2(0.0, t * blur)) * weight;
        }
        weights += weight;
    }
    return sum / weights;
}
