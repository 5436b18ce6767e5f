// Paints faces over the composed picture: parts that wear a colour or a texture, and the mesh as lines.
// The Rust side of these bindings is src/compositor/face/. Lengths are pixels of the output.

#import masque::light::{LUMA, light}

// One outlined thing that is painted. Several instances draw it, one per face.
struct Coat {
    // rgb tint, opacity
    tint: vec4<f32>,
    // tiles across the map, shading, feather in heights of the face, 1 when there is a texture
    tile: vec4<f32>,
    // outline, outline that clips it (NONE: no), set of outlines that are cut out, 1 when only the side of the
    // mesh that faces the camera is painted
    shape: vec4<u32>,
}

struct Params {
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // output width and height, 1 when mirrored, –
    output: vec4<f32>,
    // colour and opacity of the lines
    line_color: vec4<f32>,
    // width of the lines, –, –, –
    line: vec4<f32>,
    // first point and number of points of each outline
    outlines: array<vec4<u32>, 9>,
    coats: array<Coat, 9>,
}

struct Face {
    // landmarks, corners around the irises, outlines
    points: array<vec2<f32>, 774>,
    // around each outline: left, top, right, bottom; left is greater than right where there is none
    boxes: array<vec4<f32>, 9>,
    // height, –, –, –
    size: vec4<f32>,
}

@group(0) @binding(0) var<storage, read> params: Params;
@group(0) @binding(1) var<storage, read> faces: array<Face>;
@group(0) @binding(2) var<storage, read> uvs: array<vec2<f32>>;
// two ends, and the far corners of the triangles on both sides (NONE: seen from everywhere)
@group(0) @binding(3) var<storage, read> edges: array<vec4<u32>>;
@group(0) @binding(4) var edge_sampler: sampler;
@group(0) @binding(5) var tile_sampler: sampler;
@group(0) @binding(6) var frame: texture_2d<f32>;
@group(0) @binding(7) var mask0: texture_2d<f32>;
@group(1) @binding(0) var cloth_texture: texture_2d<f32>;

const NONE: u32 = 0xffffu;
const LAST_POINT: u32 = 773u;
// Faces that one coat may be drawn for.
const MAX_FACES: u32 = 16u;
// The outline of the face: its feather lies inside, where the mesh is.
const OVAL: u32 = 0u;
const OUTLINES: u32 = 9u;
// Edges of things cut out are as soft as one pixel.
const CUT: f32 = 0.7;

fn to_clip(pixel: vec2<f32>) -> vec4<f32> {
    let at = pixel / params.output.xy * 2.0 - 1.0;
    return vec4(at.x, -at.y, 0.0, 1.0);
}

// Nowhere: what it belongs to is not drawn.
const NOWHERE: vec4<f32> = vec4(2.0, 2.0, 0.0, 1.0);

struct FillVertex {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) instance: u32,
}

@vertex
fn fill_vertex(@builtin(vertex_index) point: u32, @builtin(instance_index) instance: u32) -> FillVertex {
    // Tiles are counted here: the pixels beside a triangle, which the choice of the mip level looks at as well, read
    // no buffers on every driver.
    let uv = (uvs[point] - 0.5) * params.coats[instance / MAX_FACES].tile.x + 0.5;
    return FillVertex(to_clip(faces[instance % MAX_FACES].points[point]), uv, instance);
}

// Distance of `at` to an outline, positive inside; far outside where the box says so.
fn depth(face: u32, outline: u32, at: vec2<f32>, reach: f32) -> f32 {
    let bounds = faces[face].boxes[outline];
    if any(at < bounds.xy - reach) || any(at > bounds.zw + reach) {
        return -1e6;
    }
    let first = params.outlines[outline].x;
    let count = params.outlines[outline].y;
    var nearest = 1e12;
    var side = -1.0;
    var b = faces[face].points[first + count - 1u];
    for (var i = 0u; i < count; i++) {
        let a = faces[face].points[first + i];
        let edge = b - a;
        let to = at - a;
        let off = to - edge * saturate(dot(to, edge) / max(dot(edge, edge), 1e-6));
        nearest = min(nearest, dot(off, off));
        if (a.y <= at.y) != (b.y <= at.y) && at.x < a.x + to.y / edge.y * edge.x {
            side = -side;
        }
        b = a;
    }
    return side * sqrt(nearest);
}

