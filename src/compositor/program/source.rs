//! Writes the WGSL of a program from the pieces in `shaders/compose/`.

use std::fmt::Write;

use super::interface::{self, Corners, Interface};
use super::plan::Plan;
use super::stacks;
use super::structure::{Key, RegionShape, Structure};
use crate::compositor::tiles::LISTS;
use crate::frame::Region;
use crate::parameters::BlendMode;

/// Fragment entry that shows the frame as it is.
pub(super) const BARE: &str = "bare";
/// Fragment entry of the tiles in which there are several regions.
pub(super) const MIXED: &str = "mixed";
/// Vertex entry that covers the whole target.
pub(super) const WHOLE: &str = "whole";

/// Fragment entry of the tiles in which there is one region alone.
fn pure_name(region: usize) -> String {
    format!("pure{region}")
}

/// Vertex and fragment entry of the tiles in list number `list`.
pub(super) fn tile(list: usize, plan: &Plan) -> (String, String) {
    let pure = list < Region::COUNT;
    let fragment = if pure { pure_name(list) } else { MIXED.to_owned() };
    let has_effects =
        if pure { plan.has_stack(list) } else { (0..Region::COUNT).any(|stack| plan.has_stack(stack)) };
    let vertex = if has_effects { interface::vertex(&fragment) } else { format!("tile{list}") };
    (vertex, fragment)
}

macro_rules! piece {
    ($name:literal) => {
        include_str!(concat!("../../../shaders/compose/", $name, ".wgsl"))
    };
}

/// The whole module.
pub(super) fn write(key: &Key, plan: &Plan) -> String {
    let structure = &key.structure;
    let mut wgsl = String::with_capacity(16 << 10);
    wgsl.push_str(piece!("scene"));
    wgsl.push_str(piece!("tiles"));
    (0..LISTS).for_each(|list| tile_vertex(&mut wgsl, list));
    // What other shaders import is part of this one.
    let light = include_str!("../../../shaders/light.wgsl");
    wgsl.extend(light.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]));
    wgsl.push_str(if key.exact { EXACT } else { SCALED });
    wgsl.push_str(BARE_ENTRY);
    if structure.is_bare() && plan.layers.is_empty() {
        return wgsl;
    }
    if structure.regions.iter().any(|region| region.blend != BlendMode::Normal) {
        wgsl.push_str(piece!("blend"));
    }
    wgsl.push_str(piece!("mattes"));
    wgsl.push_str(if key.moved { MOVED } else { STILL });
    wgsl.push_str(if structure.refined { piece!("mattes_refined") } else { piece!("mattes_plain") });
    if structure.is_calm() {
        wgsl.push_str(piece!("calm"));
    }
    let targets = if structure.is_calm() { CALM_TARGETS } else { TARGETS };
    wgsl.push_str(&targets.replace("ALPHA", if structure.tells_people() { "1.0 - outline" } else { "1.0" }));
    wgsl.push_str(&shaped(structure));
    for (index, shape) in structure.regions.iter().enumerate() {
        region(&mut wgsl, index, shape);
        pure_entry(&mut wgsl, index, plan);
    }
    mixed(&mut wgsl, key.exact, structure, plan);
    if !plan.layers.is_empty() {
        stacks::write(&mut wgsl, plan);
    }
    wgsl
}

const EXACT: &str = "
fn camera_at(uv: vec2<f32>) -> vec3<f32> {
    return textureLoad(frame, vec2<i32>(uv * vec2<f32>(textureDimensions(frame))), 0).rgb;
}
";

const SCALED: &str = "
fn camera_at(uv: vec2<f32>) -> vec3<f32> {
    return sampled_frame(uv);
}
";

const BARE_ENTRY: &str = "
@fragment
fn bare(in: Place) -> @location(0) vec4<f32> {
    return vec4(camera_at(frame_uv(in.uv)), 1.0);
}
";

const MOVED: &str = "
fn mask_uv(uv: vec2<f32>) -> vec2<f32> {
    return uv + textureSampleLevel(mask_motion, edge_sampler, uv, 0.0).xy;
}
";

const STILL: &str = "
fn mask_uv(uv: vec2<f32>) -> vec2<f32> {
    return uv;
}
";

const CALM_TARGETS: &str = "
struct Dressed {
    @location(0) color: vec4<f32>,
    // how much of the pixel is behind the people
    @location(1) outline: vec4<f32>,
}

fn dressed(color: vec3<f32>, outline: f32) -> Dressed {
    return Dressed(vec4(color, ALPHA), vec4(outline));
}
";

const TARGETS: &str = "
struct Dressed {
    @location(0) color: vec4<f32>,
}

fn dressed(color: vec3<f32>, outline: f32) -> Dressed {
    return Dressed(vec4(color, ALPHA));
}
";

/// The vertex entry of the tiles in list number `list` (`tileN`).
fn tile_vertex(wgsl: &mut String, list: usize) {
    let _ = write!(
        wgsl,
        "
@vertex
fn tile{list}(@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32) -> Place {{
    return tile_corner({list}u, instance, corner);
}}
"
    );
}

