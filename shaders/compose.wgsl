// Dresses the regions of one frame, tile by tile: tiles in which one region is all there is cost one
// texture, the others mix six. The Rust side is src/compositor/params.rs, pipeline.rs and pass.rs.
// Colours are sRGB-encoded throughout, as video is blended.
//
// CALM: the outline is kept and moves slowly on pixels whose colour stays. EXACT: the output shows the frame pixel by pixel. REFINED: mattes follow the picture's edges. MOVED:
// mattes are of an older frame and moved along.

#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput
#import masque::light::{LUMA, light}

struct RegionStyle {
    // rgb tint, opacity
    tint: vec4<f32>,
    // from output coordinates to the texture's: two columns
    tile: vec4<f32>,
    // the texture's place at the upper left corner, shading, 1 + mip level when there is a texture
    place: vec4<f32>,
    // 1 for the blend mode that is used: multiply, screen, overlay, soft light
    blend: vec4<f32>,
    // the same: add, difference
    blend_more: vec4<f32>,
}

// A uniform buffer holds what is only calculated with: Mesa's software driver compiles uniforms that decide
// branches into the shader anew for every draw, and keeps each one.
struct Compose {
    // output to frame coordinates: scale, offset
    uv: vec4<f32>,
    // columns and rows of tiles, tile width and height as fractions of the output
    tiles: vec4<f32>,
    // 1 for regions whose matte has a shape of its own and lies over the others
    shaped_low: vec4<f32>,
    shaped_high: vec4<f32>,
    // how fast the outline follows on a pixel whose colour stays, 1 to start anew, unused
    calm: vec4<f32>,
    regions: array<RegionStyle, 6>,
}

@group(0) @binding(0) var<uniform> params: Compose;
@group(0) @binding(1) var edge_sampler: sampler;
@group(0) @binding(2) var tile_sampler: sampler;
@group(0) @binding(3) var frame: texture_2d<f32>;
@group(0) @binding(4) var texture0: texture_2d<f32>;
@group(0) @binding(5) var texture1: texture_2d<f32>;
@group(0) @binding(6) var texture2: texture_2d<f32>;
@group(0) @binding(7) var texture3: texture_2d<f32>;
@group(0) @binding(8) var texture4: texture_2d<f32>;
@group(0) @binding(9) var texture5: texture_2d<f32>;

@group(1) @binding(0) var<storage, read> tile_lists: array<u32>;
@group(1) @binding(1) var matte0: texture_2d<f32>;
@group(1) @binding(2) var matte1: texture_2d<f32>;
@group(1) @binding(3) var matte2: texture_2d<f32>;
@group(1) @binding(4) var motion: texture_2d<f32>;
// The picture before, and how much of each of its pixels was behind the people.
@group(1) @binding(5) var last_frame: texture_2d<f32>;
@group(1) @binding(6) var last_outline: texture_2d<f32>;

