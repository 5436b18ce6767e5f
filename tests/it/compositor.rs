//! What the shader draws: known frame, known mask, known look in; pixels out.

use std::sync::Arc;
use std::time::Duration;

use bevy::app::PluginsState;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::settings::{Backends, RenderCreation, WgpuSettings};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use masque::capture::CaptureGate;
use masque::compositor::{
    ComposedFrame, ComposedFrames, Composition, CompositorPlugin, Fit, OutputSize, ReadbackDemand,
};
use masque::effect::Effect;
use masque::frame::{
    ColorMatrix, ColorRange, ColorSpace, Frame, FramePool, FrameSeq, PixelFormat, rgba_to_nv12,
};
use masque::look::{CurrentLook, EffectLayer, Look, LookPlugin, RegionStyle, Stack, Wardrobe};
use masque::memory::{MemoryStatus, PressureLevel};
use masque::parameters::Value;
use masque::perception::{Parsed, Perception, RegionMask, Shown};
use masque::schedule::{MasqueSystems, Pacing, Waker};
use masque::stats::Stats;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 32;
/// Rounding of 8-bit chroma and of the matrix.
const CLOSE: i32 = 3;

/// An effect, its opacity and its values.
pub(crate) type Tried = (Arc<Effect>, f32, Vec<Value>);

/// A headless app that has only the compositor.
pub(crate) struct Bench {
    pub(crate) app: App,
}

impl Bench {
    pub(crate) fn new(look: Look, size: Option<UVec2>) -> Self {
        Self::with(look, size, |_| {})
    }

    /// The same with what else `add` adds.
    pub(crate) fn with(look: Look, size: Option<UVec2>, add: impl FnOnce(&mut App)) -> Self {
        let mut app = App::new();
        let gpu = WgpuSettings { backends: Some(Backends::PRIMARY), ..default() };
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: None,
                    exit_condition: ExitCondition::DontExit,
                    ..default()
                })
                .set(RenderPlugin {
                    render_creation: RenderCreation::Automatic(Box::new(gpu)),
                    synchronous_pipeline_compilation: true,
                    ..default()
                })
                .disable::<bevy::log::LogPlugin>()
                .disable::<WinitPlugin>()
                .disable::<PipelinedRenderingPlugin>(),
        );
        app.insert_resource(Stats::default())
            .init_resource::<Waker>()
            .init_resource::<Pacing>()
            .init_resource::<CaptureGate>()
            .init_resource::<Shown>()
            .add_plugins((LookPlugin { look }, CompositorPlugin { size: OutputSize(size) }));
        app.configure_sets(
            Update,
            (MasqueSystems::Capture, MasqueSystems::Direct, MasqueSystems::Compose, MasqueSystems::Record)
                .chain(),
        );
        add(&mut app);
        while app.plugins_state() == PluginsState::Adding {
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        let mut demand = app.world_mut().resource_mut::<ReadbackDemand>();
        demand.snapshot = true;
        demand.wait = true;
        Self { app }
    }

    /// What was counted.
    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.app.world().resource::<Stats>().counter(name)
    }

    /// Another look from the next picture on.
    pub(crate) fn wear(&mut self, look: Look) {
        self.app.world_mut().resource_mut::<CurrentLook>().0 = look;
    }

    /// Another look with effects in one of its stacks.
    pub(crate) fn wear_effects(&mut self, mut look: Look, stack: Stack, effects: Vec<Tried>) {
        let layer = |(effect, opacity, values): Tried| {
            let layer = EffectLayer::new(effect);
            let values = if values.is_empty() { layer.values.clone() } else { values };
            EffectLayer { opacity, values, ..layer }
        };
        *look.stack_mut(stack) = effects.into_iter().map(layer).collect();
        self.wear(look);
    }

    /// Whether every picture is waited for, and drawn in the newest dress only.
    pub(crate) fn wait(&mut self, wait: bool) {
        self.app.world_mut().resource_mut::<ReadbackDemand>().wait = wait;
    }

    /// Draws until the picture of these textures comes back.
    pub(crate) fn draw(&mut self, frame: Frame, mask: Option<RegionMask>, mirror: bool) -> ComposedFrame {
        self.draw_parsed(frame, mask.map(|mask| Perception { mask, ..default() }), mirror)
    }

    /// The same with everything that perception finds.
    pub(crate) fn draw_parsed(
        &mut self,
        frame: Frame,
        perception: Option<Perception>,
        mirror: bool,
    ) -> ComposedFrame {
        for _ in 0..2000 {
            self.app.update();
            if self.app.world().resource::<Wardrobe>().is_complete() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let parsed = perception.map(|perception| Arc::new(Parsed { perception }));
        self.show(Arc::new(frame), parsed, mirror)
    }

    /// Draws `frame` with what was perceived in it, whether textures are there or not.
    pub(crate) fn show(
        &mut self,
        frame: Arc<Frame>,
        parsed: Option<Arc<Parsed>>,
        mirror: bool,
    ) -> ComposedFrame {
        let mut shown = self.app.world_mut().resource_mut::<Shown>();
        *shown = Shown { frame: Some(frame), parsed, mirror, ..default() };
        self.app.update();
        // A look that was put on before may have been drawn on the frame before.
        let asked = self.app.world().resource::<Composition>().revision;
        for _ in 0..5000 {
            let pictures = self.app.world().resource::<ComposedFrames>();
            if let Some(picture) = pictures.try_iter().find(|picture| picture.revision >= asked) {
                return picture;
            }
            std::thread::sleep(Duration::from_millis(1));
            self.app.update();
        }
        panic!("nothing was drawn: {:?}", self.app.world().resource::<Stats>().counters());
    }
}

