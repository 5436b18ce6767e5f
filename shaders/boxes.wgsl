// Draws bars, lines and letters over everything. The Rust side of these bindings is src/compositor/boxes/. Lengths are 0–1 of
// the target.

struct Mark {
    // a corner, and one side from there
    at: vec4<f32>,
    // the other side
    across: vec4<f32>,
    // red, green, blue, opacity
    color: vec4<f32>,
    // left, top, width and height in the atlas; what is no letter has no width there
    letter: vec4<f32>,
}

@group(0) @binding(0) var<storage, read> marks: array<Mark>;
@group(0) @binding(1) var letters_sampler: sampler;
@group(0) @binding(2) var letters: texture_2d<f32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
    @location(1) at: vec2<f32>,
    @location(2) @interpolate(flat) covered: f32,
}

@vertex
fn box_vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) number: u32) -> Corner {
    let mark = marks[number];
    let side = vec2(f32(index & 1u), f32(index >> 1u));
    let clip = (mark.at.xy + mark.at.zw * side.x + mark.across.xy * side.y) * 2.0 - 1.0;
    let at = mark.letter.xy + mark.letter.zw * side;
    return Corner(vec4(clip.x, -clip.y, 0.0, 1.0), mark.color, at, select(0.0, 1.0, mark.letter.z == 0.0));
}

@fragment
fn box_fragment(in: Corner) -> @location(0) vec4<f32> {
    let covered = max(in.covered, textureSampleLevel(letters, letters_sampler, in.at, 0.0).r);
    return vec4(in.color.rgb, in.color.a * covered);
}
