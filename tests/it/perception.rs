//! Perception on real pictures, against MediaPipe's own results, and on frames that show nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use masque::frame::{ColorMatrix, ColorRange, ColorSpace, Frame, FramePool, FrameSeq, PixelFormat, Region};
use masque::models::store::cache_dir;
use masque::models::{Manifest, ModelStore, StoreConfig};
use masque::perception::{
    MAX_LANDMARKS, ParserKind, Perception, PerceptionEngine, PerceptionOptions, RegionMask,
};
use masque::stats::Stats;
use sha2::{Digest, Sha256};

const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt601, range: ColorRange::Full };
/// File, name of its reference results, least overlap with the reference's hair.
const PICTURES: [(&str, &str, f64); 5] = [
    ("portrait_mediapipe_official.jpg", "portrait", 0.6),
    ("astronaut_nasa_pd.png", "astronaut", 0.75),
    ("grace_hopper_usnavy_pd.jpg", "grace_hopper", 0.8),
    // Here the reference itself takes clothes or a shelf for hair.
    ("pose_tfjs.jpg", "pose", 0.0),
    ("three_people_tfjs.jpg", "three_people", 0.0),
];

/// `../shared`, or a line that says that the test was skipped.
pub fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let there = path.join("media").is_dir() && path.join("models").is_dir();
    if !there {
        println!("skipped: there is no ../shared");
    }
    there.then_some(path)
}

pub fn store(manifest: Manifest, shared: &Path, stats: &Stats) -> ModelStore {
    let folders = vec![shared.join("models")];
    ModelStore::new(manifest, StoreConfig { cache: cache_dir(), folders, offline: true, force: false }, stats)
}

fn engine(shared: &Path, kind: ParserKind, stills: bool) -> PerceptionEngine {
    let stats = Stats::default();
    let manifest = Manifest::builtin().expect("a manifest").clone();
    let options = PerceptionOptions { parser: Some(kind), stills, ..PerceptionOptions::default() };
    PerceptionEngine::load(&store(manifest, shared, &stats), &options, &stats).expect("an engine")
}

pub fn frame(format: PixelFormat, width: u32, height: u32, fill: impl FnOnce(&mut [u8])) -> Frame {
    let pool = FramePool::new(1 << 28);
    let mut data = pool.acquire(format.bytes(width, height)).expect("budget");
    fill(&mut data);
    Frame::new(FrameSeq(7), Duration::ZERO, format, (width, height), COLOR, data).expect("fits")
}

pub fn open(path: &Path) -> Frame {
    let picture = image::open(path).expect("a picture").to_rgba8();
    let (width, height) = picture.dimensions();
    frame(PixelFormat::Rgba8, width, height, |data| data.copy_from_slice(&picture))
}

/// The same picture in another format, BT.601 full range.
fn convert(rgba: &Frame, format: PixelFormat) -> Frame {
    let (w, h) = (rgba.width as usize, rgba.height as usize);
    let yuv = |x: usize, y: usize| {
        let at = (y.min(h - 1) * w + x.min(w - 1)) * 4;
        let [r, g, b] = [0, 1, 2].map(|i| f32::from(rgba.data()[at + i]));
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        [luma, (b - luma) / 1.772 + 128.0, (r - luma) / 1.402 + 128.0].map(|v| v.round() as u8)
    };
    frame(format, rgba.width, rgba.height, |data| {
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        for y in 0..h {
            for x in 0..w {
                let pixel = yuv(x, y);
                if format == PixelFormat::Yuyv {
                    let at = y * half_w * 4 + x / 2 * 4;
                    data[at + x % 2 * 2] = pixel[0];
                    data[at + 1 + x % 2 * 2] = pixel[1 + x % 2];
                } else {
                    data[y * w + x] = pixel[0];
                }
            }
        }
        for y in 0..half_h {
            for x in 0..half_w {
                let [_, cb, cr] = yuv(x * 2, y * 2);
                let at = y * half_w + x;
                match format {
                    PixelFormat::Nv12 => data[w * h + at * 2..][..2].copy_from_slice(&[cb, cr]),
                    PixelFormat::I420 => {
                        data[w * h + at] = cb;
                        data[w * h + half_w * half_h + at] = cr;
                    }
                    _ => {}
                }
            }
        }
    })
}

fn perceive(engine: &mut PerceptionEngine, frame: &Frame) -> (Perception, Vec<u8>) {
    let mut perception = Perception::default();
    engine.perceive(frame, &mut perception).expect("perceives");
    assert_eq!(perception.seq, frame.seq);
    sums_up(&perception.mask);
    let mut ids = Vec::new();
    perception.mask.region_ids(frame.width, frame.height, &mut ids);
    (perception, ids)
}

/// Every pixel's probabilities add up to 1.
fn sums_up(mask: &RegionMask) {
    assert!(mask.width > 0 && mask.height > 0);
    for (a, b) in mask.plane0.chunks_exact(4).zip(mask.plane1.chunks_exact(4)) {
        let sum: u32 = a.iter().chain(&b[..2]).map(|v| u32::from(*v)).sum();
        assert_eq!((sum, b[2], b[3]), (255, 0, 0));
    }
}

