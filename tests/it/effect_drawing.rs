//! What effects see and what is seen of them: a known frame, mask and effect in; pixels out.

use std::sync::Arc;
use std::time::Duration;

use masque::compositor::ComposedFrame;
use masque::effect::Effect;
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat, Region};
use masque::look::{Look, LookFade, RegionStyle, Stack};
use masque::parameters::Value;
use masque::perception::{Face, MotionField, Parsed, Perception};

use crate::compositor::{Bench, Tried, assert_near, flag, half_hair, pixel};

/// The hair of [`half_hair`], alone.
const HAIR: Stack = Stack::Region(Region::Hair);

fn effect(code: &str) -> Arc<Effect> {
    with("{}", code)
}

fn with(header: &str, code: &str) -> Arc<Effect> {
    let source = format!("/*{header}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> {{ {code} }}");
    Arc::new(Effect::parse("tried", &source).unwrap())
}

/// Left half red, right half blue, hair on the left; `millis` after the start.
fn seen(millis: u64) -> (Arc<Frame>, Arc<Parsed>) {
    let Frame { width, height, .. } = flag();
    let mut data = FramePool::new(1 << 20).acquire(PixelFormat::Rgba8.bytes(width, height)).unwrap();
    data.copy_from_slice(flag().plane(0));
    let (time, color) = (Duration::from_millis(millis), ColorSpace::default());
    let frame = Frame::new(FrameSeq(millis), time, PixelFormat::Rgba8, (width, height), color, data).unwrap();
    let perception = Perception { mask: half_hair(), ..Perception::default() };
    (Arc::new(frame), Arc::new(Parsed { perception }))
}

fn draw(stack: Stack, effects: Vec<Tried>) -> ComposedFrame {
    let mut bench = Bench::new(Look::default(), None);
    bench.wear_effects(Look::default(), stack, effects);
    bench.draw(flag(), Some(half_hair()), false)
}

fn one(stack: Stack, code: &str) -> ComposedFrame {
    draw(stack, vec![(effect(code), 1.0, Vec::new())])
}

#[test]
fn an_effect_of_a_region_is_seen_there_and_only_there() {
    let picture = one(HAIR, "let c = below(uv); return vec4(1.0 - c.rgb, 1.0);");
    assert_near(pixel(&picture, 10, 20), [0, 255, 255], "hair is inverted");
    assert_near(pixel(&picture, 50, 20), [0, 0, 255], "the background is as it was");
}

#[test]
fn what_lies_below_is_the_dressed_region_and_may_be_looked_at_anywhere() {
    let hair = RegionStyle { tint: [0.0, 1.0, 0.5], shading: 0.0, opacity: 0.5, ..RegionStyle::default() };
    let look = Look { hair, ..Look::default() };
    let mut bench = Bench::new(look.clone(), None);
    let mirrored = effect("return below(vec2(1.0 - uv.x, uv.y));");
    bench.wear_effects(look, HAIR, vec![(mirrored, 1.0, Vec::new())]);
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&picture, 10, 20), [0, 128, 191], "half the tint over the blue of the other side");
}

#[test]
fn layers_lie_over_each_other_from_below() {
    let add = |r: f32, g: f32, b: f32| effect(&format!("return below(uv) + vec4({r}, {g}, {b}, 0.0);"));
    let halve = effect("return vec4(below(uv).rgb * 0.5, 1.0);");
    let layers = [add(0.0, 0.4, 0.0), halve.clone(), add(0.0, 0.0, 0.2)];
    let picture = draw(HAIR, layers.into_iter().map(|effect| (effect, 1.0, Vec::new())).collect());
    assert_near(pixel(&picture, 10, 20), [128, 51, 51], "added, halved, added");
    let faint = draw(HAIR, vec![(add(0.0, 0.4, 0.0), 1.0, Vec::new()), (halve, 0.5, Vec::new())]);
    assert_near(pixel(&faint, 10, 20), [191, 77, 0], "half of halving");
    let thin = draw(HAIR, vec![(effect("return vec4(0.0, 1.0, 0.0, 0.25);"), 1.0, Vec::new())]);
    assert_near(pixel(&thin, 10, 20), [191, 64, 0], "the camera shows through");
}

