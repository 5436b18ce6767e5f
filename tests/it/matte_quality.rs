//! How calm mattes are on real clips, and how well they lie on the references' outlines.

use std::path::Path;
use std::sync::Arc;

use bevy::prelude::default;
use masque::frame::{Frame, FramePool, PixelFormat, Region, frame_to_rgba};
use masque::look::{Look, MatteStyle, RegionStyle};
use masque::models::ModelStore;
use masque::perception::{Parsed, Perception, PerceptionEngine, PerceptionOptions, RegionMask};
use masque::source::{SourceOptions, SourceUri, open};
use masque::stats::Stats;

use super::compositor::Bench;
use super::media::media;

/// Frames of each clip that are looked at, after some in which everyone is found.
const FRAMES: usize = 80;
const WARM_UP: usize = 10;
/// A pixel whose colour changes by less, in every channel, did not change.
const UNCHANGED: u8 = 3;
/// Clips and pictures with people.
const CLIPS: [&str; 4] = [
    "intel_cc_by/asl_concat_640x480_30fps.mp4",
    "intel_cc_by/gif_head-pose-face-detection-male_480x270.mp4",
    "tfjs_pose_1.mp4",
    "tfjs_pose_squats.mp4",
];
const PICTURES: [(&str, &str); 5] = [
    ("portrait_mediapipe_official.jpg", "portrait"),
    ("astronaut_nasa_pd.png", "astronaut"),
    ("grace_hopper_usnavy_pd.jpg", "grace_hopper"),
    ("pose_tfjs.jpg", "pose"),
    ("three_people_tfjs.jpg", "three_people"),
];

/// Everyone is white, the background black.
fn person_look(matte: MatteStyle) -> Look {
    let solid = |shade: f32| RegionStyle { tint: [shade; 3], shading: 0.0, ..default() };
    let white = solid(1.0);
    Look {
        matte,
        background: solid(0.0),
        hair: white.clone(),
        body_skin: white.clone(),
        face_skin: white.clone(),
        clothes: white.clone(),
        accessories: white,
        ..default()
    }
}

/// What the model says, scaled up bilinearly and no more.
fn model_matte(mask: &RegionMask, width: u32, height: u32) -> Vec<u8> {
    let person: Vec<f32> = mask.plane0.chunks_exact(4).map(|p| 255.0 - f32::from(p[0])).collect();
    let (columns, rows) = (mask.width as usize, mask.height as usize);
    let split = |at: u32, size: u32, count: usize| {
        let at = ((at as f32 + 0.5) / size as f32 * count as f32 - 0.5).clamp(0.0, count as f32 - 1.0);
        (at as usize, (at as usize + 1).min(count - 1), at.fract())
    };
    let mut matte = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        let (top, bottom, fy) = split(y, height, rows);
        for x in 0..width {
            let (left, right, fx) = split(x, width, columns);
            let mix =
                |row: usize| person[row * columns + left] * (1.0 - fx) + person[row * columns + right] * fx;
            matte.push((mix(top) * (1.0 - fy) + mix(bottom) * fy + 0.5) as u8);
        }
    }
    matte
}

fn composed_matte(bench: &mut Bench, frame: &Arc<Frame>, parsed: &Arc<Parsed>) -> Vec<u8> {
    let picture = bench.show(frame.clone(), Some(parsed.clone()), false);
    picture.pixels.chunks_exact(4).map(|pixel| pixel[0]).collect()
}

fn rgba(frame: &Frame) -> Vec<u8> {
    let mut pixels = Vec::new();
    frame_to_rgba(frame, &mut pixels).expect("converts");
    pixels
}

/// Mean change of the matte, in bytes, on pixels whose colour stayed.
#[derive(Default)]
struct Flicker {
    before: Vec<u8>,
    sum: u64,
    pixels: u64,
}

impl Flicker {
    fn add(&mut self, matte: Vec<u8>, stayed: &[bool], counts: bool) {
        if counts && self.before.len() == matte.len() {
            for ((now, before), _) in
                matte.iter().zip(&self.before).zip(stayed).filter(|(_, stayed)| **stayed)
            {
                self.sum += u64::from(now.abs_diff(*before));
                self.pixels += 1;
            }
        }
        self.before = matte;
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.pixels.max(1) as f64
    }
}

