/*{
  "DESCRIPTION": "Lays the picture in tiles, or shows it on a wall of lamps.",
  "CREDIT": "Masque",
  "CATEGORIES": ["Pixels"],
  "INPUTS": [
    { "NAME": "size", "LABEL": "Tile size", "TYPE": "float", "DEFAULT": 0.03, "MIN": 0.005, "MAX": 0.25, "UNIT": "picture heights", "DOC": "Width of a tile." },
    { "NAME": "tiles", "LABEL": "Tiles", "TYPE": "long", "DEFAULT": 0, "VALUES": [0, 1, 2], "LABELS": ["Squares", "Hexagons", "Lamps"], "DOC": "Shape of the tiles." },
    { "NAME": "gap", "LABEL": "Gap", "TYPE": "float", "DEFAULT": 0.08, "MIN": 0.0, "MAX": 0.5, "UNIT": "share of a tile", "DOC": "Width of the joints between the tiles." },
    { "NAME": "joint", "LABEL": "Joint colour", "TYPE": "color", "DEFAULT": [0.05, 0.05, 0.06], "DOC": "Colour of the joints." },
    { "NAME": "amount", "LABEL": "Amount", "TYPE": "float", "DEFAULT": 1.0, "MIN": 0.0, "MAX": 1.0, "IDENTITY": 0.0, "UNIT": "share", "DOC": "How much of the tiles is seen over the picture." }
  ]
}*/

// Hexagons: the nearest point of two rectangular lattices that are half a step apart. A tile has the mean of four places in
// it, so that noise of the camera does not make it flicker. Samples of below: 5.

// Where `place`, counted in tiles, is in its tile: the middle, and the vector from there.
fn hexagon(place: vec2<f32>) -> vec4<f32> {
    let step_size = vec2(1.0, 1.7320508);
    let even = (floor(place / step_size) + 0.5) * step_size;
    let odd = (floor(place / step_size + 0.5)) * step_size;
    let nearer = dot(place - even, place - even) < dot(place - odd, place - odd);
    let middle = select(odd, even, nearer);
    return vec4(middle, place - middle);
}

fn effect(uv: vec2<f32>) -> vec4<f32> {
    let shape = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    let place = uv * shape / size;
    let square_middle = floor(place) + 0.5;
    var cell = vec4(square_middle, place - square_middle);
    if tiles == 1 {
        cell = hexagon(place);
    }
    let inside = abs(cell.zw);
    // How far from the middle, where 1 is the edge.
    var out = max(inside.x, inside.y) * 2.0;
    if tiles == 1 {
        out = max(inside.x, dot(inside, vec2(0.5, 0.8660254))) * 2.0;
    }
    if tiles == 2 {
        out = length(inside) * 2.0;
    }

    let to_uv = size / shape;
    let middle = cell.xy * to_uv;
    let part = 0.23 * to_uv;
    let mean = (below(middle + part) + below(middle - part) + below(middle + vec2(part.x, -part.y)) + below(middle + vec2(-part.x, part.y))) * 0.25;
    let edge = 2.0 / (size * RENDERSIZE.y);
    // A lamp is brightest in its middle.
    let bulb = select(1.0, 1.25 - 0.45 * out * out, tiles == 2);
    let tile = smoothstep(1.0 - gap + edge * 0.5, 1.0 - gap - edge * 0.5, out);
    let laid = mix(joint.rgb, saturate(mean.rgb * bulb), select(1.0, tile, gap > 0.0 || tiles == 2));
    return mix(below(uv), vec4(laid, mean.a), amount);
}