#[test]
fn inputs_of_every_type_arrive() {
    let header = r#"{ "INPUTS": [
        { "NAME": "size", "TYPE": "float" }, { "NAME": "strict", "TYPE": "bool" },
        { "NAME": "kind", "TYPE": "long", "VALUES": [0, 7], "LABELS": ["a", "b"] },
        { "NAME": "hit", "TYPE": "event" }, { "NAME": "ink", "TYPE": "color" },
        { "NAME": "middle", "TYPE": "point2D" }, { "NAME": "paper", "TYPE": "image" }
    ] }"#;
    let code = "if uv.x < 0.125 { return vec4(size, f32(kind) / 10.0, select(0.0, 1.0, strict), 1.0); }
        if uv.x < 0.25 { return vec4(middle, select(0.0, 1.0, hit), 1.0); }
        if uv.x < 0.375 { return paper(uv); }
        return ink;";
    let values = vec![
        Value::Float(0.25),
        Value::Switch(true),
        Value::Selection(7),
        Value::Switch(false),
        Value::Color([0.0, 0.5, 1.0]),
        Value::Point([0.2, 0.6]),
        Value::Texture(None),
    ];
    let picture = draw(HAIR, vec![(with(header, code), 1.0, values)]);
    assert_near(pixel(&picture, 4, 20), [64, 179, 255], "float, long and bool");
    assert_near(pixel(&picture, 12, 20), [51, 153, 0], "point and event");
    assert_near(pixel(&picture, 20, 20), [255, 255, 255], "no image is white");
    assert_near(pixel(&picture, 28, 20), [0, 128, 255], "colour");
}

#[test]
fn effects_over_the_whole_picture_see_it_composed() {
    let look = Look {
        hair: RegionStyle { tint: [0.0, 1.0, 0.0], shading: 0.0, ..RegionStyle::default() },
        ..Look::default()
    };
    let mut bench = Bench::new(look.clone(), None);
    let swap = effect("return vec4(below(vec2(1.0 - uv.x, uv.y)).rgb, 1.0);");
    bench.wear_effects(look, Stack::Picture, vec![(swap, 1.0, Vec::new())]);
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&picture, 10, 20), [0, 0, 255], "the background is on the left");
    assert_near(pixel(&picture, 50, 20), [0, 255, 0], "dressed hair is on the right");
}

#[test]
fn masks_are_those_of_the_regions() {
    let code = "return vec4(region_mask(uv), mask_of(HAIR, uv), mask_of(BACKGROUND, uv), 1.0);";
    let everywhere = one(Stack::Picture, code);
    assert_near(pixel(&everywhere, 10, 20), [255, 255, 0], "a person with hair");
    assert_near(pixel(&everywhere, 50, 20), [0, 0, 255], "nobody");
}

#[test]
fn edges_are_as_far_away_as_they_are() {
    // 64 × 32 pixels: the edge is one picture height right of the left side.
    let code = "let d = edge_distance(uv); return vec4(d * 4.0, -d * 4.0, edge_distance_of(BACKGROUND, uv) * 4.0, 1.0);";
    let picture = one(Stack::Picture, code);
    for (x, expected) in
        [(2, [255, 0, 0]), (28, [112, 0, 0]), (30, [48, 0, 0]), (34, [0, 80, 80]), (62, [0, 255, 255])]
    {
        let found = pixel(&picture, x, 20);
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 8);
        assert!(near, "column {x}: found {found:?}, expected {expected:?}");
    }
}

