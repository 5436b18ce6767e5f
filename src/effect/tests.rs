//! Files that are effects, and all kinds that are none.

use super::*;
use crate::frame::Region;
use crate::parameters::{Kind, Unit, Value};

const BODY: &str = "fn effect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }";

fn parse(source: &str) -> Result<Effect, EffectError> {
    Effect::parse("x", source)
}

/// An effect whose header has `inputs` and whose code is `body`.
fn with(inputs: &str, body: &str) -> Result<Effect, EffectError> {
    parse(&format!("/*{{ \"INPUTS\": [{inputs}] }}*/\n{body}"))
}

#[track_caller]
fn refused(source: &str, (line, column): (usize, usize), words: &[&str]) {
    let error = parse(source).expect_err(source);
    for word in words {
        assert!(error.message.contains(word), "\"{word}\" is missing in: {error}");
    }
    assert_eq!((error.line, error.column), (line, column), "{error}");
    assert!(error.file == "x.wgsl" && !error.message.contains("masque_c"), "{error}");
}

const FULL: &str = r#"/*{
  "DESCRIPTION": "All that there is.", "CREDIT": "Nobody", "CATEGORIES": ["A", "B"], "ISFVSN": "2", "VSN": "1",
  "INPUTS": [
    { "NAME": "size", "LABEL": "Dot size", "TYPE": "float", "DEFAULT": 0.02, "MIN": 0.004, "MAX": 0.1, "UNIT": "cells" },
    { "NAME": "amount", "TYPE": "float", "IDENTITY": 0.0, "DOC": "How\n  much." },
    { "NAME": "swap", "TYPE": "bool", "DEFAULT": true },
    { "NAME": "flash", "TYPE": "event" },
    { "NAME": "shape", "TYPE": "long", "VALUES": [3, 5], "LABELS": ["Triangle", "Star"], "DEFAULT": 5 },
    { "NAME": "ink", "TYPE": "color", "DEFAULT": [1, 0.5, 0, 1] },
    { "NAME": "center", "TYPE": "point2D", "DEFAULT": [0.25, 0.5] },
    { "NAME": "paper", "TYPE": "image" }
  ],
  "PASSES": [ { "TARGET": "trail", "PERSISTENT": true, "FLOAT": true, "SCALE": 0.5 }, {} ]
}*/
const TAPS: i32 = 4;
struct Dot { size: f32, at: vec2<f32> }
var<private> seen: f32;
alias Color = vec4<f32>;
fn helper(dot: Dot) -> f32 { return dot.size * size; }
fn effect(uv: vec2<f32>) -> Color {
    if PASSINDEX == 0 { return trail(uv) * 0.9; }
    seen = helper(Dot(amount, center)) + luma(ink.rgb) + paper(uv).r + camera(uv).g + TIME;
    for (var i = 0; i < TAPS; i++) { seen += noise(uv * f32(i)); }
    let eye = face(0).left_eye;
    if swap || flash || shape == 5 || REGION == HAIR || FACES > 0 { seen += eye.x; }
    seen += region_mask(uv) + mask_of(PEOPLE, uv) + edge_distance(uv) + edge_distance_of(HAIR, uv) + motion(uv).x;
    return vec4(seen) + below(uv) + vec4(rotate(uv, 1.0), hash21(uv), TIMEDELTA + f32(FRAMEINDEX) + RENDERSIZE.x);
}
"#;

#[test]
fn a_file_with_everything_is_an_effect() {
    let effect = parse(FULL).expect("an effect");
    assert_eq!((effect.description(), effect.credit()), ("All that there is.", "Nobody"));
    assert_eq!(effect.categories(), ["A", "B"]);
    let keys: Vec<_> = effect.inputs().iter().map(|input| &*input.field.key).collect();
    assert_eq!(keys, ["size", "amount", "swap", "flash", "shape", "ink", "center", "paper"]);
    let defaults: Vec<_> = effect.inputs().iter().map(|input| input.field.kind.default_value()).collect();
    let wanted = [
        Value::Float(0.02),
        Value::Float(0.5),
        Value::Switch(true),
        Value::Switch(false),
        Value::Selection(5),
        Value::Color([1.0, 0.5, 0.0]),
        Value::Point([0.25, 0.5]),
        Value::Texture(None),
    ];
    assert_eq!(defaults, wanted);
    let (size, amount) = (&effect.inputs()[0].field, &effect.inputs()[1]);
    let Kind::Float(float) = &size.kind else { panic!("a number") };
    assert_eq!((float.min, float.max, &float.unit), (0.004, 0.1, &Unit::Named("cells".into())));
    assert_eq!(
        (size.label(), amount.field.label(), amount.field.doc()),
        ("Dot size".into(), "Amount".into(), "How much.")
    );
    assert_eq!(amount.identity, Some(Value::Float(0.0)));
    let [trail, last] = effect.passes() else { panic!("two passes") };
    assert_eq!(
        (trail.target.as_deref(), trail.persistent, trail.float, trail.scale),
        (Some("trail"), true, true, 0.5)
    );
    assert!(last.target.is_none());
    let all = Uses { edge_distance: true, motion: true, faces: true, masks: true, camera: true, time: true };
    assert_eq!(effect.uses(), all);
    assert_eq!(with("", BODY).expect("an effect").uses(), Uses::default());
}