fn engine(stills: bool) -> PerceptionEngine {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).expect("a store");
    let options = PerceptionOptions { stills, ..default() };
    PerceptionEngine::load(&store, &options, &stats).expect("an engine")
}

/// Flicker of the model, of the composition without refinement, and with it.
fn flicker(path: &Path) -> [f64; 3] {
    let stats = Stats::default();
    let pool = FramePool::new(1 << 26);
    let mut source = open(&SourceUri::Video(path.into()), &SourceOptions::default(), &stats).expect("a clip");
    let mut engine = engine(false);
    let mut raw = Bench::new(person_look(MatteStyle::raw()), None);
    let mut refined = Bench::new(person_look(MatteStyle::default()), None);
    let mut flickers: [Flicker; 3] = default();
    let mut before: Option<Vec<u8>> = None;
    let mut number = 0;
    while let Some(frame) = source.next_frame(&pool).expect("decodes") {
        let mut perception = Perception::default();
        engine.perceive(&frame, &mut perception).expect("perceives");
        let frame = Arc::new(frame);
        let parsed = Arc::new(Parsed { perception });
        let now = rgba(&frame);
        let stayed: Vec<bool> = match &before {
            Some(before) => {
                let pairs = now.chunks_exact(4).zip(before.chunks_exact(4));
                pairs.map(|(a, b)| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) < UNCHANGED)).collect()
            }
            None => vec![false; now.len() / 4],
        };
        before = Some(now);
        let counts = number >= WARM_UP;
        let [model, plain, calm] = &mut flickers;
        model.add(model_matte(&parsed.perception.mask, frame.width, frame.height), &stayed, counts);
        plain.add(composed_matte(&mut raw, &frame, &parsed), &stayed, counts);
        calm.add(composed_matte(&mut refined, &frame, &parsed), &stayed, counts);
        number += 1;
        if number == WARM_UP + FRAMES {
            break;
        }
    }
    flickers.map(|flicker| flicker.mean())
}

#[test]
#[ignore = "slow: make test-slow"]
fn mattes_are_three_times_calmer_than_the_model() {
    println!("{:<55} {:>8} {:>10} {:>8} {:>6}", "clip", "model", "unrefined", "refined", "ratio");
    let mut worst = f64::MAX;
    for clip in CLIPS {
        let Some(path) = media(clip) else { return };
        let [model, plain, refined] = flicker(&path);
        println!("{clip:<55} {model:>8.4} {plain:>10.4} {refined:>8.4} {:>6.1}", model / refined);
        worst = worst.min(model / refined);
    }
    assert!(worst >= 3.0, "{worst}");
}

/// Pixels with a neighbour on the other side of one half.
fn boundary(matte: &[u8], width: usize) -> Vec<bool> {
    let inside = |at: usize| matte[at] >= 128;
    let height = matte.len() / width;
    (0..matte.len())
        .map(|at| {
            let (x, y) = (at % width, at / width);
            (x + 1 < width && inside(at) != inside(at + 1))
                || (y + 1 < height && inside(at) != inside(at + width))
        })
        .collect()
}

/// Share of the set pixels of `a` that have one of `b` within two pixels.
fn near(a: &[bool], b: &[bool], width: usize) -> f64 {
    let height = b.len() / width;
    let mut wide = vec![false; b.len()];
    for at in (0..b.len()).filter(|at| b[*at]) {
        let (x, y) = ((at % width) as i64, (at / width) as i64);
        for (dx, dy) in (-2..=2).flat_map(|dy: i64| (-2..=2).map(move |dx: i64| (dx, dy))) {
            let (x, y) = (x + dx, y + dy);
            if dx * dx + dy * dy <= 4 && x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height {
                wide[y as usize * width + x as usize] = true;
            }
        }
    }
    let set = a.iter().filter(|set| **set).count();
    let hit = a.iter().zip(&wide).filter(|(a, wide)| **a && **wide).count();
    hit as f64 / set.max(1) as f64
}

/// Side of the cut-out of the picture for the documentation, and how much it is enlarged.
const CUT_OUT: (u32, u32, u32, u32) = (150, 10, 130, 150);
const ENLARGED: u32 = 4;

