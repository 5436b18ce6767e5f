//! What lies over everything, and how one look goes over into another: known pictures in, pixels out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use masque::compositor::ComposedFrame;
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{Easing, Look, LookFade, Overlay, RegionStyle, SwitchLook};
use masque::parameters::BlendMode;
use masque::perception::{Parsed, Perception};
use masque::schedule::{FrameTime, Pacing};

use crate::compositor::{Bench, assert_near, flag, half_hair, pixel};

/// A picture file of one colour.
fn paper(folder: &Path, name: &str, color: [u8; 4]) -> Option<String> {
    let path = folder.join(name);
    image::RgbaImage::from_pixel(8, 8, image::Rgba(color)).save(&path).unwrap();
    path.to_str().map(str::to_owned)
}

#[test]
fn an_overlay_lies_over_everything_in_its_mode_and_only_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let texture = paper(folder.path(), "logo.png", [64, 191, 128, 255]);
    let upper: [f32; 3] = [64.0 / 255.0, 191.0 / 255.0, 128.0 / 255.0];
    // Below it is hair in a colour of its own.
    let lower = [0.2, 0.4, 0.8];
    let hair = RegionStyle { tint: lower, shading: 0.0, ..RegionStyle::default() };
    let mut bench = Bench::new(Look::default(), None);
    for mode in BlendMode::ALL {
        let overlay = Overlay {
            texture: texture.clone(),
            size: 0.5,
            x: 0.0,
            y: 1.0,
            margin: 0.0,
            blend: mode,
            ..Overlay::default()
        };
        bench.wear(Look { hair: hair.clone(), overlays: vec![overlay], ..Look::default() });
        let picture = bench.draw(flag(), Some(half_hair()), false);
        let expected: [i32; 3] = std::array::from_fn(|i| {
            let (b, s): (f32, f32) = (lower[i], upper[i]);
            let color = match mode {
                BlendMode::Normal => s,
                BlendMode::Multiply => b * s,
                BlendMode::Screen => b + s - b * s,
                BlendMode::Overlay if b <= 0.5 => 2.0 * b * s,
                BlendMode::Overlay => 1.0 - 2.0 * (1.0 - b) * (1.0 - s),
                BlendMode::SoftLight if s <= 0.5 => b - (1.0 - 2.0 * s) * b * (1.0 - b),
                BlendMode::SoftLight => {
                    let d = if b <= 0.25 { ((16.0 * b - 12.0) * b + 4.0) * b } else { b.sqrt() };
                    b + (2.0 * s - 1.0) * (d - b)
                }
                BlendMode::Add => (b + s).min(1.0),
                BlendMode::Difference => (b - s).abs(),
            };
            (color * 255.0).round() as i32
        });
        assert_near(pixel(&picture, 8, 24), expected, mode.name());
        assert_near(pixel(&picture, 20, 24), [51, 102, 204], "beside it");
        assert_near(pixel(&picture, 8, 10), [51, 102, 204], "above it");
    }
}

#[test]
fn overlays_lie_over_each_other_and_transparent_ones_let_through() {
    let folder = tempfile::tempdir().unwrap();
    let overlay = |texture: Option<String>, opacity: f32, rotation: f32| Overlay {
        texture,
        opacity,
        rotation,
        size: 0.5,
        x: 0.5,
        y: 0.5,
        margin: 0.0,
        ..Overlay::default()
    };
    let green = paper(folder.path(), "green.png", [0, 255, 0, 255]);
    let glass = paper(folder.path(), "glass.png", [255, 255, 255, 128]);
    let mut bench = Bench::new(Look::default(), None);
    bench.wear(Look { overlays: vec![overlay(green.clone(), 0.5, 0.0)], ..Look::default() });
    let picture = bench.draw(flag(), None, false);
    assert_near(pixel(&picture, 28, 16), [128, 128, 0], "half of it over red");
    assert_near(pixel(&picture, 36, 16), [0, 128, 128], "half of it over blue");
    let both = vec![overlay(green.clone(), 1.0, 0.0), overlay(glass, 1.0, 0.0)];
    bench.wear(Look { overlays: both, ..Look::default() });
    assert_near(pixel(&bench.draw(flag(), None, false), 28, 16), [128, 255, 128], "glass over green");
    // Turned by an eighth it reaches over its sides and leaves its corners free.
    bench.wear(Look { overlays: vec![overlay(green, 1.0, 45.0)], ..Look::default() });
    let turned = bench.draw(flag(), None, false);
    assert_near(pixel(&turned, 32, 7), [0, 255, 0], "above its upper side");
    assert_near(pixel(&turned, 25, 9), [255, 0, 0], "the corner is free");
    bench.wear(Look::default());
    assert_near(pixel(&bench.draw(flag(), None, false), 28, 16), [255, 0, 0], "gone");
}

fn shown(bench: &mut Bench, millis: u64) -> ComposedFrame {
    bench.app.insert_resource(FrameTime(Some(Duration::from_millis(millis))));
    let Frame { width, height, .. } = flag();
    let mut data = FramePool::new(1 << 20).acquire(PixelFormat::Rgba8.bytes(width, height)).unwrap();
    data.copy_from_slice(flag().plane(0));
    let (time, color) = (Duration::from_millis(millis), ColorSpace::default());
    let frame = Frame::new(FrameSeq(millis), time, PixelFormat::Rgba8, (width, height), color, data).unwrap();
    let perception = Perception { mask: half_hair(), ..Perception::default() };
    bench.show(Arc::new(frame), Some(Arc::new(Parsed { perception })), false)
}

#[test]
fn one_look_fades_into_another_frame_by_frame() {
    let folder = tempfile::tempdir().unwrap();
    let look = |tint: [f32; 3], texture: Option<String>| {
        let hair = RegionStyle { tint, shading: 0.0, ..RegionStyle::default() };
        let overlay = Overlay { texture, size: 0.5, x: 1.0, y: 1.0, margin: 0.0, ..Overlay::default() };
        Look { hair, overlays: vec![overlay], ..Look::default() }
    };
    let white = paper(folder.path(), "white.png", [255, 255, 255, 255]);
    let mut bench = Bench::new(look([1.0, 0.0, 0.0], None), None);
    bench.app.insert_resource(Pacing::Lossless);
    assert_near(pixel(&shown(&mut bench, 0), 10, 20), [255, 0, 0], "the look before");
    let mut switch = SwitchLook::to_look(look([0.0, 1.0, 0.0], white));
    (switch.fade, switch.easing) = (Some(Duration::from_millis(400)), Some(Easing::Linear));
    bench.app.world_mut().write_message(switch);
    for (millis, seen) in [(40, 0.0), (80, 0.1), (160, 0.3), (240, 0.5), (400, 0.9), (440, 1.0), (480, 1.0)] {
        let picture = shown(&mut bench, millis);
        let share = |part: f32| (part * 255.0).round() as i32;
        assert_near(pixel(&picture, 10, 20), [share(1.0 - seen), share(seen), 0], &format!("{millis} ms"));
        assert_near(
            pixel(&picture, 56, 24),
            [share(seen), share(seen), 255],
            &format!("overlay, {millis} ms"),
        );
    }
    assert_eq!(bench.app.world().resource::<LookFade>().from, None);
    // A parameter that is changed shows at once.
    bench.app.world_mut().resource_mut::<masque::look::CurrentLook>().hair.tint = [0.0, 0.0, 1.0];
    assert_near(pixel(&shown(&mut bench, 520), 10, 20), [0, 0, 255], "a slider");
}
