// The tiles of each list: the six regions alone, and several in one.

@group(1) @binding(0) var<storage, read> tile_lists: array<u32>;

// A corner of tile number `instance` in list `list`; two triangles per tile.
fn tile_corner(list: u32, instance: u32, corner: u32) -> Place {
    let count = u32(params.tiles.x * params.tiles.y);
    let tile = tile_lists[list * count + instance];
    let columns = u32(params.tiles.x);
    let first = vec2<u32>(tile % columns, tile / columns);
    var place = corner;
    if corner > 2u {
        place = select(select(3u, 1u, corner == 4u), 2u, corner == 3u);
    }
    let at = vec2<f32>(first + vec2(place & 1u, place >> 1u));
    let uv = min(at * params.tiles.zw, vec2(1.0));
    return Place(vec4(uv * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0), uv);
}