pub(crate) fn pixel(picture: &ComposedFrame, x: u32, y: u32) -> [i32; 3] {
    let at = ((y * picture.width + x) * 4) as usize;
    std::array::from_fn(|channel| i32::from(picture.pixels[at + channel]))
}

#[track_caller]
pub(crate) fn assert_near(found: [i32; 3], expected: [i32; 3], what: &str) {
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= CLOSE);
    assert!(near, "{what}: found {found:?}, expected {expected:?}");
}

fn frame(format: PixelFormat, color: ColorSpace, fill: impl Fn(&mut [u8])) -> Frame {
    let pool = FramePool::new(1 << 20);
    let mut data = pool.acquire(format.bytes(WIDTH, HEIGHT)).unwrap();
    fill(&mut data);
    Frame::new(FrameSeq(0), Duration::ZERO, format, (WIDTH, HEIGHT), color, data).unwrap()
}

/// Left half red, right half blue, with the top row green.
pub(crate) fn flag() -> Frame {
    frame(PixelFormat::Rgba8, ColorSpace::default(), |data| {
        for (at, pixel) in data.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % WIDTH, at as u32 / WIDTH);
            let color = if y < 4 {
                [0, 255, 0, 255]
            } else if x < WIDTH / 2 {
                [255, 0, 0, 255]
            } else {
                [0, 0, 255, 255]
            };
            pixel.copy_from_slice(&color);
        }
    })
}

fn solid_yuv(format: PixelFormat, color: ColorSpace, [y, cb, cr]: [u8; 3]) -> Frame {
    let luma = (WIDTH * HEIGHT) as usize;
    frame(format, color, |data| match format {
        PixelFormat::Nv12 => {
            data[..luma].fill(y);
            data[luma..].chunks_exact_mut(2).for_each(|pair| pair.copy_from_slice(&[cb, cr]));
        }
        PixelFormat::I420 => {
            data[..luma].fill(y);
            data[luma..luma + luma / 4].fill(cb);
            data[luma + luma / 4..].fill(cr);
        }
        PixelFormat::Yuyv => data.chunks_exact_mut(4).for_each(|four| four.copy_from_slice(&[y, cb, y, cr])),
        PixelFormat::Rgba8 => unreachable!("not YUV"),
    })
}

