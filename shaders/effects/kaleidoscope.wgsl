/*{
  "DESCRIPTION": "Folds the picture between mirrors that stand like the slices of a cake.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Geometry"],
  "INPUTS": [
    { "NAME": "slices", "LABEL": "Slices", "TYPE": "long", "DEFAULT": 6, "VALUES": [2, 3, 4, 5, 6, 8, 10, 12, 16],
      "LABELS": ["2", "3", "4", "5", "6", "8", "10", "12", "16"], "DOC": "How often the picture comes back around the middle." },
    { "NAME": "middle", "LABEL": "Middle", "TYPE": "point2D", "DEFAULT": [0.5, 0.5], "DOC": "Where the mirrors meet." },
    { "NAME": "follow_face", "LABEL": "Follow the face", "TYPE": "bool", "DEFAULT": false,
      "DOC": "The mirrors meet at the nose of the first face; where there is none, in the middle." },
    { "NAME": "turn", "LABEL": "Turn", "TYPE": "float", "DEFAULT": 0.0, "MIN": -180.0, "MAX": 180.0, "UNIT": "degrees",
      "DOC": "How far the mirrors are turned, clockwise." },
    { "NAME": "look_at", "LABEL": "Look at", "TYPE": "float", "DEFAULT": 90.0, "MIN": -180.0, "MAX": 180.0, "UNIT": "degrees",
      "DOC": "Direction from the middle of the slice that is shown again and again; 90 is down." },
    { "NAME": "spin", "LABEL": "Spin", "TYPE": "float", "DEFAULT": 0.02, "MIN": -1.0, "MAX": 1.0, "UNIT": "turns per second",
      "DOC": "How fast that direction goes round." },
    { "NAME": "zoom", "LABEL": "Zoom", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.25, "MAX": 4.0, "DOC": "How much the slice is enlarged." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share",
      "DOC": "Between 0 and 1 the picture is on its way to being folded." }
  ]
}*/

// Two mirrors at an angle of 180° / slices (D. Brewster, A Treatise on the Kaleidoscope, 1819): the angle around the middle
// is folded into one slice. What would lie outside the picture is mirrored back into it. Samples of below: 1.

const TAU: f32 = 6.2831853;

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let hub = select(middle, face(0).nose, follow_face && FACES > 0);
    let arm = (uv - hub) * shape;
    let slice = TAU / f32(slices);
    // atan2 of a null vector is not defined.
    let around = atan2(arm.y, arm.x + select(0.0, 1e-6, all(arm == vec2(0.0)))) - radians(turn);
    let folded = abs(fract(around / slice) - 0.5) * slice + radians(look_at) + TIME * spin * TAU;
    let at = hub + length(arm) / zoom * vec2(cos(folded), sin(folded)) / shape;
    let seen = 1.0 - abs(fract(at * 0.5) * 2.0 - 1.0);
    return below(mix(uv, seen, amount));
}
