/*{
  "DESCRIPTION": "Pulls red and blue apart, as a cheap lens or a loose cable does.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Colour", "Glitch"],
  "INPUTS": [
    { "NAME": "shift", "LABEL": "Shift", "TYPE": "float", "DEFAULT": 0.012, "MIN": 0.0, "MAX": 0.1, "IDENTITY": 0.0, "UNIT": "picture heights",
      "DOC": "How far red and blue are from green; with a lens, at the upper and lower edge." },
    { "NAME": "style", "LABEL": "Style", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1], "LABELS": ["Straight", "Lens"],
      "DOC": "All in one direction, or out from the middle of the picture." },
    { "NAME": "angle", "LABEL": "Angle", "TYPE": "float", "DEFAULT": 0.0, "MIN": -180.0, "MAX": 180.0, "UNIT": "degrees",
      "DOC": "Direction of red; 0 is to the right, 90 down. A lens has none." },
    { "NAME": "shake", "LABEL": "Shake", "TYPE": "float", "DEFAULT": 0.0, "MIN": 0.0, "MAX": 1.0, "UNIT": "share",
      "DOC": "How much the distance jumps, twelve times a second." }
  ]
}*/

// Lateral chromatic aberration: each channel has a magnification, or a displacement, of its own. Samples of below: 3.

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let jump = hash21(vec2(floor(TIME * 12.0), 7.0)) * 2.0 - 0.6;
    let reach = shift * mix(1.0, jump, shake);
    let straight = vec2(cos(radians(angle)), sin(radians(angle))) / shape;
    let apart = reach * select(straight, (uv - 0.5) * 2.0, style == 1);
    let color = below(uv);
    // Red lies where it was moved to, so it is fetched from where it came.
    return vec4(below(uv - apart).r, color.g, below(uv + apart).b, color.a);
}