// A corner of tile number `instance` in list `list`; two triangles per tile.
fn tile_corner(list: f32, instance: u32, corner: u32) -> FullscreenVertexOutput {
    let count = u32(params.tiles.x * params.tiles.y);
    let tile = tile_lists[u32(list) * count + instance];
    let columns = u32(params.tiles.x);
    let first = vec2<u32>(tile % columns, tile / columns);
    var place = corner;
    if corner > 2u {
        place = select(select(3u, 1u, corner == 4u), 2u, corner == 3u);
    }
    let at = vec2<f32>(first + vec2(place & 1u, place >> 1u));
    let uv = min(at * params.tiles.zw, vec2(1.0));
    var out: FullscreenVertexOutput;
    out.position = vec4(uv * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
    out.uv = uv;
    return out;
}

@vertex
fn tile_background(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(0.0, instance, corner);
}

@vertex
fn tile_hair(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(1.0, instance, corner);
}

@vertex
fn tile_body_skin(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(2.0, instance, corner);
}

@vertex
fn tile_face_skin(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(3.0, instance, corner);
}

@vertex
fn tile_clothes(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(4.0, instance, corner);
}

@vertex
fn tile_accessories(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(5.0, instance, corner);
}

@vertex
fn tile_mixed(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> FullscreenVertexOutput {
    return tile_corner(6.0, instance, corner);
}

fn frame_uv(uv: vec2<f32>) -> vec2<f32> {
    return uv * params.uv.xy + params.uv.zw;
}

fn bare_color(uv: vec2<f32>) -> vec3<f32> {
#ifdef EXACT
    return textureLoad(frame, vec2<i32>(uv * vec2<f32>(textureDimensions(frame))), 0).rgb;
#else
    let color = textureSampleLevel(frame, edge_sampler, uv, 0.0).rgb;
    // Beside a picture that does not fill the output it is black.
    let inside = step(vec2(0.0), uv) * step(uv, vec2(1.0));
    return color * inside.x * inside.y;
#endif
}

// How `upper` lies over `lower`. Source: W3C, Compositing and Blending Level 1, section 10. Without branches:
// the weights choose one, or none.
fn blended(style: RegionStyle, lower: vec3<f32>, upper: vec3<f32>) -> vec3<f32> {
    let both = lower * upper;
    let screen = lower + upper - both;
    let overlay = select(2.0 * screen - 1.0, 2.0 * both, lower <= vec3(0.5));
    let curve = select(sqrt(lower), ((16.0 * lower - 12.0) * lower + 4.0) * lower, lower <= vec3(0.25));
    let lift = 2.0 * upper - 1.0;
    let soft_light = lower + lift * select(curve - lower, lower - lower * lower, upper <= vec3(0.5));
    var color = both * style.blend.x + screen * style.blend.y + overlay * style.blend.z + soft_light * style.blend.w;
    color += min(lower + upper, vec3(1.0)) * style.blend_more.x + abs(lower - upper) * style.blend_more.y;
    let chosen = dot(style.blend, vec4(1.0)) + dot(style.blend_more.xy, vec2(1.0));
    return mix(upper, color, chosen);
}

fn dress(style: RegionStyle, cloth_texture: texture_2d<f32>, bare: vec3<f32>, luma: f32, uv: vec2<f32>) -> vec3<f32> {
    let at = style.tile.xy * uv.x + style.tile.zw * uv.y + style.place.xy;
    let level = max(style.place.w - 1.0, 0.0);
    let cloth = mix(vec4(1.0), textureSampleLevel(cloth_texture, tile_sampler, at, level), min(style.place.w, 1.0));
    // Textures are premultiplied, blending wants their own colour; where the cloth is transparent the picture stays.
    let color = cloth.rgb / max(cloth.a, 1e-3);
    let worn = saturate(style.tint.rgb * color * light(luma, style.place.z));
    return mix(bare, blended(style, bare, worn), style.tint.a * cloth.a);
}

struct Dressed {
    @location(0) color: vec4<f32>,
#ifdef CALM
    // how much of the pixel is behind the people
    @location(1) outline: vec4<f32>,
#endif
}

fn dressed(color: vec3<f32>, outline: f32) -> Dressed {
    var out: Dressed;
    out.color = vec4(color, 1.0);
#ifdef CALM
    out.outline = vec4(outline);
#endif
    return out;
}

fn pure_region(in: FullscreenVertexOutput, style: RegionStyle, cloth_texture: texture_2d<f32>, outline: f32) -> Dressed {
    let bare = bare_color(frame_uv(in.uv));
    return dressed(dress(style, cloth_texture, bare, dot(bare, LUMA), in.uv), outline);
}

@fragment
fn bare(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    return vec4(bare_color(frame_uv(in.uv)), 1.0);
}

@fragment
fn pure_background(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[0], texture0, 1.0);
}

@fragment
fn pure_hair(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[1], texture1, 0.0);
}

@fragment
fn pure_body_skin(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[2], texture2, 0.0);
}

@fragment
fn pure_face_skin(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[3], texture3, 0.0);
}

@fragment
fn pure_clothes(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[4], texture4, 0.0);
}

@fragment
fn pure_accessories(in: FullscreenVertexOutput) -> Dressed {
    return pure_region(in, params.regions[5], texture5, 0.0);
}

