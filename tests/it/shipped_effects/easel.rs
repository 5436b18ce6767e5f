//! Draws looks with effects on a known picture.

use std::sync::Arc;
use std::time::Duration;

use masque::compositor::ComposedFrame;
use masque::effect::{Effect, EffectLibrary};
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{EffectLayer, Look, MatteStyle, Stack};
use masque::parameters::{Fields, Value};
use masque::perception::{Face, MotionField, Perception, RegionMask};

use crate::compositor::{Bench, pixel};
use crate::face_effects::landmarks;

pub(super) const WIDTH: u32 = 256;
pub(super) const HEIGHT: u32 = 144;
/// The mask has a texel for four by four pixels.
const COLUMNS: u32 = WIDTH / 4;
const ROWS: u32 = HEIGHT / 4;
/// A time at which nothing that turns is where it began.
pub(super) const TIME: f64 = 2.137;
/// Left, top, right and bottom of the hair, in pixels.
pub(super) const HAIR: [u32; 4] = [48, 32, 112, 112];
/// The same of face skin.
const FACE: [u32; 4] = [144, 24, 224, 120];

pub(super) type Rgb = [f32; 3];
/// Names and values of inputs.
pub(super) type Values = Vec<(&'static str, Value)>;
/// The same, borrowed.
pub(super) type Set<'a> = [(&'a str, Value)];

/// One frame and what was found in it.
#[derive(Clone)]
pub(super) struct Scene {
    /// Colour of a pixel, 0–1.
    pub(super) paint: fn(u32, u32) -> Rgb,
    /// How far the picture moved to the right since the first, in pixels.
    pub(super) moved: u32,
    /// Where hair is.
    pub(super) hair: Option<[u32; 4]>,
    /// A face whose mouth is open by so many heights of the picture.
    pub(super) face: Option<f32>,
    /// Seconds since the start.
    pub(super) time: f64,
}

impl Default for Scene {
    fn default() -> Self {
        Self { paint: photo, moved: 0, hair: Some(HAIR), face: Some(0.08), time: TIME }
    }
}

impl Scene {
    /// A picture without anybody in it.
    pub(super) fn empty(paint: fn(u32, u32) -> Rgb) -> Self {
        Self { paint, hair: None, face: None, ..Self::default() }
    }

    fn frame(&self) -> Frame {
        let mut data = FramePool::new(1 << 22).acquire(PixelFormat::Rgba8.bytes(WIDTH, HEIGHT)).unwrap();
        for (at, pixel) in data.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % WIDTH, at as u32 / WIDTH);
            let color = (self.paint)((x + WIDTH - self.moved) % WIDTH, y);
            let [r, g, b] = color.map(|channel| (channel * 255.0).round() as u8);
            pixel.copy_from_slice(&[r, g, b, 255]);
        }
        let (time, shape) = (Duration::from_secs_f64(self.time), (WIDTH, HEIGHT));
        let seq = FrameSeq((self.time * 1000.0) as u64);
        Frame::new(seq, time, PixelFormat::Rgba8, shape, ColorSpace::default(), data).unwrap()
    }

    fn perception(&self) -> Perception {
        let mut mask = RegionMask::default();
        mask.clear(COLUMNS, ROWS);
        for (at, texel) in mask.plane0.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % COLUMNS * 4, at as u32 / COLUMNS * 4);
            if self.hair.is_some_and(|hair| is_in(hair, x, y)) {
                texel.copy_from_slice(&[0, 255, 0, 0]);
            } else if self.face.is_some() && is_in(FACE, x, y) {
                texel.copy_from_slice(&[0, 0, 0, 255]);
            }
        }
        let faces = self.face.map(|open| {
            let [left, top, right, bottom] = FACE.map(|side| side as f32);
            let (width, height) = (WIDTH as f32, HEIGHT as f32);
            let place = [left / width, top / height, (right - left) / width, (bottom - top) / height];
            let mut points = landmarks(place);
            let upper = points[13];
            // 14 is the middle of the lower lip's inner edge, 13 that of the upper one's.
            points[14] = [upper[0], upper[1] + open, upper[2]];
            Face::new(0, 1.0, &points).in_frame(WIDTH, HEIGHT)
        });
        let motion = MotionField {
            columns: 8,
            rows: 4,
            vectors: vec![[-4.0 / WIDTH as f32, 0.0]; 32],
            confidence: vec![1.0; 32],
        };
        let seq = FrameSeq((self.time * 1000.0) as u64);
        let timestamp = Duration::from_secs_f64(self.time);
        Perception {
            seq,
            timestamp,
            mask,
            faces: faces.into_iter().collect(),
            motion,
            ..Perception::default()
        }
    }
}