// How much of a coat is seen at `at`, by its outlines alone.
fn coverage(face: u32, coat: Coat, at: vec2<f32>) -> f32 {
    let feather = max(coat.tile.z * faces[face].size.x, 1.4);
    let outside = select(0.5, 0.0, coat.shape.x == OVAL) * feather;
    var seen = smoothstep(-outside, feather - outside, depth(face, coat.shape.x, at, outside));
    if seen > 0.0 && coat.shape.y != NONE {
        seen *= smoothstep(-CUT, CUT, depth(face, coat.shape.y, at, CUT));
    }
    for (var outline = 0u; outline < OUTLINES; outline++) {
        if seen > 0.0 && (coat.shape.z & (1u << outline)) != 0u {
            seen *= 1.0 - smoothstep(-CUT, CUT, depth(face, outline, at, CUT));
        }
    }
    return seen;
}

// How much of the face is not behind hair, a hand or something else, by the region mask.
fn uncovered(uv: vec2<f32>) -> f32 {
    if any(uv < vec2(0.0)) || any(uv > vec2(1.0)) {
        return 0.0;
    }
    let low = textureSampleLevel(mask0, edge_sampler, uv, 0.0);
    return 1.0 - smoothstep(0.4, 0.8, low.x + low.y);
}

@fragment
fn fill_fragment(in: FillVertex, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let coat = params.coats[in.instance / MAX_FACES];
    let face = in.instance % MAX_FACES;
    // Taken before any branch: the GPU chooses the mip level by comparing neighbours.
    let cloth = textureSample(cloth_texture, tile_sampler, in.uv);
    if coat.shape.w != 0u && front == (params.output.z > 0.5) {
        return vec4(0.0);
    }
    var seen = coverage(face, coat, in.position.xy);
    if seen <= 0.0 {
        return vec4(0.0);
    }
    let uv = in.position.xy / params.output.xy * params.uv.xy + params.uv.zw;
    seen *= uncovered(uv) * coat.tint.a;
    let luma = dot(textureSampleLevel(frame, edge_sampler, uv, 0.0).rgb, LUMA);
    let paint = select(vec4(1.0), cloth, coat.tile.w > 0.5);
    let color = min(paint.rgb * coat.tint.rgb * light(luma, coat.tile.y), vec3(paint.a));
    return vec4(color, paint.a) * seen;
}

struct LineVertex {
    @builtin(position) position: vec4<f32>,
    // along and across the line, from its first end
    @location(0) at: vec2<f32>,
    @location(1) @interpolate(flat) span: f32,
}

// Whether the triangle is seen from its back.
fn is_turned_away(a: vec2<f32>, b: vec2<f32>, c: vec2<f32>) -> bool {
    let turn = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let mirrored = params.output.z > 0.5;
    return select(turn, -turn, mirrored) > 0.0;
}

@vertex
fn line_vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) face: u32) -> LineVertex {
    let edge = edges[index / 6u];
    let a = faces[face].points[edge.x];
    let b = faces[face].points[edge.y];
    let along = b - a;
    let span = length(along);
    var hidden = span < 1e-3;
    if edge.z != NONE {
        let left = is_turned_away(a, b, faces[face].points[edge.z]);
        // At the border of the mesh there is one triangle only.
        let right = edge.w == NONE || is_turned_away(b, a, faces[face].points[min(edge.w, LAST_POINT)]);
        hidden = hidden || (left && right);
    }
    if hidden {
        return LineVertex(NOWHERE, vec2(0.0), 0.0);
    }
    let corner = index % 6u;
    let far = corner == 1u || corner == 2u || corner == 4u;
    let upper = corner == 2u || corner == 4u || corner == 5u;
    let reach = params.line.x * 0.5 + 1.0;
    let at = vec2(select(-reach, span + reach, far), select(-reach, reach, upper));
    let forward = along / span;
    let pixel = a + forward * at.x + vec2(-forward.y, forward.x) * at.y;
    return LineVertex(to_clip(pixel), at, span);
}

@fragment
fn line_fragment(in: LineVertex) -> @location(0) vec4<f32> {
    let distance = length(vec2(in.at.x - clamp(in.at.x, 0.0, in.span), in.at.y));
    // A line thinner than a pixel is as wide as one and fainter.
    let width = max(params.line.x, 1.0);
    let ink = saturate(width * 0.5 + 0.5 - distance) * min(params.line.x, 1.0);
    let uv = in.position.xy / params.output.xy * params.uv.xy + params.uv.zw;
    return vec4(params.line_color.rgb, 1.0) * (ink * params.line_color.a * uncovered(uv));
}