#[test]
fn code_stands_beside_other_code() {
    let effect = parse(FULL).expect("an effect");
    let code = effect.code("e3_");
    for renamed in [
        "fn e3_effect(uv: vec2<f32>) -> e3_Color {",
        "const e3_TAPS: i32 = 4;",
        "struct e3_Dot { size: f32, at: vec2<f32> }",
        "var<private> e3_seen: f32;",
        "return dot.size * e3_size;",
        "e3_PASSINDEX == 0 { return e3_trail(uv)",
        "i < e3_TAPS; i++) { e3_seen += noise",
        "e3_paper(uv).r + camera(uv).g + TIME",
        "e3_region_mask(uv) + mask_of(PEOPLE, uv) + e3_edge_distance(uv) + edge_distance_of(HAIR, uv)",
    ] {
        assert!(code.contains(renamed), "{renamed} is missing in {code}");
    }
    assert_eq!(
        code.lines().position(|line| line.contains("e3_Dot {")),
        FULL.lines().position(|line| line.contains("Dot {"))
    );
    let changed = parse(&FULL.replace("0.9", "0.8")).expect("an effect");
    assert_ne!(changed.version(), effect.version());
    assert_eq!(parse(FULL).expect("an effect").version(), effect.version());
}

/// Regions have the ids of the prelude.
#[test]
fn regions_of_the_prelude_are_those_of_the_masks() {
    for region in Region::ALL {
        let line = format!("const {}: i32 = {};", region.name().to_uppercase(), region.id());
        assert!(PRELUDE.contains(&line), "{line}");
    }
}