#[test]
fn what_is_kept_is_what_was_drawn_for_the_picture_before() {
    let header = r#"{ "PASSES": [{ "TARGET": "trail", "PERSISTENT": true, "SCALE": 0.5 }, {}] }"#;
    let code = "if PASSINDEX == 0 { return vec4(trail(uv).rgb + vec3(0.25, 0.0, 0.0), 1.0); }
        return vec4(trail(uv).rgb, 1.0);";
    let mut bench = Bench::new(Look::default(), None);
    let counting = with(header, code);
    for (frame, red) in [64, 128, 191, 255].into_iter().enumerate() {
        bench.wear_effects(Look::default(), HAIR, vec![(counting.clone(), 1.0, Vec::new())]);
        let (seen, parsed) = seen(frame as u64 * 40);
        let picture = bench.show(seen, Some(parsed), false);
        assert_near(pixel(&picture, 10, 20), [red, 0, 0], &format!("picture {frame}"));
    }
    bench.wear_effects(Look::default(), HAIR, Vec::new());
    bench.draw(flag(), Some(half_hair()), false);
    bench.wear_effects(Look::default(), HAIR, vec![(counting, 1.0, Vec::new())]);
    let (seen, parsed) = seen(400);
    let picture = bench.show(seen, Some(parsed), false);
    assert_near(pixel(&picture, 10, 20), [64, 0, 0], "an effect that is put on again begins anew");
}

#[test]
fn passes_see_what_was_drawn_before_them() {
    let header =
        r#"{ "PASSES": [{ "TARGET": "first", "FLOAT": true }, { "TARGET": "second", "SCALE": 0.25 }, {}] }"#;
    let code = "if PASSINDEX == 0 { return below(uv) * 4.0; }
        if PASSINDEX == 1 { return vec4(first(uv).rgb / 8.0, RENDERSIZE.x / 64.0); }
        return vec4(second(uv).rgb + vec3(0.0, second(uv).a, first(uv).r / 8.0), 1.0);";
    for stack in [HAIR, Stack::Picture] {
        let picture = draw(stack, vec![(with(header, code), 1.0, Vec::new())]);
        assert_near(pixel(&picture, 10, 20), [128, 64, 128], "both targets");
    }
}

#[test]
fn the_clock_goes_on_with_the_frames() {
    let clock = effect("return vec4(TIME, TIMEDELTA, f32(FRAMEINDEX) / 10.0, 1.0);");
    let mut bench = Bench::new(Look::default(), None);
    bench.wear_effects(Look::default(), HAIR, vec![(clock, 1.0, Vec::new())]);
    for (millis, expected) in [(0, [0, 0, 0]), (100, [26, 26, 26]), (500, [128, 102, 51])] {
        let (seen, parsed) = seen(millis);
        let picture = bench.show(seen, Some(parsed), false);
        assert_near(pixel(&picture, 10, 20), expected, &format!("after {millis} ms"));
    }
}

#[test]
fn faces_and_motion_are_where_the_picture_shows_them() {
    let code = "if uv.x < 0.25 { return vec4(f32(FACES) / 4.0, face(0).mouth, 1.0); }
        if uv.x < 0.4 { return vec4(face(1).mouth, face(0).size, 1.0); }
        return vec4(motion(uv) + 0.5, 0.0, 1.0);";
    let mut points = vec![[0.5, 0.5, 0.0]; 478];
    for (index, x) in [(33, 0.2), (133, 0.3), (362, 0.5), (263, 0.6)] {
        points[index] = [x, 0.25, 0.0];
    }
    for index in [78, 308, 13, 14] {
        points[index] = [0.25, 0.75, 0.0];
    }
    let faces = vec![Face::new(0, 1.0, &points)];
    let motion = MotionField { columns: 1, rows: 1, vectors: vec![[-0.25, 0.1]], confidence: vec![1.0] };
    let perception = Perception { mask: half_hair(), faces, motion, ..Perception::default() };
    let mut bench = Bench::new(Look::default(), None);
    bench.wear_effects(Look::default(), Stack::Picture, vec![(effect(code), 1.0, Vec::new())]);
    let picture = bench.draw_parsed(flag(), Some(perception.clone()), false);
    assert_near(pixel(&picture, 4, 20), [64, 64, 191], "one face and its mouth");
    assert_near(pixel(&picture, 20, 20), [0, 0, 153], "no second face; 0.3 of a width between the eyes");
    assert_near(pixel(&picture, 50, 20), [191, 102, 0], "a quarter to the right");
    let mirrored = bench.draw_parsed(flag(), Some(perception), true);
    assert_near(pixel(&mirrored, 4, 20), [64, 191, 191], "the mouth is on the other side");
    assert_near(pixel(&mirrored, 50, 20), [64, 102, 0], "a quarter to the left");
}

