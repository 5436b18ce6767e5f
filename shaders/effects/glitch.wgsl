/*{
  "DESCRIPTION": "A signal that breaks: rows jump aside and colours come apart.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Glitch"],
  "INPUTS": [
    { "NAME": "jump", "LABEL": "Jump", "TYPE": "float", "DEFAULT": 0.12, "MIN": 0.0, "MAX": 1.0, "UNIT": "picture heights", "DOC": "How far a broken row is moved." },
    { "NAME": "rows", "LABEL": "Rows", "TYPE": "float", "DEFAULT": 24.0, "MIN": 4.0, "MAX": 120.0, "UNIT": "per picture height", "DOC": "Number of rows that can break." },
    { "NAME": "often", "LABEL": "Often", "TYPE": "float", "DEFAULT": 0.35, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How many rows are broken at a time; 0 is a clean signal." },
    { "NAME": "speed", "LABEL": "Speed", "TYPE": "float", "DEFAULT": 8.0, "MIN": 0.5, "MAX": 30.0, "UNIT": "times per second", "DOC": "How often other rows break." },
    { "NAME": "apart", "LABEL": "Colours apart", "TYPE": "float", "DEFAULT": 0.02, "MIN": 0.0, "MAX": 0.2, "UNIT": "picture heights", "DOC": "How far red and blue come apart in a broken row." }
  ]
}*/

// Samples of below: 3.

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let beat = floor(TIME * speed);
    // Rows of different heights: two grids, one of them coarse.
    let fine = floor(uv.y * rows);
    let coarse = floor(fine * 0.3 + hash21(vec2(beat, 3.0)));
    let chance = min(hash21(vec2(fine, beat)), hash21(vec2(coarse, beat + 0.5)) * 1.5);
    let broken = select(0.0, 1.0, chance < often * 0.6);

    let to_uv = RENDERSIZE.y / RENDERSIZE.x;
    let offset = (hash21(vec2(coarse, beat + 9.0)) - 0.5) * 2.0 * jump * to_uv * broken;
    let split = apart * to_uv * broken;
    let at = vec2(fract(uv.x + offset), uv.y);
    let color = below(at);
    let red = below(vec2(fract(at.x + split), at.y)).r;
    let blue = below(vec2(fract(at.x - split), at.y)).b;
    return vec4(red, color.g, blue, color.a);
}
