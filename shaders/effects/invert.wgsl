/*{
  "DESCRIPTION": "Turns colours into their opposites.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Color"],
  "INPUTS": [
    {
      "NAME": "amount",
      "TYPE": "float",
      "DOC": "How far they are turned; half way everything is gray.",
      "UNIT": "share",
      "DEFAULT": 1.0,
      "MIN": 0.0,
      "MAX": 1.0,
      "IDENTITY": 0.0
    }
  ]
}*/

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    return vec4(mix(color.rgb, 1.0 - color.rgb, amount), color.a);
}
