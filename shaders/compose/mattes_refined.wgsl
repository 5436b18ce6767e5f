// Mattes that follow the picture's edges: lines over luma, as shaders/matte_guide.wgsl fits them.

// Luma without the grain of single pixels, which would tear edges.
fn smooth_luma(uv: vec2<f32>) -> f32 {
    let step = 0.75 / vec2<f32>(textureDimensions(frame));
    var sum = textureSampleLevel(frame, edge_sampler, uv + step * vec2(-1.0, -1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(1.0, -1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(-1.0, 1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(1.0, 1.0), 0.0).rgb;
    return dot(sum, LUMA) * 0.25;
}

fn mattes(uv: vec2<f32>) -> Mattes {
    let moved = mask_uv(uv);
    let luma = smooth_luma(uv);
    let slope = textureSampleLevel(matte0, edge_sampler, moved, 0.0);
    let offset = textureSampleLevel(matte1, edge_sampler, moved, 0.0);
    let high = textureSampleLevel(matte2, edge_sampler, moved, 0.0);
    return Mattes(saturate(slope * luma + offset), saturate(high.xy * luma + high.zw));
}
