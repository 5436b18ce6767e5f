/*{
  "DESCRIPTION": "Curtains of light drift over a night sky and hide the picture: for hours in which there is none.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Light", "Attract"],
  "INPUTS": [
    { "NAME": "low_color", "LABEL": "Low colour", "TYPE": "color", "DEFAULT": [0.1, 0.85, 0.5], "DOC": "Colour of the foot of the curtains." },
    { "NAME": "high_color", "LABEL": "High colour", "TYPE": "color", "DEFAULT": [0.5, 0.15, 0.8], "DOC": "Colour of their top." },
    { "NAME": "sky", "LABEL": "Sky", "TYPE": "color", "DEFAULT": [0.01, 0.02, 0.06], "DOC": "Colour behind them." },
    { "NAME": "height", "LABEL": "Height", "TYPE": "float", "DEFAULT": 0.55, "MIN": 0.1, "MAX": 1.0, "UNIT": "picture heights", "DOC": "How high the curtains are." },
    { "NAME": "folds", "LABEL": "Folds", "TYPE": "float", "DEFAULT": 2.5, "MIN": 0.5, "MAX": 8.0, "UNIT": "per picture height", "DOC": "How many folds they have." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 0.06, "MIN": 0.0, "MAX": 1.0, "UNIT": "folds per second", "DOC": "How fast they drift." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the picture is hidden." }
  ]
}*/

// Three curtains behind each other, each a foot line of two waves above which light fades. Samples of below: 1.

const TAU: f32 = 6.2831853;
const CURTAINS: i32 = 3;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let x = uv.x * RENDERSIZE.x / RENDERSIZE.y;
    var light = sky.rgb * (1.5 - uv.y);
    for (var i = 0; i < CURTAINS; i++) {
        let n = f32(i);
        let drift = TIME * speed * (1.0 - 0.25 * n);
        let fold = x * folds * (0.55 + 0.25 * n) + n * 1.7;
        let wave = sin(TAU * (fold * 0.31 + drift)) + 0.5 * sin(TAU * (fold * 0.83 - drift * 1.6));
        let foot = 0.86 - 0.14 * n + 0.07 * wave;
        let up = (foot - uv.y) / height;
        // Sharp below, long above; narrow rays in it.
        let body = smoothstep(-0.06, 0.03, up) * exp(-3.0 * max(up, 0.0));
        let rays = 0.7 + 0.3 * sin(TAU * (fold * 2.7 + wave * 0.6 + drift * 3.0));
        light += mix(low_color.rgb, high_color.rgb, smoothstep(0.0, 0.75, up)) * body * rays * (0.9 - 0.2 * n);
    }
    light = 1.0 - exp(-1.4 * light);
    return vec4(mix(color.rgb, light, amount), mix(color.a, 1.0, amount));
}
