/*{
  "DESCRIPTION": "Prints the picture on a paper, a wall or a cloth of your choice.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Print", "Material"],
  "INPUTS": [
    { "NAME": "sheet", "LABEL": "Sheet", "TYPE": "image", "DOC": "The texture that is printed on; without one it is white." },
    { "NAME": "size", "LABEL": "Size", "TYPE": "float", "DEFAULT": 0.8, "MIN": 0.1, "MAX": 4.0, "UNIT": "picture heights", "DOC": "Size of one tile of the sheet." },
    { "NAME": "soaked", "LABEL": "Soaked", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How much of the ink the sheet drinks: dark parts of it show through, colours pale." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the print is seen over the picture." }
  ]
}*/

// Ink only darkens what it is printed on: the colours are multiplied. Samples of below: 1.

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let color = below(uv);
    let place = uv * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) / size;
    let ground = sheet(place).rgb;
    let pale = mix(color.rgb, vec3(luma(color.rgb)), soaked * 0.4);
    // Where the sheet is rough, less ink stays.
    let ink = mix(pale, vec3(1.0), soaked * (0.15 + 0.5 * (1.0 - luma(ground))));
    return vec4(mix(color.rgb, ground * ink, amount), color.a);
}
