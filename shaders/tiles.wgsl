// Sorts the tiles of the output by what is in them: one region alone (lists 0 to 5, by region id) or
// several (list 6). One tile per invocation; the lists are drawn indirectly. The Rust side is
// src/compositor/tiles.rs.

struct Sort {
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // columns and rows of tiles, tile width and height as fractions of the output
    tiles: vec4<f32>,
}

@group(0) @binding(0) var<storage, read> params: Sort;
// What shaders/compose/ samples: probabilities, or with REFINED lines over luma.
@group(0) @binding(1) var matte0: texture_2d<f32>;
@group(0) @binding(2) var matte1: texture_2d<f32>;
@group(0) @binding(3) var matte2: texture_2d<f32>;
@group(0) @binding(4) var linear_sampler: sampler;
@group(0) @binding(5) var motion: texture_2d<f32>;
@group(0) @binding(6) var<storage, read_write> lists: array<u32>;
// Seven indirect draws: vertices, instances, first vertex, first instance.
@group(0) @binding(7) var<storage, read_write> draws: array<atomic<u32>, 28>;

// Texels around a tile that a linear sampler takes its pixels' mattes from.
const MARGIN: f32 = 1.0;
// The same number is in shaders/compose/mattes.wgsl.
const DOUBT: f32 = 0.1;
const MIXED: u32 = 6u;

@compute @workgroup_size(64)
fn sort(@builtin(global_invocation_id) id: vec3<u32>) {
    let columns = u32(params.tiles.x);
    let count = columns * u32(params.tiles.y);
    if id.x >= count {
        return;
    }
    let tile = vec2(f32(id.x % columns), f32(id.x / columns));
    let a = min(tile * params.tiles.zw, vec2(1.0)) * params.uv.xy + params.uv.zw;
    let b = min((tile + 1.0) * params.tiles.zw, vec2(1.0)) * params.uv.xy + params.uv.zw;
    var low = min(a, b);
    var high = max(a, b);
    var least = vec2(0.0);
    var most = vec2(0.0);
    for (var i = 0; i < 9; i++) {
        let at = mix(low, high, vec2(f32(i % 3), f32(i / 3)) * 0.5);
        let moved = textureSampleLevel(motion, linear_sampler, at, 0.0).xy;
        least = select(min(least, moved), moved, i == 0);
        most = select(max(most, moved), moved, i == 0);
    }
    let size = vec2<f32>(textureDimensions(matte0));
    let first = vec2<i32>(clamp(floor((low + least) * size - MARGIN), vec2(0.0), size - 1.0));
    let last = vec2<i32>(clamp(ceil((high + most) * size + MARGIN), vec2(0.0), size - 1.0));
    var smallest_low = vec4(1.0);
    var largest_low = vec4(0.0);
    var smallest_high = vec2(1.0);
    var largest_high = vec2(0.0);
    for (var y = first.y; y <= last.y; y++) {
        for (var x = first.x; x <= last.x; x++) {
            let a = textureLoad(matte0, vec2(x, y), 0);
            let b = textureLoad(matte1, vec2(x, y), 0);
#ifdef REFINED
            // The least and the most that a line reaches for any luma.
            let c = textureLoad(matte2, vec2(x, y), 0);
            smallest_low = min(smallest_low, b + min(a, vec4(0.0)));
            largest_low = max(largest_low, b + max(a, vec4(0.0)));
            smallest_high = min(smallest_high, c.zw + min(c.xy, vec2(0.0)));
            largest_high = max(largest_high, c.zw + max(c.xy, vec2(0.0)));
#else
            smallest_low = min(smallest_low, a);
            largest_low = max(largest_low, a);
            smallest_high = min(smallest_high, b.xy);
            largest_high = max(largest_high, b.xy);
#endif
        }
    }
    let alone_low = step(vec4(1.0 - DOUBT), smallest_low);
    let alone_high = step(vec2(1.0 - DOUBT), smallest_high);
    let there = dot(step(vec4(DOUBT), largest_low), vec4(1.0)) + dot(step(vec2(DOUBT), largest_high), vec2(1.0));
    var list = MIXED;
    if there < 1.5 {
        if alone_low.x > 0.5 { list = 0u; }
        if alone_low.y > 0.5 { list = 1u; }
        if alone_low.z > 0.5 { list = 2u; }
        if alone_low.w > 0.5 { list = 3u; }
        if alone_high.x > 0.5 { list = 4u; }
        if alone_high.y > 0.5 { list = 5u; }
    }
    let slot = atomicAdd(&draws[list * 4u + 1u], 1u);
    lists[list * count + slot] = id.x;
}