#[test]
fn mistakes_in_the_header_are_named_where_they_stand() {
    let input = |text: &str| format!("/*{{\n \"INPUTS\": [\n  {{ {text} }}\n ]\n}}*/\n{BODY}");
    let cases = [
        ("\"NAME\": \"a\", \"TYPE\": \"flot\"", 26, "float"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"MIM\": 0", 35, "MIN"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"MIN\": 2", 42, "MAX"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"MAX\": -1", 42, "MIN"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"DEFAULT\": 7", 46, "7"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"DEFAULT\": \"7\"", 46, "a number"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\", \"IDENTITY\": 7", 47, "IDENTITY"),
        ("\"NAME\": \"a\", \"TYPE\": \"bool\", \"DEFAULT\": 1", 45, "true or false"),
        ("\"NAME\": \"a\", \"TYPE\": \"long\"", 3, "VALUES"),
        ("\"NAME\": \"a\", \"TYPE\": \"long\", \"VALUES\": [1, 1]", 48, "twice"),
        ("\"NAME\": \"a\", \"TYPE\": \"long\", \"VALUES\": [1, 2.5]", 48, "2.5"),
        ("\"NAME\": \"a\", \"TYPE\": \"long\", \"VALUES\": [1], \"LABELS\": []", 3, ""),
        ("\"NAME\": \"a\", \"TYPE\": \"long\", \"VALUES\": [1], \"DEFAULT\": 2", 60, "VALUES"),
        ("\"NAME\": \"a\", \"TYPE\": \"color\", \"DEFAULT\": [1, 2, 3]", 46, "three numbers"),
        ("\"NAME\": \"a\", \"TYPE\": \"point2D\", \"DEFAULT\": [1]", 48, "two numbers"),
        ("\"NAME\": \"a\", \"TYPE\": \"image\", \"DEFAULT\": 1", 35, "DEFAULT"),
        ("\"NAME\": \"a\"", 3, "TYPE"),
        ("\"TYPE\": \"float\"", 3, "NAME"),
        ("\"NAME\": 5, \"TYPE\": \"float\"", 13, "text"),
        ("\"NAME\": \"for\", \"TYPE\": \"float\"", 13, "word of WGSL"),
        ("\"NAME\": \"camera\", \"TYPE\": \"float\"", 13, "camera"),
        ("\"NAME\": \"luma\", \"TYPE\": \"float\"", 13, "luma"),
        ("\"NAME\": \"opacity\", \"TYPE\": \"float\"", 13, "opacity"),
        ("\"NAME\": \"Dot size\", \"TYPE\": \"float\"", 13, "dot_size"),
        ("\"NAME\": \"masque_a\", \"TYPE\": \"float\"", 13, "masque_"),
        ("\"NAME\": \"a\", \"TYPE\": \"float\" }, { \"NAME\": \"a\", \"TYPE\": \"bool\"", 47, "two inputs"),
    ];
    for (text, column, word) in cases {
        if word.is_empty() {
            // An empty list of labels is none.
            parse(&input(text)).expect(text);
        } else {
            refused(&input(text), (3, column), &[word]);
        }
    }
    let pass = |text: &str| format!("/*{{\n \"PASSES\": [ {text} ]\n}}*/\n{BODY}");
    refused(&pass("{}, {}"), (2, 14), &["TARGET"]);
    refused(&pass("{ \"TARGET\": \"a\" }"), (2, 26), &["last pass"]);
    refused(&pass("{ \"TARGET\": \"a\", \"SCALE\": 2 }, {}"), (2, 40), &["0.05"]);
    refused(&pass("{ \"TARGET\": \"below\" }, {}"), (2, 26), &["below"]);
    refused(&pass("{ \"TARGET\": \"a\" }, { \"TARGET\": \"a\" }, {}"), (2, 45), &["already"]);
    refused(&pass("5"), (2, 14), &["object"]);
    refused(&format!("/*{{\n \"INPUTZ\": []\n}}*/{BODY}"), (2, 2), &["INPUTZ", "INPUTS"]);
    refused(&format!("/*{{\n \"INPUTS\": [,]\n}}*/{BODY}"), (2, 13), &["JSON"]);
    refused(&format!("/* JSON */{BODY}"), (1, 4), &["JSON"]);
    refused(&format!("/*[]*/{BODY}"), (1, 3), &["object"]);
    refused(BODY, (1, 1), &["comment"]);
}

#[test]
fn mistakes_in_the_code_are_named_where_they_stand() {
    let cases: &[(&str, (usize, usize), &[&str])] = &[
        ("fn affect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }", (2, 60), &["effect is missing"]),
        (
            "fn effect(uv: vec3<f32>) -> vec4<f32> { return vec4(uv, 1.0); }",
            (2, 4),
            &["fn effect(uv: vec2<f32>)"],
        ),
        ("fn effect(uv: vec2<f32>) { }", (2, 4), &["-> vec4<f32>"]),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  return below(uw);\n}", (3, 16), &["uw"]),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  return amount * below(uv) + uv;\n}", (3, 10), &["uv"]),
        (
            "fn effect(uv: vec2<f32>) -> vec4<f32> {\n  let a: i32 = amount;\n  return below(uv);\n}",
            (3, 7),
            &["i32"],
        ),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  return below(uv)\n}", (4, 1), &[";"]),
        (
            "fn effect(uv: vec2<f32>) -> vec4<f32> {\n  amount = 2.0; return below(uv);\n}",
            (3, 3),
            &["amount", "host"],
        ),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  TIME += 2.0; return below(uv);\n}", (3, 3), &["TIME"]),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  discard;\n}", (3, 3), &["discard"]),
        ("fn effect(uv: vec2<f32>) -> vec4<f32> {\n  loop { }\n}", (3, 3), &["never ends"]),
        ("@fragment fn effect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }", (2, 2), &["entry point"]),
        ("@group(0) @binding(0) var t: texture_2d<f32>;", (2, 2), &["host"]),
        ("var<workgroup> t: f32;", (2, 1), &["var<private>"]),
        ("override t: f32;", (2, 1), &["override"]),
        ("enable f16;", (2, 1), &["enable"]),
        ("fn noise() {}", (2, 4), &["noise"]),
        ("fn amount() {}", (2, 4), &["amount"]),
        ("fn a() {}\nfn a() {}", (3, 4), &["twice"]),
        ("fn masque_a() {}", (2, 4), &["masque_"]),
        ("fn a() { let b = dpdx(1.0); }", (2, 18), &["RENDERSIZE"]),
        ("fn a() -> f32 { return textureSample(t, s, vec2(0.0)).r; }", (2, 24), &["below(uv)"]),
        ("/* open", (2, 1), &["*/"]),
        ("fn a() { \"text\" }", (2, 10), &["WGSL"]),
        ("var<private> big: array<f32, 100000>;", (2, 1), &["KiB"]),
        ("fn a() { a(); }", (2, 4), &["a"]),
    ];
    let input = "{ \"NAME\": \"amount\", \"TYPE\": \"float\" }";
    for (body, place, words) in cases {
        let more = if body.contains("effect") || body.contains("affect") { "" } else { BODY };
        let source = format!("/*{{ \"INPUTS\": [{input}] }}*/\n{body}\n{more}");
        let mut place = *place;
        if body.contains("affect") {
            place = (3, 1);
        }
        refused(&source, place, words);
    }
    // What only looks like one of these is good.
    for good in [
        "fn a(amount: f32) -> f32 { var b = amount; b += 1.0; return b; }",
        "fn a() -> i32 { return 3 & FRAMEINDEX; }",
        "struct A { amount: f32 } fn a() -> A { var b: A; b.amount = 1.0; return b; }",
        "fn a() -> f32 { var amount = amount; amount *= 2.0; return amount; }",
        "/* /* nested */ discard */ // @fragment",
    ] {
        with(input, &format!("{good}\n{BODY}")).expect(good);
    }
}