/// The left half is hair, the right half background.
pub(crate) fn half_hair() -> RegionMask {
    let mut mask = RegionMask::default();
    mask.clear(32, 16);
    for (at, pixel) in mask.plane0.chunks_exact_mut(4).enumerate() {
        if at % 32 < 16 {
            pixel.copy_from_slice(&[0, 255, 0, 0]);
        }
    }
    mask
}

#[test]
fn every_format_matrix_and_range_shows_the_same_red() {
    let mut bench = Bench::new(Look::default(), None);
    // 100 % red after BT.601 and BT.709, limited and full range.
    let cases = [
        (ColorMatrix::Bt601, ColorRange::Limited, [81, 90, 240]),
        (ColorMatrix::Bt601, ColorRange::Full, [76, 85, 255]),
        (ColorMatrix::Bt709, ColorRange::Limited, [63, 102, 240]),
        (ColorMatrix::Bt709, ColorRange::Full, [54, 99, 255]),
    ];
    for (matrix, range, yuv) in cases {
        for format in [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv] {
            let picture = bench.draw(solid_yuv(format, ColorSpace { matrix, range }, yuv), None, false);
            assert_eq!((picture.width, picture.height), (WIDTH, HEIGHT));
            assert_near(pixel(&picture, 20, 20), [255, 0, 0], &format!("{format:?} {matrix:?} {range:?}"));
        }
    }
}

#[test]
fn the_picture_stands_upright_and_mirrors_only_when_asked() {
    let mut bench = Bench::new(Look::default(), None);
    let picture = bench.draw(flag(), None, false);
    assert_near(pixel(&picture, 10, 1), [0, 255, 0], "the top is up");
    assert_near(pixel(&picture, 10, 20), [255, 0, 0], "left is left");
    assert_near(pixel(&picture, 50, 20), [0, 0, 255], "right is right");
    let mirrored = bench.draw(flag(), None, true);
    assert_near(pixel(&mirrored, 10, 1), [0, 255, 0], "the top is still up");
    assert_near(pixel(&mirrored, 10, 20), [0, 0, 255], "left and right are swapped");
}

#[test]
fn a_region_wears_its_tint_and_the_others_stay() {
    let hair = RegionStyle { tint: [0.0, 1.0, 0.5], shading: 0.0, ..RegionStyle::default() };
    let look = Look { hair, ..Look::default() };
    let mut bench = Bench::new(look, None);
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&picture, 10, 20), [0, 255, 128], "hair wears its tint");
    assert_near(pixel(&picture, 50, 20), [0, 0, 255], "the background is bare");
    let mirrored = bench.draw(flag(), Some(half_hair()), true);
    assert_near(pixel(&mirrored, 50, 20), [0, 255, 128], "the mask is mirrored with the frame");
    assert_near(pixel(&mirrored, 10, 20), [0, 0, 255], "and so is the rest");
}

#[test]
fn a_texture_is_worn_once_loaded_and_opacity_mixes() {
    let hair = RegionStyle { texture: Some("lava".into()), shading: 0.0, ..RegionStyle::default() };
    let mut look = Look { hair, ..Look::default() };
    let mut bench = Bench::new(look.clone(), None);
    let full = bench.draw(flag(), Some(half_hair()), false);
    let colors: std::collections::BTreeSet<_> = (0..24).map(|x| pixel(&full, x, 20)).collect();
    assert!(colors.len() > 4, "a texture has more than one colour: {colors:?}");
    look.hair.opacity = 0.5;
    let half = Bench::new(look, None).draw(flag(), Some(half_hair()), false);
    for x in [3, 9, 21] {
        let cloth = pixel(&full, x, 20);
        let expected = [(cloth[0] + 255) / 2, cloth[1] / 2, cloth[2] / 2];
        assert_near(pixel(&half, x, 20), expected, "half of each");
    }
}