/// Soft colours, a round dark shape, stripes and grain; nothing is quite black or white.
pub(super) fn photo(x: u32, y: u32) -> Rgb {
    let (u, v) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
    let grain = ((x * 7919 + y * 104_729) % 97) as f32 / 97.0 - 0.5;
    let stripes = if (x / 9 + y / 7).is_multiple_of(2) { 0.12 } else { -0.05 };
    let round = if (u - 0.3).hypot((v - 0.45) * 0.56) < 0.09 { -0.25 } else { 0.0 };
    let light = stripes + round + 0.06 * grain;
    let color = [0.35 + 0.4 * u, 0.55 - 0.3 * v, 0.45 + 0.25 * (7.0 * u + 3.0 * v).sin()];
    color.map(|channel| (channel + light).clamp(0.02, 0.98))
}

pub(super) fn is_in([left, top, right, bottom]: [u32; 4], x: u32, y: u32) -> bool {
    (left..right).contains(&x) && (top..bottom).contains(&y)
}

/// Draws.
pub(super) struct Easel {
    bench: Bench,
    library: EffectLibrary,
    worn: Look,
}

impl Easel {
    pub(super) fn new() -> Self {
        Self { bench: Bench::new(bare(), None), library: EffectLibrary::default(), worn: bare() }
    }

    pub(super) fn effects(&self) -> Vec<Arc<Effect>> {
        self.library.effects().cloned().collect()
    }

    /// Wears `name` in `stack`, everything else bare.
    pub(super) fn wear(&mut self, stack: Stack, name: &str, values: &Set) {
        let effect = self.library.get(name).unwrap_or_else(|| panic!("there is no effect {name}"));
        let mut layer = EffectLayer::new(effect);
        for (key, value) in values {
            let slot = layer.slot_mut(key).unwrap_or_else(|| panic!("{name} has no {key}"));
            slot.put(value.clone());
        }
        let mut look = bare();
        look.stack_mut(stack).push(layer);
        self.put_on(look);
    }

    pub(super) fn undress(&mut self) {
        self.put_on(bare());
    }

    fn put_on(&mut self, look: Look) {
        self.worn = look.clone();
        self.bench.wear(look);
    }

    /// One picture, once textures are there.
    pub(super) fn draw(&mut self, scene: &Scene) -> ComposedFrame {
        self.bench.draw_parsed(scene.frame(), Some(scene.perception()), false)
    }

    /// The last of so many pictures, 50 ms apart, in which everything moves to the right. Nothing is remembered of
    /// what was drawn before.
    pub(super) fn film(&mut self, scene: &Scene, pictures: u32) -> ComposedFrame {
        let look = self.worn.clone();
        self.undress();
        self.draw(&Scene { time: scene.time - 0.5, ..scene.clone() });
        self.put_on(look);
        for at in 0..pictures - 1 {
            self.draw(&step(scene, at));
        }
        self.draw(&step(scene, pictures - 1))
    }

    /// Wears `name` over the whole picture and draws `scene` once.
    pub(super) fn whole(&mut self, name: &str, values: &Set, scene: &Scene) -> ComposedFrame {
        self.wear(Stack::Picture, name, values);
        self.draw(scene)
    }

    pub(super) fn bare(&mut self, scene: &Scene) -> ComposedFrame {
        self.undress();
        self.draw(scene)
    }
}

fn step(scene: &Scene, at: u32) -> Scene {
    let moved = at * 4;
    let hair = scene.hair.map(|[left, top, right, bottom]| [left + moved, top, right + moved, bottom]);
    Scene { moved, hair, time: scene.time + f64::from(at) * 0.05, ..scene.clone() }
}

/// Nobody wears anything, and mattes are those of the mask.
fn bare() -> Look {
    let matte = MatteStyle { smoothing: 0.0, refinement: 0.0 };
    Look { matte, ..Look::default() }
}

pub(super) fn float(value: f32) -> Value {
    Value::Float(value)
}

pub(super) fn color(picture: &ComposedFrame, x: u32, y: u32) -> Rgb {
    pixel(picture, x, y).map(|channel| channel as f32 / 255.0)
}

pub(super) fn luma([r, g, b]: Rgb) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

pub(super) fn all() -> impl Iterator<Item = (u32, u32)> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)))
}

/// The largest difference of a channel at these pixels, 0–255.
pub(super) fn difference(a: &ComposedFrame, b: &ComposedFrame, of: impl Fn(u32, u32) -> bool) -> i32 {
    let largest = |(x, y): (u32, u32)| {
        let (a, b) = (pixel(a, x, y), pixel(b, x, y));
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).max().unwrap_or(0)
    };
    all().filter(|(x, y)| of(*x, *y)).map(largest).max().unwrap_or(0)
}

/// Mean of something over these pixels.
pub(super) fn mean(at: impl Iterator<Item = (u32, u32)>, of: impl Fn(u32, u32) -> f32) -> f32 {
    let (sum, count) = at.fold((0.0, 0), |(sum, count), (x, y)| (sum + of(x, y), count + 1));
    sum / count.max(1) as f32
}

pub(super) fn distance(a: Rgb, b: Rgb) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
