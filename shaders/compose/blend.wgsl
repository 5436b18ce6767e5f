// How `upper` lies over `lower`. Source: W3C, Compositing and Blending Level 1, section 10.

fn blend_normal(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    return upper;
}

fn blend_multiply(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    return lower * upper;
}

fn blend_screen(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    return lower + upper - lower * upper;
}

fn blend_overlay(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    let both = lower * upper;
    return select(2.0 * (lower + upper - both) - 1.0, 2.0 * both, lower <= vec3(0.5));
}

fn blend_soft_light(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    let curve = select(sqrt(lower), ((16.0 * lower - 12.0) * lower + 4.0) * lower, lower <= vec3(0.25));
    let lift = 2.0 * upper - 1.0;
    return lower + lift * select(curve - lower, lower - lower * lower, upper <= vec3(0.5));
}

fn blend_add(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    return min(lower + upper, vec3(1.0));
}

fn blend_difference(lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    return abs(lower - upper);
}