#[test]
fn shaders_that_nobody_sees_go_when_memory_is_tight() {
    let green = RegionStyle { tint: [0.0, 1.0, 0.0], shading: 0.0, ..RegionStyle::default() };
    let looks = [
        Look { hair: green.clone(), ..Look::default() },
        Look { background: green.clone(), ..Look::default() },
        Look { hair: green.clone(), background: green, ..Look::default() },
    ];
    let mut bench = Bench::new(looks[0].clone(), None);
    let draw = |bench: &mut Bench, look: usize| {
        bench.wear(looks[look].clone());
        let picture = bench.draw(flag(), Some(half_hair()), false);
        let dressed = [pixel(&picture, 10, 20), pixel(&picture, 50, 20)].map(|seen| seen == [0, 255, 0]);
        assert_eq!(dressed, [look != 1, look != 0], "look {look}");
        let kept = bench.app.world().resource::<Stats>().gauges()["shaders_resident"];
        (bench.counter("shaders_compiled"), kept)
    };
    for look in 0..3 {
        draw(&mut bench, look);
    }
    assert_eq!(draw(&mut bench, 0), (3, 3.0), "kept");
    bench.app.world_mut().resource_mut::<MemoryStatus>().level = PressureLevel::Warning;
    // They go when nobody saw them for some seconds.
    while bench.counter("shaders_trimmed_memory") < 2 {
        draw(&mut bench, 0);
    }
    assert_eq!(draw(&mut bench, 0), (3, 1.0), "what is seen stays");
    bench.app.world_mut().resource_mut::<MemoryStatus>().level = PressureLevel::Normal;
    draw(&mut bench, 0);
    assert_eq!(draw(&mut bench, 1), (4, 2.0), "compiled anew, and both are kept");
}

#[test]
fn another_output_size_covers_without_distortion() {
    let mut bench = Bench::new(Look::default(), Some(UVec2::new(32, 32)));
    let picture = bench.draw(flag(), None, false);
    assert_eq!((picture.width, picture.height), (32, 32));
    // The middle half of the frame fills the square: the border of red and blue stays in the middle.
    assert_near(pixel(&picture, 12, 20), [255, 0, 0], "left of the middle");
    assert_near(pixel(&picture, 20, 20), [0, 0, 255], "right of the middle");
}

#[test]
fn all_of_a_wider_frame_is_seen_between_black_bars_where_that_is_asked_for() {
    let hair = RegionStyle { tint: [0.0, 1.0, 0.5], shading: 0.0, ..RegionStyle::default() };
    let look = Look { hair, ..Look::default() };
    let mut bench = Bench::with(look, Some(UVec2::new(33, 31)), |app| {
        app.insert_resource(Fit::Contain);
    });
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_eq!((picture.width, picture.height), (33, 31), "odd sides are sides");
    let bars_are_black = |picture: &ComposedFrame| {
        for bar in [(2, 2), (4, 28), (16, 2), (30, 28)] {
            assert_near(pixel(picture, bar.0, bar.1), [0, 0, 0], "above and below it is black");
        }
    };
    bars_are_black(&picture);
    assert_near(pixel(&picture, 2, 17), [0, 255, 128], "the hair on the left");
    assert_near(pixel(&picture, 30, 17), [0, 0, 255], "the frame up to the right");
    let mirrored = bench.draw(flag(), Some(half_hair()), true);
    bars_are_black(&mirrored);
    assert_near(pixel(&mirrored, 30, 17), [0, 255, 128], "the hair on the right");
    let source = "/*{}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> { return vec4(1.0); }";
    let effect = Arc::new(Effect::parse("white", source).expect("an effect"));
    bench.wear_effects(Look::default(), Stack::Picture, vec![(effect, 1.0, Vec::new())]);
    let white = bench.draw(flag(), Some(half_hair()), false);
    bars_are_black(&white);
    assert_near(pixel(&white, 16, 17), [255; 3], "an effect over the whole picture");
}

