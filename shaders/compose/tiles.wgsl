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

@vertex
fn tile0(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(0u, instance, corner);
}

@vertex
fn tile1(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(1u, instance, corner);
}

@vertex
fn tile2(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(2u, instance, corner);
}

@vertex
fn tile3(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(3u, instance, corner);
}

@vertex
fn tile4(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(4u, instance, corner);
}

@vertex
fn tile5(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(5u, instance, corner);
}

@vertex
fn tile6(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {
    return tile_corner(6u, instance, corner);
}