/// What `region` wears (`dressN`).
fn region(wgsl: &mut String, index: usize, shape: &RegionShape) {
    let worn = if shape.bare {
        "    return bare;".to_owned()
    } else if shape.textured {
        // Textures are premultiplied, blending wants their own colour; where the cloth is transparent the
        // picture stays.
        format!(
            "    let at = style.tile.xy * uv.x + style.tile.zw * uv.y + style.place.xy;
    let cloth = textureSampleLevel(texture{index}, tile_sampler, at, 0.0);
    let color = cloth.rgb / max(cloth.a, 1e-3);
    let worn = saturate(style.tint.rgb * color * light(luma, style.place.z));
    return mix(bare, blend_{}(bare, worn), style.tint.a * cloth.a);",
            shape.blend
        )
    } else {
        format!(
            "    let worn = saturate(style.tint.rgb * light(luma, style.place.z));
    return mix(bare, blend_{}(bare, worn), style.tint.a);",
            shape.blend
        )
    }
    .replace("blend_normal(bare, worn)", "worn");
    let style =
        if shape.bare { String::new() } else { format!("    let style = params.regions[{index}];\n") };
    let _ = write!(
        wgsl,
        "
fn dress{index}(bare: vec3<f32>, luma: f32, uv: vec2<f32>) -> vec3<f32> {{
{style}{worn}
}}
"
    );
}

/// The entry of the tiles with one region (`pureN`).
fn pure_entry(wgsl: &mut String, index: usize, plan: &Plan) {
    let outline = if index == Region::Background.index() { "1.0" } else { "0.0" };
    let (taken, body) = if plan.has_stack(index) {
        let entry = Interface::of_stacks(pure_name(index), plan, [index]);
        entry.write(wgsl, &Corners::Tiles(index));
        let (take, top) = (entry.take(), stacks::top(plan, index));
        (entry.taken(), format!("{take}    return dressed(over_camera({top}(in.uv), in.uv), {outline});"))
    } else {
        let body = format!(
            "    let bare = camera_at(frame_uv(in.uv));
    return dressed(dress{index}(bare, dot(bare, LUMA), in.uv), {outline});"
        );
        ("Place".to_owned(), body)
    };
    let _ = write!(
        wgsl,
        "
@fragment
fn pure{index}(in: {taken}) -> Dressed {{
{body}
}}
"
    );
}

/// 1 for each region whose matte has a shape of its own.
fn shaped(structure: &Structure) -> String {
    let flags = structure.regions.each_ref().map(|region| if region.shaped { "1.0" } else { "0.0" });
    let (low, high) = flags.split_at(4);
    format!(
        "
const SHAPED_LOW = vec4<f32>({});
const SHAPED_HIGH = vec2<f32>({});
",
        low.join(", "),
        high.join(", ")
    )
}

/// Where the weight of each region is in `Weights`; the background is what is behind the outline.
const WEIGHTS: [&str; Region::COUNT] = ["", "low.x", "low.y", "low.z", "low.w", "high.x"];
/// Where the share of each region is in `Mattes`.
const SHARES: [&str; Region::COUNT] = ["low.x", "low.y", "low.z", "low.w", "high.x", "high.y"];

/// The entry of the tiles with several regions.
fn mixed(wgsl: &mut String, exact: bool, structure: &Structure, plan: &Plan) {
    let is_shaped = |index: usize| structure.regions.get(index).is_some_and(|region| region.shaped);
    let mut body = String::new();
    if structure.is_calm() {
        let before = if exact {
            "textureLoad(last_frame, vec2<i32>(at * vec2<f32>(textureDimensions(last_frame))), 0).rgb"
        } else {
            "textureSampleLevel(last_frame, edge_sampler, at, 0.0).rgb"
        };
        let _ = write!(
            body,
            "    let before = {before};
    outline = calmed(outline, bare, before, vec2<i32>(in.position.xy));
"
        );
    }
    let mut taken = "Place".to_owned();
    if (0..Region::COUNT).any(|index| plan.has_stack(index)) {
        let entry = Interface::of_stacks(MIXED.to_owned(), plan, 0..Region::COUNT);
        entry.write(wgsl, &Corners::Tiles(Region::COUNT));
        body.push_str(&entry.take());
        taken = entry.taken();
    }
    for index in 0..Region::COUNT {
        let _ = if plan.has_stack(index) {
            let top = stacks::top(plan, index);
            writeln!(body, "    let d{index} = over_camera({top}(in.uv), in.uv);")
        } else {
            writeln!(body, "    let d{index} = dress{index}(bare, luma, in.uv);")
        };
    }
    let worn: Vec<String> =
        (1..Region::COUNT).map(|index| format!("d{index} * weights.{}", WEIGHTS[index])).collect();
    let _ = writeln!(body, "    var color = {} + bare * weights.high.y;", worn.join(" + "));
    body.push_str("    color = mix(color, d0, outline);\n");
    for index in (0..Region::COUNT).filter(|index| is_shaped(*index)) {
        let _ = writeln!(body, "    color = mix(color, d{index}, share.{});", SHARES[index]);
    }
    let _ = write!(
        wgsl,
        "
@fragment
fn mixed(in: {taken}) -> Dressed {{
    let at = frame_uv(in.uv);
    let bare = camera_at(at);
    let luma = dot(bare, LUMA);
    let share = mattes(at);
    let weights = weigh(share, SHAPED_LOW, SHAPED_HIGH);
    var outline = weights.outline;
{body}    return dressed(color, outline);
}}
"
    );
}