/// Share of the pixels in which `ids` and the reference matte agree on what is a person.
fn agreement(ids: &[u8], matte: &image::GrayImage) -> f64 {
    let same = matte.iter().zip(ids).filter(|(p, id)| (**p >= 128) == (**id != 0)).count();
    same as f64 / ids.len() as f64
}

fn overlap(ids: &[u8], region: Region, matte: &image::GrayImage) -> f64 {
    let pairs = || matte.iter().zip(ids).map(|(p, id)| (*p >= 128, *id == region.id()));
    let both = pairs().filter(|(a, b)| *a && *b).count();
    both as f64 / pairs().filter(|(a, b)| *a || *b).count().max(1) as f64
}

fn gray(path: &Path) -> image::GrayImage {
    image::open(path).expect("a reference matte").to_luma8()
}

#[test]
fn people_hair_and_faces_agree_with_the_references() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonHairFace, true);
    for (file, name, least_hair) in PICTURES {
        let frame = open(&shared.join("media").join(file));
        let (perception, ids) = perceive(&mut engine, &frame);
        let golden = shared.join("media/golden");
        let person = agreement(&ids, &gray(&golden.join(format!("{name}.person.png"))));
        let hair = overlap(&ids, Region::Hair, &gray(&golden.join(format!("{name}.hair.png"))));
        println!("{name}: person {person:.4}, hair {hair:.3}, {} faces", perception.faces.len());
        assert!(person >= 0.97, "{name}: {person}");
        assert!(hair >= least_hair, "{name}: {hair}");

        let text = std::fs::read_to_string(golden.join(format!("{name}.faces.json"))).expect("reference");
        let reference: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let (w, h) = (f64::from(frame.width), f64::from(frame.height));
        for face in reference["faces"].as_array().expect("faces") {
            let points: Vec<[f64; 2]> = face["landmarks"]
                .as_array()
                .expect("landmarks")
                .iter()
                .map(|p| [0, 1].map(|i| p[i].as_f64().expect("a number")))
                .collect();
            let distance = |a: [f64; 2], b: [f64; 2]| ((a[0] - b[0]) * w).hypot((a[1] - b[1]) * h);
            let eyes = distance(points[33], points[263]);
            let errors = perception.faces.iter().map(|face| {
                assert_eq!(face.landmarks().len(), MAX_LANDMARKS);
                let found = face.landmarks().iter().map(|p| [p[0], p[1]].map(f64::from));
                found.zip(&points).map(|(a, b)| distance(a, *b)).sum::<f64>() / points.len() as f64 / eyes
            });
            let error = errors.fold(f64::MAX, f64::min);
            println!("{name}: landmarks off by {error:.4} of the distance of the eyes");
            assert!(error <= 0.01, "{name}: {error}");
        }
    }
}

#[test]
fn regions_are_where_people_wear_them() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonHairFace, true);
    let probes: [(&str, &[(f32, f32, Region)]); 3] = [
        (
            "astronaut_nasa_pd.png",
            &[
                (0.44, 0.06, Region::Hair),
                (0.44, 0.26, Region::FaceSkin),
                (0.41, 0.355, Region::BodySkin),
                (0.20, 0.60, Region::Clothes),
                (0.65, 0.10, Region::Background),
            ],
        ),
        (
            "portrait_mediapipe_official.jpg",
            &[
                (0.49, 0.05, Region::Hair),
                (0.49, 0.23, Region::FaceSkin),
                (0.21, 0.73, Region::BodySkin),
                (0.64, 0.685, Region::BodySkin),
                (0.35, 0.55, Region::Clothes),
                (0.05, 0.05, Region::Background),
            ],
        ),
        (
            // The pale sweater is no skin, the dark shelf no hair.
            "three_people_tfjs.jpg",
            &[
                (0.17, 0.02, Region::Hair),
                (0.55, 0.05, Region::BodySkin),
                (0.25, 0.40, Region::Clothes),
                (0.30, 0.30, Region::Clothes),
                (0.84, 0.60, Region::Clothes),
                (0.40, 0.55, Region::FaceSkin),
            ],
        ),
    ];
    for (file, points) in probes {
        let frame = open(&shared.join("media").join(file));
        let (_, ids) = perceive(&mut engine, &frame);
        for (x, y, region) in points {
            let [px, py] = [x * frame.width as f32, y * frame.height as f32].map(|v| v as usize);
            let found = ids[py * frame.width as usize + px];
            assert_eq!(found, region.id(), "{file} at ({x}, {y}) should be {}", region.label());
        }
    }
}

