/*{
  "DESCRIPTION": "Casts the picture in polished metal: light and shade become hills that mirror a studio.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Material"],
  "INPUTS": [
    { "NAME": "metal", "LABEL": "Metal", "TYPE": "color", "DEFAULT": [1.0, 0.74, 0.3], "DOC": "Colour of the metal: gold; try 0.95, 0.96, 1 for chrome." },
    { "NAME": "depth", "LABEL": "Depth", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How high the hills are." },
    { "NAME": "bands", "LABEL": "Bands", "TYPE": "float", "DEFAULT": 2.5, "MIN": 0.5, "MAX": 8.0, "DOC": "How many lamps and dark walls are mirrored." },
    { "NAME": "flow", "LABEL": "Flow", "TYPE": "float", "DEFAULT": 0.1, "MIN": -1.0, "MAX": 1.0, "UNIT": "turns per second", "DOC": "How fast the lamps go round." },
    { "NAME": "ripples", "LABEL": "Ripples", "TYPE": "float", "DEFAULT": 0.3, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much the surface swells by itself, as if it were molten." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the metal is seen over the picture." }
  ],
  "PASSES": [
    { "TARGET": "across", "SCALE": 0.2, "FLOAT": true },
    { "TARGET": "hills", "SCALE": 0.2, "FLOAT": true },
    {}
  ]
}*/

// A height field from blurred luma, round at the region's edge, is lit by a studio that depends on the normal only (J. Blinn and
// M. Newell, Texture and reflection in computer generated images, 1976). The colour pales at grazing angles as in C. Schlick,
// An inexpensive BRDF model, 1994. Samples of below: 7 for every 25th pixel, and 1.

const TAU: f32 = 6.2831853;

// Half of a Gaussian in seven samples, in picture heights from the middle one to the last.
const BLUR: f32 = 0.016;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    if PASSINDEX < 2 {
        var sum = 0.0;
        var weights = 0.0;
        for (var i = -3; i <= 3; i++) {
            let t = f32(i) / 3.0;
            let weight = exp(-2.0 * t * t);
            if PASSINDEX == 0 {
                sum += luma(below(uv + vec2(t * BLUR / shape.x, 0.0)).rgb) * weight;
            } else {
                sum += across(uv + vec2(0.0, t * BLUR)).r * weight;
            }
            weights += weight;
        }
        // The edge of the region, or of people, is a rounded rim.
        let rim = select(0.0, smoothstep(-0.01, 0.045, edge_distance(uv)), PASSINDEX == 1);
        return vec4(vec3(sum / weights + rim * 0.5), 1.0);
    }
    let bare = below(uv);
    let e = 0.01 / shape;
    let here = hills(uv).r;
    let slope = vec2(hills(uv + vec2(e.x, 0.0)).r, hills(uv + vec2(0.0, e.y)).r) - here;
    let place = uv * shape * 5.0;
    let bent = place + 1.3 * sin(place.yx * 1.7 + TIME * vec2(0.5, -0.4));
    let swell = 0.4 * sin(bent * 2.1 + TIME * vec2(0.3, 0.7));
    let normal = normalize(vec3(-slope * depth * 9.0 + swell * ripples * 0.9, 1.0));

    let turning = dot(normal.xy, vec2(0.6, 0.8)) * 0.6 + here * depth * 0.7;
    let wall = sin((turning * bands + TIME * flow) * TAU);
    let lamp = smoothstep(-0.8, 0.9, wall);
    let gleam = smoothstep(0.8, 1.0, wall);
    let pale = pow(1.0 - normal.z, 3.0);
    let shade = metal.rgb * metal.rgb * vec3(0.6, 0.5, 0.45);
    let color = mix(shade, mix(metal.rgb, vec3(1.0), pale), lamp) * (0.6 + 0.4 * here) + gleam * 0.5;
    return vec4(mix(bare.rgb, saturate(color), amount), bare.a);
}