#[test]
fn rubbish_is_refused_with_a_place_and_never_harms() {
    let header = "/*{}*/\n";
    let body = |code: String| {
        format!("{header}fn effect(uv: vec2<f32>) -> vec4<f32> {{\n{code}\nreturn below(uv); }}")
    };
    let many = 100_000;
    let sum = "1.0 + ".repeat(many);
    let chain: String = (0..9999).map(|n| format!("fn f{n}() {{ f{}(); }}\n", n + 1)).collect();
    let cases = [
        String::new(),
        " \n\n".into(),
        "\u{0}\u{1}\u{2}".into(),
        format!("{header}{BODY}{}", " ".repeat(1 << 20)),
        "/*".repeat(many),
        format!("/*{}*/{BODY}", "[".repeat(many)),
        format!("/*{{\"INPUTS\": [{}]}}*/{BODY}", "{},".repeat(many)),
        body(format!("let a = {sum}1.0;")),
        body(format!("let a = {}1.0{};", "(".repeat(many), ")".repeat(many))),
        body(format!("let a = {}true;", "!".repeat(many))),
        body(format!("let a = {}1.0;", "- ".repeat(many))),
        body(format!("{}{}", "{".repeat(many), "}".repeat(many))),
        body(format!("var a: {}f32{};", "array<".repeat(many), ",2>".repeat(many))),
        body(format!("if true {{ }} {}", "else if true { }".repeat(many / 10))),
        body(format!("let a = uv{};", ".xy".repeat(many))),
        body("let a = 1;".repeat(many)),
        format!("{header}{BODY}\n{chain}fn f9999() {{ }}"),
        format!("{header}{BODY}\n{}", "const_assert true;".repeat(many)),
        format!("{header}{BODY}\n{}", "@".repeat(many)),
        format!("{header}{BODY}\n{}", ";".repeat(300_000)),
        format!("{header}{BODY}\n{}", "fn ".repeat(many)),
    ];
    for source in cases {
        // A test's thread has a small stack: what is refused must be refused before it is used up.
        if let Err(error) = parse(&source) {
            assert!(error.line >= 1 && error.column >= 1 && error.message.len() < 2000, "{error}");
        } else {
            assert!(source.contains("const_assert"), "{}…", &source[..source.len().min(100)]);
        }
    }
}

#[test]
fn ten_thousand_lines_are_an_effect() {
    let mut body = String::from("fn effect(uv: vec2<f32>) -> vec4<f32> {\n    var sum = below(uv);\n");
    for n in 0..10_000 {
        body.push_str(&format!("    sum += vec4({n}.0 * uv, amount, 0.0); // line {n}\n"));
    }
    body.push_str("    return sum;\n}\n");
    let input = "{ \"NAME\": \"amount\", \"TYPE\": \"float\" }";
    let effect = with(input, &body).expect("an effect");
    assert_eq!(effect.code("e_").matches("e_amount").count(), 10_000);
    let error = with(input, &body.replace("9999.0 * uv", "9999.0 * vu")).expect_err("a typo");
    assert_eq!((error.line, error.column), (10_003, 26), "{error}");
}