#[test]
fn without_a_hair_net_hair_is_still_above_the_forehead() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonFace, true);
    let report = engine.parser();
    assert_eq!(report.kind, ParserKind::PersonFace);
    assert!(report.better.as_ref().is_some_and(|better| better.contains("masque models pull")), "{report}");
    let frame = open(&shared.join("media/portrait_mediapipe_official.jpg"));
    let (_, ids) = perceive(&mut engine, &frame);
    let golden = shared.join("media/golden");
    let hair = overlap(&ids, Region::Hair, &gray(&golden.join("portrait.hair.png")));
    assert!(hair >= 0.45, "{hair}");
    assert!(agreement(&ids, &gray(&golden.join("portrait.person.png"))) >= 0.97);
}

#[test]
fn every_format_gives_the_same_regions() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonHairFace, true);
    let rgba = open(&shared.join("media/astronaut_nasa_pd.png"));
    let (_, reference) = perceive(&mut engine, &rgba);
    for format in [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv] {
        let (perception, ids) = perceive(&mut engine, &convert(&rgba, format));
        let same = ids.iter().zip(&reference).filter(|(a, b)| a == b).count();
        let share = same as f64 / ids.len() as f64;
        println!("{format:?}: {share:.4} of the pixels as from RGBA");
        assert!(share >= 0.98 && perception.faces.len() == 1, "{format:?}: {share}");
    }
}

#[test]
fn frames_that_show_nobody_are_background() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonHairFace, false);
    for format in [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv, PixelFormat::Rgba8] {
        for (width, height) in [(640, 480), (16, 16), (1, 1), (3, 200)] {
            let black = frame(format, width, height, |data| data.fill(128));
            let (perception, ids) = perceive(&mut engine, &black);
            assert!(perception.faces.is_empty(), "{format:?} {width}×{height}");
            let person = ids.iter().filter(|id| **id != 0).count();
            assert!(person * 10 <= ids.len(), "{format:?} {width}×{height}: {person} of {}", ids.len());
        }
    }
}

#[test]
fn two_engines_find_the_same() {
    let Some(shared) = shared() else { return };
    let frame = open(&shared.join("media/three_people_tfjs.jpg"));
    let [first, second] = [(), ()].map(|()| {
        let mut engine = engine(&shared, ParserKind::PersonHairFace, false);
        let mut perception = Perception::default();
        for _ in 0..3 {
            engine.perceive(&frame, &mut perception).expect("perceives");
        }
        perception
    });
    assert!(first.mask == second.mask);
    assert_eq!(first.faces.len(), 3);
    for (a, b) in first.faces.iter().zip(&second.faces) {
        assert_eq!((a.id, a.landmarks()), (b.id, b.landmarks()));
    }
}

#[test]
fn a_face_keeps_its_id_and_a_new_source_starts_anew() {
    let Some(shared) = shared() else { return };
    let mut engine = engine(&shared, ParserKind::PersonHairFace, false);
    let media = shared.join("media");
    let portrait = open(&media.join("portrait_mediapipe_official.jpg"));
    let astronaut = open(&media.join("astronaut_nasa_pd.png"));
    let mut perception = Perception::default();
    let mut id = |engine: &mut PerceptionEngine, frame: &Frame| {
        engine.perceive(frame, &mut perception).expect("perceives");
        assert_eq!(perception.faces.len(), 1);
        perception.faces[0].id
    };
    assert_eq!([id(&mut engine, &portrait), id(&mut engine, &portrait)], [0, 0]);
    assert_eq!(id(&mut engine, &astronaut), 1, "after a cut it is another face");
    engine.reset();
    assert_eq!(id(&mut engine, &astronaut), 0);
}

#[test]
fn the_multiclass_model_is_taken_when_it_is_there() {
    let Some(shared) = shared() else { return };
    // Stands in for the real file, which is not always to be had: same tensors, random weights.
    let name = "PROXY_random_weights_multiclass_256.tflite";
    let bytes = std::fs::read(shared.join("models").join(name)).expect("the stand-in");
    let mut manifest = Manifest::builtin().expect("a manifest").clone();
    let real = manifest.models.iter().find(|model| model.name == "selfie-multiclass").expect("listed");
    let real = real.file.clone();
    for file in manifest.files.iter_mut().filter(|file| file.name == real) {
        file.name = name.to_owned();
        file.sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        file.bytes = bytes.len() as u64;
    }
    for model in manifest.models.iter_mut().filter(|model| model.file == real) {
        model.file = name.to_owned();
    }
    let stats = Stats::default();
    let store = store(manifest, &shared, &stats);
    let options = PerceptionOptions::default();
    let mut engine = PerceptionEngine::load(&store, &options, &stats).expect("an engine");
    assert_eq!(engine.parser().kind, ParserKind::Multiclass);
    assert_eq!(engine.parser().better, None);
    let frame = open(&shared.join("media/astronaut_nasa_pd.png"));
    let (perception, ids) = perceive(&mut engine, &frame);
    assert_eq!(perception.faces.len(), 1);
    let regions = Region::ALL.iter().filter(|region| ids.contains(&region.id())).count();
    assert!(regions >= 2, "random weights give more than one region, found {regions}");
}
