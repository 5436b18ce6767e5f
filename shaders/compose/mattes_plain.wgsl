// Mattes as they are.

fn mattes(uv: vec2<f32>) -> Mattes {
    let moved = mask_uv(uv);
    let low = textureSampleLevel(matte0, edge_sampler, moved, 0.0);
    let high = textureSampleLevel(matte1, edge_sampler, moved, 0.0);
    return Mattes(low, high.xy);
}
