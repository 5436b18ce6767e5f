//! Names that are taken: by WGSL, and by what every effect can use.

/// What is written for each instance of an effect, besides its inputs and targets.
pub(super) const OWN: &[&str] = &["below", "region_mask", "edge_distance", "PASSINDEX", "REGION"];

/// What is written once for all effects, by whoever composes the shader.
pub(super) const SHARED: &[&str] =
    &["camera", "mask_of", "edge_distance_of", "motion", "face", "things", "things_in"];

/// What the prelude declares.
pub(super) const PRELUDE: &[&str] = &[
    "Face",
    "PEOPLE",
    "BACKGROUND",
    "HAIR",
    "BODY_SKIN",
    "FACE_SKIN",
    "CLOTHES",
    "ACCESSORIES",
    "TIME",
    "TIMEDELTA",
    "FRAMEINDEX",
    "RENDERSIZE",
    "FACES",
    "luma",
    "hash21",
    "noise",
    "rgb_to_hsv",
    "hsv_to_rgb",
    "rotate",
];

/// Values that the host sets; a file only reads them.
pub(super) const VALUES: &[&str] = &["TIME", "TIMEDELTA", "FRAMEINDEX", "RENDERSIZE", "FACES"];

/// What every layer of a look has besides the inputs.
pub(super) const LAYER: &[&str] = &["effect", "on", "opacity"];

/// Names that begin so belong to the host.
pub(super) const HOST_PREFIX: &str = "masque_";

/// Keywords, types and functions of WGSL that an input may not hide.
const WGSL: &[&str] = &[
    "alias",
    "break",
    "case",
    "const",
    "const_assert",
    "continue",
    "continuing",
    "default",
    "diagnostic",
    "discard",
    "else",
    "enable",
    "false",
    "fn",
    "for",
    "if",
    "let",
    "loop",
    "override",
    "requires",
    "return",
    "struct",
    "switch",
    "true",
    "var",
    "while",
    "bool",
    "f16",
    "f32",
    "i32",
    "u32",
    "vec2",
    "vec3",
    "vec4",
    "vec2f",
    "vec3f",
    "vec4f",
    "vec2i",
    "vec3i",
    "vec4i",
    "vec2u",
    "vec3u",
    "vec4u",
    "array",
    "atomic",
    "ptr",
    "sampler",
    "function",
    "private",
    "storage",
    "uniform",
    "workgroup",
    "read",
    "write",
    "read_write",
    "abs",
    "acos",
    "all",
    "any",
    "asin",
    "atan",
    "atan2",
    "bitcast",
    "ceil",
    "clamp",
    "cos",
    "cosh",
    "cross",
    "degrees",
    "distance",
    "dot",
    "exp",
    "exp2",
    "floor",
    "fma",
    "fract",
    "length",
    "log",
    "log2",
    "max",
    "min",
    "mix",
    "modf",
    "normalize",
    "pow",
    "radians",
    "reflect",
    "refract",
    "round",
    "saturate",
    "select",
    "sign",
    "sin",
    "sinh",
    "smoothstep",
    "sqrt",
    "step",
    "tan",
    "tanh",
    "transpose",
    "trunc",
];

/// Why no input or target may be called `name`; none where it may.
pub(super) fn refuse(name: &str) -> Option<String> {
    if !is_snake_case(name) {
        return Some(format!("\"{name}\" is no name: write small letters, digits and _, as in dot_size"));
    }
    if name.len() > 48 {
        return Some("a name has at most 48 letters".to_owned());
    }
    if name.contains("__") {
        return Some(format!("\"{name}\" has two _ in a row, which WGSL does not allow"));
    }
    if name.starts_with(HOST_PREFIX) {
        return Some(format!("names that begin with {HOST_PREFIX} are Masque's own"));
    }
    if WGSL.contains(&name) {
        return Some(format!("\"{name}\" is a word of WGSL; call it otherwise"));
    }
    if LAYER.contains(&name) {
        return Some(format!("every effect has \"{name}\" already; call it otherwise"));
    }
    is_given(name).then(|| format!("every effect can use \"{name}\" already; call it otherwise"))
}

/// Whether `name` is made of small letters, digits and `_` as names are here.
pub(super) fn is_snake_case(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.ends_with('_')
}

/// Whether the host or the prelude declares `name`.
pub(super) fn is_given(name: &str) -> bool {
    OWN.contains(&name) || SHARED.contains(&name) || PRELUDE.contains(&name)
}
