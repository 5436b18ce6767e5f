//! Whether an effect would compile: it is put together with what the host writes around it and given to naga.

use std::error::Error;
use std::fmt::Write;

use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::PRELUDE;
use super::code::Written;
use super::error::Fault;
use super::header::Header;
use crate::parameters::Kind;

/// What stands before the file's names here, and nowhere in a file.
pub(super) const PREFIX: &str = "masque_";

/// What the host writes once.
const SHARED: &str = "
fn camera(uv: vec2<f32>) -> vec4<f32> { return vec4(uv, 0.0, 1.0); }
fn mask_of(region: i32, uv: vec2<f32>) -> f32 { return uv.x; }
fn edge_distance_of(region: i32, uv: vec2<f32>) -> f32 { return uv.x; }
fn motion(uv: vec2<f32>) -> vec2<f32> { return uv; }
fn face(index: i32) -> Face { return Face(); }
fn things() -> i32 { return 0; }
fn things_in(zone: i32) -> i32 { return zone; }
";

/// What the host writes for each effect.
const OWN: &str = "
fn masque_below(uv: vec2<f32>) -> vec4<f32> { return vec4(uv, 0.0, 1.0); }
fn masque_region_mask(uv: vec2<f32>) -> f32 { return uv.x; }
fn masque_edge_distance(uv: vec2<f32>) -> f32 { return uv.x; }
const masque_PASSINDEX: i32 = 0;
const masque_REGION: i32 = 0;
fn masque_call(uv: vec2<f32>) -> vec4<f32> { return masque_effect(uv); }
";

/// Most bytes of a variable: larger ones end some drivers.
const LARGEST: u32 = 64 * 1024;

/// Most letters of the file that a message quotes.
const LONGEST_QUOTE: usize = 60;

/// The stack that naga gets: it goes one call deeper for each bracket.
const STACK: usize = 16 << 20;

/// Compiles `written`, whose prefix is [`PREFIX`].
///
/// # Errors
/// What naga finds, counted in the author's source.
pub(super) fn check(header: &Header, written: &Written, effect: usize) -> Result<(), Fault> {
    let mut shader = format!("{PRELUDE}{SHARED}{OWN}");
    for input in &header.inputs {
        let key = &input.field.key;
        let class = match input.field.kind {
            Kind::Float(_) => "f32",
            Kind::Switch(_) | Kind::Event(_) => "bool",
            Kind::Selection(_) | Kind::Blend(_) => "i32",
            Kind::Color(_) => "vec4<f32>",
            Kind::Point(_) => "vec2<f32>",
            Kind::Texture(_) => {
                sampled(&mut shader, key);
                continue;
            }
        };
        // Writing into a text cannot fail.
        let _ = writeln!(shader, "var<private> {PREFIX}{key}: {class};");
    }
    for target in header.passes.iter().filter_map(|pass| pass.target.as_deref()) {
        sampled(&mut shader, target);
    }
    let start = shader.len();
    shader.push_str(&written.code);
    // On a thread of its own, so that neither its stack nor a fault of naga's is ours.
    let thread = std::thread::Builder::new().name("effect check".into()).stack_size(STACK);
    let found = thread.spawn(move || compile(&shader)).map(|thread| thread.join());
    match found {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err((span, message)))) => {
            let message = message.replace(PREFIX, "");
            match span.and_then(|span| span.checked_sub(start)) {
                Some(at) => Err(Fault::new(written.origin(at), message)),
                // What fails in the host's part is its call of `effect`.
                None => Err(Fault::new(
                    effect,
                    format!("effect is to be fn effect(uv: vec2<f32>) -> vec4<f32>: {message}"),
                )),
            }
        }
        Ok(Err(_)) => Err(Fault::new(effect, "naga, which checks shaders, failed on this file")),
        Err(error) => Err(Fault::new(effect, format!("the file could not be checked: {error}"))),
    }
}

fn sampled(shader: &mut String, name: &str) {
    let _ =
        writeln!(shader, "fn {PREFIX}{name}(uv: vec2<f32>) -> vec4<f32> {{ return vec4(uv, 0.0, 1.0); }}");
}

/// The byte where something is wrong, and what.
fn compile(shader: &str) -> Result<(), (Option<usize>, String)> {
    let module = naga::front::wgsl::parse_str(shader).map_err(|error| {
        let label =
            error.labels().next().map(|(span, text)| (span.to_range().map(|range| range.start), text));
        let (span, text) = label.unwrap_or_default();
        let message = error.message().trim().replace("found \"\"", "found the end of the file");
        let more =
            if text.is_empty() || message.contains(text) { String::new() } else { format!(" ({text})") };
        (span, format!("{message}{more}"))
    })?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    validator.validate(&module).map_err(|error| {
        // Of the places that it names the smallest says most.
        let places = error.spans().filter_map(|(span, _)| span.to_range());
        let place = places.min_by_key(|range| range.len());
        let mut cause: &dyn Error = error.as_inner();
        while let Some(next) = cause.source() {
            cause = next;
        }
        let quoted =
            place.clone().and_then(|range| shader.get(range)).filter(|text| text.len() <= LONGEST_QUOTE);
        let quoted = quoted.filter(|text| !text.contains('\n')).map(|text| format!("{text}: "));
        (
            place.map(|range| range.start),
            format!("{}{}", quoted.unwrap_or_default(), readable(&cause.to_string())),
        )
    })?;
    let globals =
        module.global_variables.iter().map(|(at, global)| (global.ty, module.global_variables.get_span(at)));
    let constants =
        module.constants.iter().map(|(at, constant)| (constant.ty, module.constants.get_span(at)));
    let locals = module.functions.iter().flat_map(|(_, function)| {
        let locals = &function.local_variables;
        locals.iter().map(|(at, local)| (local.ty, locals.get_span(at)))
    });
    for (class, span) in globals.chain(constants).chain(locals) {
        if module.types[class].inner.size(module.to_ctx()) > LARGEST {
            let span = span.to_range().map(|range| range.start);
            return Err((span, format!("this takes more than {} KiB", LARGEST / 1024)));
        }
    }
    Ok(())
}

/// naga's words with types as they are written in WGSL.
fn readable(message: &str) -> String {
    let mut text = message.to_owned();
    for (kind, name) in [("Float", "f32"), ("Sint", "i32"), ("Uint", "u32"), ("Bool", "bool")] {
        let width = if kind == "Bool" { 1 } else { 4 };
        let scalar = format!("Scalar {{ kind: {kind}, width: {width} }}");
        for (size, vector) in [("Bi", "vec2"), ("Tri", "vec3"), ("Quad", "vec4")] {
            let class = format!("Vector {{ size: {size}, scalar: {scalar} }}");
            text = text.replace(&class, &format!("{vector}<{name}>"));
        }
        text = text.replace(&format!("Scalar({scalar})"), name).replace(&scalar, name);
    }
    text
}
