/*{
  "DESCRIPTION": "Few colours, and a pattern that the eye mixes: the look of early computers.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Pixels", "Print"],
  "INPUTS": [
    { "NAME": "pixel_size", "LABEL": "Pixel size", "TYPE": "float", "DEFAULT": 0.0045, "MIN": 0.0014, "MAX": 0.04, "UNIT": "picture heights",
      "DOC": "Side of a pixel of the pattern, rounded to whole pixels of the output." },
    { "NAME": "palette", "LABEL": "Palette", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1, 2], "LABELS": ["Two colours", "Own colours", "Handheld"],
      "DOC": "Dark to light, steps of each of red, green and blue, or four greens." },
    { "NAME": "levels", "LABEL": "Levels", "TYPE": "long", "DEFAULT": 2, "VALUES": [2, 3, 4, 6, 8], "LABELS": ["2", "3", "4", "6", "8"],
      "DOC": "Number of steps from dark to light. Handheld has four." },
    { "NAME": "dark", "LABEL": "Dark", "TYPE": "color", "DEFAULT": [0.1, 0.08, 0.2], "DOC": "Darkest of the two colours." },
    { "NAME": "light", "LABEL": "Light", "TYPE": "color", "DEFAULT": [1.0, 0.9, 0.7], "DOC": "Lightest of the two colours." },
    { "NAME": "spread", "LABEL": "Pattern", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "UNIT": "share", "DOC": "How far the pattern mixes the steps; 0 leaves hard steps." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of it is seen over the picture." }
  ]
}*/

// Ordered dithering with the 8 × 8 matrix of B. E. Bayer, An optimum method for two-level rendition of continuous-tone
// pictures, ICC 1973; its entries are the interleaved bits of x ^ y and y. Samples of below: 2.

// Entry of the matrix, 0–1, never 0 or 1.
fn bayer(x: u32, y: u32) -> f32 {
    let m = x ^ y;
    let entry = ((m & 1u) << 5u) | ((y & 1u) << 4u) | ((m & 2u) << 2u) | ((y & 2u) << 1u) | ((m & 4u) >> 1u) | ((y & 4u) >> 2u);
    return (f32(entry) + 0.5) / 64.0;
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let side = max(round(pixel_size * RENDERSIZE.y), 1.0);
    let block = floor(uv * RENDERSIZE / side);
    let color = below((block + 0.5) * side / RENDERSIZE);
    let threshold = mix(0.5, bayer(u32(block.x), u32(block.y)), spread);

    let steps = select(f32(levels), 4.0, palette == 2) - 1.0;
    let tone = floor(saturate(luma(color.rgb)) * steps + threshold) / steps;
    var shown = mix(dark.rgb, light.rgb, tone);
    if palette == 1 {
        shown = floor(saturate(color.rgb) * steps + threshold) / steps;
    }
    if palette == 2 {
        let low = mix(vec3(0.06, 0.22, 0.06), vec3(0.19, 0.38, 0.19), saturate(tone * 3.0));
        let high = mix(vec3(0.55, 0.67, 0.06), vec3(0.61, 0.74, 0.06), saturate(tone * 3.0 - 2.0));
        shown = select(low, high, tone > 0.5);
    }
    return mix(below(uv), vec4(shown, color.a), amount);
}