#[test]
#[ignore = "writes the picture of docs/matte.md to MASQUE_MATTE_PICTURE"]
fn the_picture_of_the_documentation() {
    let (Some(path), Some(target)) =
        (media("astronaut_nasa_pd.png"), std::env::var_os("MASQUE_MATTE_PICTURE"))
    else {
        return;
    };
    let stats = Stats::default();
    let pool = FramePool::new(1 << 26);
    let mut source = open(&SourceUri::Image(path), &SourceOptions::default(), &stats).expect("a picture");
    let frame = Arc::new(source.next_frame(&pool).expect("decodes").expect("a frame"));
    let mut perception = Perception::default();
    engine(true).perceive(&frame, &mut perception).expect("perceives");
    let parsed = Arc::new(Parsed { perception });
    let mask = &parsed.perception.mask;
    let (width, height) = (frame.width, frame.height);
    let texels = (0..width * height).map(|at| {
        let (x, y) = (at % width * mask.width / width, at / width * mask.height / height);
        255 - mask.probability(Region::Background, x, y)
    });
    let mattes = [
        texels.collect(),
        model_matte(mask, width, height),
        composed_matte(&mut Bench::new(person_look(MatteStyle::default()), None), &frame, &parsed),
    ];
    let (left, top, columns, rows) = CUT_OUT;
    let mut picture = image::RgbImage::new(columns * ENLARGED * 3, rows * ENLARGED);
    let bare = rgba(&frame);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let matte = &mattes[(x / (columns * ENLARGED)) as usize];
        let (from_x, from_y) = (left + x % (columns * ENLARGED) / ENLARGED, top + y / ENLARGED);
        let at = (from_y * width + from_x) as usize;
        let share = u32::from(matte[at]);
        for (channel, behind) in [255_u32, 40, 160].into_iter().enumerate() {
            let color = u32::from(bare[at * 4 + channel]) * share + behind * (255 - share);
            pixel.0[channel] = (color / 255) as u8;
        }
    }
    picture.save(target).expect("writes");
}

/// Boundary F-score at two pixels. Source: F. Perazzi et al., "A Benchmark Dataset and Evaluation
/// Methodology for Video Object Segmentation", CVPR 2016.
fn f_score(matte: &[u8], truth: &[u8], width: usize) -> f64 {
    let (a, b) = (boundary(matte, width), boundary(truth, width));
    let (precision, recall) = (near(&a, &b, width), near(&b, &a, width));
    2.0 * precision * recall / (precision + recall).max(1e-9)
}

#[test]
fn outlines_lie_on_the_references_as_well_as_the_models_own() {
    let mut engine = engine(true);
    let mut sums = [0.0; 3];
    println!("{:<14} {:>8} {:>10} {:>8}", "picture", "model", "unrefined", "refined");
    for (file, name) in PICTURES {
        let (Some(path), Some(golden)) = (media(file), media(&format!("golden/{name}.person.png"))) else {
            return;
        };
        let stats = Stats::default();
        let pool = FramePool::new(1 << 26);
        let mut source = open(&SourceUri::Image(path), &SourceOptions::default(), &stats).expect("a picture");
        let frame = source.next_frame(&pool).expect("decodes").expect("a frame");
        assert_eq!(frame.format, PixelFormat::Rgba8);
        let mut perception = Perception::default();
        engine.perceive(&frame, &mut perception).expect("perceives");
        let (frame, parsed) = (Arc::new(frame), Arc::new(Parsed { perception }));
        let truth = image::open(golden).expect("a matte").to_luma8();
        let raw = &mut Bench::new(person_look(MatteStyle::raw()), None);
        let refined = &mut Bench::new(person_look(MatteStyle::default()), None);
        let width = frame.width as usize;
        let scores = [
            model_matte(&parsed.perception.mask, frame.width, frame.height),
            composed_matte(raw, &frame, &parsed),
            composed_matte(refined, &frame, &parsed),
        ]
        .map(|matte| f_score(&matte, &truth, width));
        println!("{name:<14} {:>8.4} {:>10.4} {:>8.4}", scores[0], scores[1], scores[2]);
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score / PICTURES.len() as f64;
        }
    }
    println!("{:<14} {:>8.4} {:>10.4} {:>8.4}", "mean", sums[0], sums[1], sums[2]);
    assert!(sums[2] >= sums[0], "refined {} to the model's {}", sums[2], sums[0]);
}
