/*{
  "DESCRIPTION": "Turns all hues around the colour wheel; light and shade stay.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Colour"],
  "INPUTS": [
    { "NAME": "turn", "LABEL": "Turn", "TYPE": "float", "DEFAULT": 0.0, "MIN": -180.0, "MAX": 180.0, "UNIT": "degrees", "DOC": "How far hues are turned." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 0.1, "MIN": -2.0, "MAX": 2.0, "UNIT": "turns per second", "DOC": "How fast they go on turning." },
    { "NAME": "rainbow", "LABEL": "Rainbow", "TYPE": "float", "DEFAULT": 0.0, "MIN": -4.0, "MAX": 4.0, "UNIT": "turns per picture height", "DOC": "How much more hues are turned from place to place." },
    { "NAME": "direction", "LABEL": "Direction", "TYPE": "float", "DEFAULT": 90.0, "MIN": -180.0, "MAX": 180.0, "UNIT": "degrees", "DOC": "Where the rainbow runs: 0 to the right, 90 down." },
    { "NAME": "vivid", "LABEL": "Vivid", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 3.0, "DOC": "How strong colours are; 0 is gray." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the turned colours is seen over the picture." }
  ]
}*/

// Colour is split into luma and a vector of chroma (Y′CbCr, ITU-R BT.709), and the vector is turned: luma stays exactly.
// Where the turned colour leaves the cube of RGB it is paled, not clipped, so that luma stays there, too. Samples of below: 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let along = dot(uv * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0), vec2(cos(radians(direction)), sin(radians(direction))));
    let angle = radians(turn) + (TIME * speed + along * rainbow) * TAU;

    let y = dot(color.rgb, vec3(0.2126, 0.7152, 0.0722));
    let chroma = rotate(vec2(color.b - y, color.r - y) / vec2(1.8556, 1.5748), angle) * vivid;
    let blue = chroma.x * 1.8556;
    let red = chroma.y * 1.5748;
    let away = vec3(red, -(0.2126 * red + 0.0722 * blue) / 0.7152, blue);
    // How far one may go from gray before a channel leaves 0–1.
    let room = select((vec3(0.0) - y) / min(away, vec3(-1e-4)), (vec3(1.0) - y) / max(away, vec3(1e-4)), away > vec3(0.0));
    let turned = y + away * min(1.0, min(room.r, min(room.g, room.b)));
    return vec4(mix(color.rgb, turned, amount), color.a);
}