// Luma without the grain of single pixels, which would tear edges.
fn smooth_luma(uv: vec2<f32>) -> f32 {
#ifdef REFINED
    let step = 0.75 / vec2<f32>(textureDimensions(frame));
    var sum = textureSampleLevel(frame, edge_sampler, uv + step * vec2(-1.0, -1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(1.0, -1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(-1.0, 1.0), 0.0).rgb;
    sum += textureSampleLevel(frame, edge_sampler, uv + step * vec2(1.0, 1.0), 0.0).rgb;
    return dot(sum, LUMA) * 0.25;
#else
    return 0.0;
#endif
}

struct Mattes {
    // background, hair, body skin, face skin
    low: vec4<f32>,
    // clothes, accessories
    high: vec2<f32>,
}

fn mattes(uv: vec2<f32>, luma: f32) -> Mattes {
#ifdef MOVED
    let moved = uv + textureSampleLevel(motion, edge_sampler, uv, 0.0).xy;
#else
    let moved = uv;
#endif
    let low = textureSampleLevel(matte0, edge_sampler, moved, 0.0);
    let second = textureSampleLevel(matte1, edge_sampler, moved, 0.0);
#ifdef REFINED
    let high = textureSampleLevel(matte2, edge_sampler, moved, 0.0);
    return Mattes(saturate(low * luma + second), saturate(high.xy * luma + high.zw));
#else
    return Mattes(low, second.xy);
#endif
}

// Small shares are doubt, not cloth; squares pull what is left apart, so that an edge is narrower than the
// small mask's pixel without being hard.
fn part(share: f32) -> f32 {
    let seen = max(share - DOUBT, 0.0);
    return seen * seen;
}

#ifdef CALM
// Change of a colour channel that is noise, and that is surely another picture.
const NOISE: f32 = 0.012;
const CHANGE: f32 = 0.04;

fn calmed(outline: f32, bare: vec3<f32>, uv: vec2<f32>, pixel: vec2<i32>) -> f32 {
#ifdef EXACT
    let before = textureLoad(last_frame, vec2<i32>(uv * vec2<f32>(textureDimensions(last_frame))), 0).rgb;
#else
    let before = textureSampleLevel(last_frame, edge_sampler, uv, 0.0).rgb;
#endif
    let change = abs(bare - before);
    let changed = smoothstep(NOISE, CHANGE, max(change.r, max(change.g, change.b)));
    let follow = max(mix(params.calm.x, 1.0, changed), params.calm.y);
    return mix(textureLoad(last_outline, pixel, 0).r, outline, follow);
}
#endif

@fragment
fn mixed(in: FullscreenVertexOutput) -> Dressed {
    let at = frame_uv(in.uv);
    let bare = bare_color(at);
    let luma = dot(bare, LUMA);
    let share = mattes(at, smooth_luma(at));
    let d0 = dress(params.regions[0], texture0, bare, luma, in.uv);
    let d1 = dress(params.regions[1], texture1, bare, luma, in.uv);
    let d2 = dress(params.regions[2], texture2, bare, luma, in.uv);
    let d3 = dress(params.regions[3], texture3, bare, luma, in.uv);
    let d4 = dress(params.regions[4], texture4, bare, luma, in.uv);
    let d5 = dress(params.regions[5], texture5, bare, luma, in.uv);

    // What only regions with a shape of their own cover is bare beneath them.
    let low = share.low * (1.0 - params.shaped_low);
    let high = share.high * (1.0 - params.shaped_high.xy);
    let shaped = dot(params.shaped_low, vec4(1.0)) + dot(params.shaped_high.xy, vec2(1.0));
    let covered = dot(low, vec4(1.0)) + dot(high, vec2(1.0));
    let uncovered = max(1.0 - covered, 0.0) * saturate(shaped);
    // First the outline, then who wears what within it: a person divided into many regions is as much a
    // person as one of a single region.
    let person = max(low.y + low.z + low.w + high.x + high.y + uncovered, 1e-4);
    let w = vec4(part(low.y / person), part(low.z / person), part(low.w / person), part(high.x / person));
    let v = vec2(part(high.y / person), part(uncovered / person));
    let worn = d1 * w.x + d2 * w.y + d3 * w.z + d4 * w.w + d5 * v.x + bare * v.y;
    let sum = w.x + w.y + w.z + w.w + v.x + v.y;
    let behind = part(low.x) * part(low.x);
    let before = part(person) * part(person);
    var outline = behind / max(before + behind, 1e-6);
#ifdef CALM
    outline = calmed(outline, bare, at, vec2<i32>(in.position.xy));
#endif
    var color = mix(worn / max(sum, 1e-6), d0, outline);

    let over_low = share.low * params.shaped_low;
    let over_high = share.high * params.shaped_high.xy;
    color = mix(color, d0, over_low.x);
    color = mix(color, d1, over_low.y);
    color = mix(color, d2, over_low.z);
    color = mix(color, d3, over_low.w);
    color = mix(color, d4, over_high.x);
    color = mix(color, d5, over_high.y);
    return dressed(color, outline);
}

// Shares below this are not seen. The same number is in shaders/tiles.wgsl.
const DOUBT: f32 = 0.1;