#[test]
fn the_picture_goes_on_while_the_next_dress_is_compiled() {
    let mut bench = Bench::new(Look::default(), None);
    let hair = RegionStyle { tint: [0.0, 1.0, 0.0], shading: 0.0, ..RegionStyle::default() };
    bench.wear(Look { hair, ..Look::default() });
    bench.draw(flag(), Some(half_hair()), false);
    bench.wait(false);
    let white =
        "var sum = vec4(0.0); for (var i = 0; i < 9; i++) { sum += below(uv + f32(i)); } return sum + 9.0;";
    bench.wear_effects(Look::default(), HAIR, vec![(effect(white), 1.0, Vec::new())]);
    let mut before = 0;
    for frame in 1..2000 {
        let (seen, parsed) = seen(frame * 40);
        let picture = bench.show(seen.clone(), Some(parsed), false);
        assert_eq!(picture.seq, seen.seq, "no frame is left out");
        let hair = pixel(&picture, 10, 20);
        if hair == [255; 3] {
            break;
        }
        assert_near(hair, [0, 255, 0], "the dress before stays on");
        before += 1;
    }
    assert!(before > 0, "the new shader was not there at once");
    let (seen, parsed) = seen(100_000);
    assert_eq!(pixel(&bench.show(seen, Some(parsed), false), 10, 20), [255; 3], "then the new one is worn");
    assert_eq!(bench.counter("shaders_failed"), 0);
}

#[test]
fn a_high_stack_of_effects_that_look_around_is_drawn() {
    let invert = effect("return vec4(1.0 - below(uv).rgb, 1.0);");
    let spread = effect(
        "var sum = vec4(0.0);
        for (var i = -4; i <= 4; i++) { sum += below(uv + vec2(0.0, f32(i) * 0.01)); }
        return sum / 9.0;",
    );
    let layers = [&invert, &spread, &invert, &spread, &invert, &spread, &invert, &spread];
    let layers: Vec<Tried> = layers.into_iter().map(|effect| (effect.clone(), 1.0, Vec::new())).collect();
    for stack in [HAIR, Stack::Picture] {
        let picture = draw(stack, layers.clone());
        assert_near(pixel(&picture, 10, 20), [255, 0, 0], "inverted four times");
        assert_near(pixel(&picture, 50, 20), [0, 0, 255], "and so is the rest, or it is not touched");
    }
}

#[test]
fn while_a_look_fades_both_are_seen_with_their_effects() {
    let tint = |green: f32| RegionStyle { tint: [0.0, green, 0.0], shading: 0.0, ..RegionStyle::default() };
    let before = Look { hair: tint(1.0), ..Look::default() };
    let mut bench = Bench::new(before.clone(), None);
    assert_near(pixel(&bench.draw(flag(), Some(half_hair()), false), 10, 20), [0, 255, 0], "before");
    let blue = effect("return below(uv) + vec4(0.0, 0.0, 1.0, 0.0);");
    bench.wear_effects(Look { hair: tint(0.0), ..Look::default() }, HAIR, vec![(blue, 1.0, Vec::new())]);
    for (progress, expected) in [(0.0, [0, 255, 0]), (0.25, [0, 191, 64]), (1.0, [0, 0, 255])] {
        bench.app.insert_resource(LookFade { from: Some(before.clone()), progress, ..LookFade::default() });
        let picture = bench.draw(flag(), Some(half_hair()), false);
        assert_near(pixel(&picture, 10, 20), expected, &format!("{progress} of the way"));
        assert_near(pixel(&picture, 50, 20), [0, 0, 255], "what neither dresses");
    }
    bench.app.insert_resource(LookFade::default());
    let after = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&after, 10, 20), [0, 0, 255], "after");
}