#[test]
fn blend_modes_are_those_of_the_standard() {
    use masque::parameters::BlendMode;
    let upper = [0.25, 0.75, 0.5];
    let grey =
        |data: &mut [u8]| data.chunks_exact_mut(4).for_each(|p| p.copy_from_slice(&[51, 102, 204, 255]));
    let lower = [51.0 / 255.0, 102.0 / 255.0, 204.0 / 255.0_f32];
    let soft = |b: f32, s: f32| {
        let d = if b <= 0.25 { ((16.0 * b - 12.0) * b + 4.0) * b } else { b.sqrt() };
        if s <= 0.5 { b - (1.0 - 2.0 * s) * b * (1.0 - b) } else { b + (2.0 * s - 1.0) * (d - b) }
    };
    let hard = |b: f32, s: f32| if b <= 0.5 { 2.0 * b * s } else { 1.0 - 2.0 * (1.0 - b) * (1.0 - s) };
    let mut bench = Bench::new(Look::default(), None);
    for mode in BlendMode::ALL {
        let expected: [f32; 3] = std::array::from_fn(|i| {
            let (b, s): (f32, f32) = (lower[i], upper[i]);
            match mode {
                BlendMode::Normal => s,
                BlendMode::Multiply => b * s,
                BlendMode::Screen => b + s - b * s,
                BlendMode::Overlay => hard(b, s),
                BlendMode::SoftLight => soft(b, s),
                BlendMode::Add => (b + s).min(1.0),
                BlendMode::Difference => (b - s).abs(),
            }
        });
        let hair = RegionStyle { tint: upper, shading: 0.0, blend: mode, ..RegionStyle::default() };
        bench.wear(Look { hair, ..Look::default() });
        let picture =
            bench.draw(frame(PixelFormat::Rgba8, ColorSpace::default(), grey), Some(half_hair()), false);
        let expected = expected.map(|channel| (channel * 255.0).round() as i32);
        assert_near(pixel(&picture, 10, 20), expected, mode.name());
        assert_near(pixel(&picture, 50, 20), [51, 102, 204], "the background is bare");
    }
}

/// What recordings get is what is seen, at even and odd sizes, and both come back from one picture.
#[test]
fn encoders_get_the_picture_as_nv12() {
    for size in [(WIDTH, HEIGHT), (38, 22), (37, 23)] {
        let mut bench = Bench::new(Look::default(), Some(size.into()));
        bench.app.world_mut().resource_mut::<ReadbackDemand>().recording = true;
        let shown = Shown { frame: Some(Arc::new(flag())), ..default() };
        *bench.app.world_mut().resource_mut::<Shown>() = shown;
        let mut pictures = Vec::new();
        for _ in 0..5000 {
            bench.app.update();
            let asked = bench.app.world().resource::<Composition>().revision;
            let come = bench.app.world().resource::<ComposedFrames>().try_iter();
            pictures.extend(come.filter(|picture: &ComposedFrame| picture.revision == asked));
            if pictures.len() == 2 {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let of = |format| pictures.iter().find(|picture| picture.format == format).unwrap();
        let (rgba, nv12) = (of(PixelFormat::Rgba8), of(PixelFormat::Nv12));
        let mut expected = Vec::new();
        rgba_to_nv12(&rgba.pixels, size.0, size.1, &mut expected).unwrap();
        assert_eq!(nv12.pixels.len(), expected.len(), "{size:?}");
        for (at, (found, expected)) in nv12.pixels.iter().zip(&expected).enumerate() {
            assert!(found.abs_diff(*expected) <= 2, "{size:?}, byte {at}: {found}, expected {expected}");
        }
        assert!(expected.iter().any(|byte| byte.abs_diff(expected[0]) > 50), "a picture with colours");
    }
}
