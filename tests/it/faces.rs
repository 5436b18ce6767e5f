//! Faces on real pictures, against MediaPipe's own results, on bad input, and from outside.

use std::path::Path;
use std::time::Duration;

use image::{Rgba, RgbaImage, imageops};
use masque::frame::{Frame, FrameSeq, PixelFormat};
use masque::models::{Manifest, Role};
use masque::perception::{
    BLENDSHAPE_NAMES, Face, FaceEngine, MAX_LANDMARKS, OneEuro, PerceptionError, PerceptionOptions, indices,
};
use masque::stats::Stats;
use serde_json::Value;

use crate::media::media;
use crate::perception::{frame, open, shared, store};
use crate::program::{masque, stderr};

/// File and name of its reference results.
const PICTURES: [(&str, &str); 5] = [
    ("portrait_mediapipe_official.jpg", "portrait"),
    ("astronaut_nasa_pd.png", "astronaut"),
    ("grace_hopper_usnavy_pd.jpg", "grace_hopper"),
    ("pose_tfjs.jpg", "pose"),
    ("three_people_tfjs.jpg", "three_people"),
];

fn load(shared: &Path, options: &PerceptionOptions, stats: &Stats) -> FaceEngine {
    let manifest = Manifest::builtin().expect("a manifest").clone();
    FaceEngine::load(&store(manifest, shared, stats), options, stats).expect("an engine")
}

fn stills(shared: &Path, stats: &Stats) -> FaceEngine {
    load(shared, &PerceptionOptions { stills: true, ..PerceptionOptions::default() }, stats)
}

/// The faces in `frame`; whatever they are, they are numbers.
fn find(engine: &mut FaceEngine, frame: &Frame) -> Vec<Face> {
    let mut faces = Vec::new();
    engine.find(frame, &mut faces).expect("looks");
    for face in &faces {
        let pose = face.head_pose().map(|pose| [pose.yaw, pose.pitch, pose.roll]).into_iter().flatten();
        let measures = [
            face.interocular_distance(),
            face.mouth_openness(),
            face.right_eye_openness(),
            face.left_eye_openness(),
        ];
        let numbers = face.landmarks().as_flattened().iter().copied();
        let numbers = numbers.chain(face.blendshapes.iter().flatten().copied()).chain(face.bbox).chain(pose);
        assert!(numbers.chain(measures.into_iter().flatten()).all(f32::is_finite));
        assert_eq!(face.landmarks().len(), MAX_LANDMARKS);
    }
    faces
}

fn rgba(shared: &Path, name: &str) -> RgbaImage {
    image::open(shared.join("media").join(name)).expect("a picture").to_rgba8()
}

/// The portrait's head alone, 4 : 5.
fn head(shared: &Path) -> RgbaImage {
    let portrait = rgba(shared, "portrait_mediapipe_official.jpg");
    let faces = find(&mut stills(shared, &Stats::default()), &to_frame(&portrait));
    let [left, top, right, bottom] = faces[0].bbox;
    let (w, h) = (portrait.width() as f32, portrait.height() as f32);
    let width = (right - left) * w * 1.6;
    let [x, y] = [(left + right) * w / 2.0 - width / 2.0, (top + bottom) * h / 2.0 - width * 0.65];
    imageops::crop_imm(&portrait, x as u32, y.max(0.0) as u32, width as u32, (width * 1.25) as u32).to_image()
}

fn to_frame(picture: &RgbaImage) -> Frame {
    let (width, height) = picture.dimensions();
    frame(PixelFormat::Rgba8, width, height, |data| data.copy_from_slice(picture))
}

fn golden(shared: &Path, name: &str) -> Value {
    let path = shared.join("media/golden").join(format!("{name}.faces.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("reference")).expect("JSON")
}

fn points(face: &Value) -> Vec<[f64; 2]> {
    let all = face["landmarks"].as_array().expect("landmarks");
    all.iter().map(|point| [0, 1].map(|axis| point[axis].as_f64().expect("a number"))).collect()
}

/// Mean distance of `found` from `reference` as a share of the reference's distance of the outer corners
/// of the eyes.
fn error(found: &[[f64; 2]], reference: &[[f64; 2]], (w, h): (f64, f64)) -> f64 {
    let distance = |a: [f64; 2], b: [f64; 2]| ((a[0] - b[0]) * w).hypot((a[1] - b[1]) * h);
    let eyes = distance(reference[33], reference[263]);
    let sum: f64 = found.iter().zip(reference).map(|(a, b)| distance(*a, *b)).sum();
    sum / reference.len() as f64 / eyes
}

/// `masque faces` on the pictures agrees with MediaPipe: landmarks within 1 % of the distance of the
/// eyes, blendshapes within 0.02.
#[test]
fn the_program_finds_the_references_faces() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = masque(folder.path());
    command.args(["faces", "--out", "out"]).env("MASQUE_MODELS_DIR", shared.join("models"));
    command.args(PICTURES.map(|(file, _)| shared.join("media").join(file)));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    for (file, name) in PICTURES {
        let stem = Path::new(file).file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(folder.path().join(format!("out/{stem}.json"))).unwrap();
        assert!(!text.contains("null"), "{name}: everything is a number");
        let found: Value = serde_json::from_str(&text).unwrap();
        let reference = golden(&shared, name);
        let [w, h] = ["width", "height"].map(|side| reference[side].as_f64().unwrap());
        assert_eq!([&found["width"], &found["height"]], [&reference["width"], &reference["height"]]);
        let faces = found["faces"].as_array().unwrap();
        assert_eq!(faces.len(), reference["faces"].as_array().unwrap().len(), "{name}");
        for expected in reference["faces"].as_array().unwrap() {
            let wanted = points(expected);
            let measured = faces.iter().map(|face| (error(&points(face), &wanted, (w, h)), face));
            let (distance, face) = measured.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
            let differences = BLENDSHAPE_NAMES.map(|key| {
                let [found, wanted] = [face, expected].map(|face| face["blendshapes"][key].as_f64().unwrap());
                (found - wanted).abs()
            });
            let mean = differences.iter().sum::<f64>() / differences.len() as f64;
            println!("{name}: landmarks {distance:.4} of the eyes' distance, blendshapes {mean:.4}");
            assert!(distance <= 0.01, "{name}: {distance}");
            assert!(mean <= 0.02, "{name}: {mean}");
        }
    }
}

#[test]
fn a_video_becomes_one_file_with_every_frame() {
    let Some(clip) = media("intel_cc_by/gif_head-pose-face-detection-male_480x270.mp4") else { return };
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    for number in 0..2 {
        RgbaImage::from_pixel(64, 48, Rgba([90, 120, 150, 255]))
            .save(pictures.join(format!("{number}.png")))
            .unwrap();
    }
    std::fs::write(folder.path().join("broken.png"), b"this is no picture").unwrap();
    let mut command = masque(folder.path());
    command.args(["faces", "--out", "out", "pictures", "broken.png"]).arg(&clip);
    let output = command.env("MASQUE_MODELS_DIR", shared.join("models")).output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("broken.png") && text.contains("1 of 3 inputs failed"), "{text}");
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(folder.path().join("out").join(name)).unwrap()).unwrap()
    };
    let video = read("gif_head-pose-face-detection-male_480x270.json");
    let frames = video["frames"].as_array().unwrap();
    assert!(frames.len() > 20, "{}", frames.len());
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame["frame"].as_u64(), Some(number as u64));
        assert_eq!(frame["width"], 480);
    }
    assert!(frames.windows(2).all(|pair| pair[0]["time"].as_f64() < pair[1]["time"].as_f64()));
    let seen = frames.iter().filter(|frame| frame["faces"].as_array().unwrap().len() == 1).count();
    println!("a face in {seen} of {} frames", frames.len());
    assert!(seen * 10 >= frames.len() * 8, "{seen} of {}", frames.len());
    assert_eq!(read("pictures.json")["frames"].as_array().unwrap().len(), 2);
    let mut left: Vec<_> = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["gif_head-pose-face-detection-male_480x270.json", "pictures.json"]);
}

#[test]
fn heads_that_lie_or_stand_on_their_heads_are_found_in_stills() {
    let Some(shared) = shared() else { return };
    let mut engine = stills(&shared, &Stats::default());
    let upright = rgba(&shared, "portrait_mediapipe_official.jpg");
    let reference: Vec<[f32; 3]> = find(&mut engine, &to_frame(&upright))[0].landmarks().to_vec();
    let turned = [
        (imageops::rotate90(&upright), std::f32::consts::FRAC_PI_2),
        (imageops::rotate180(&upright), std::f32::consts::PI),
        (imageops::rotate270(&upright), -std::f32::consts::FRAC_PI_2),
    ];
    for (turns, (picture, roll)) in turned.iter().enumerate() {
        let faces = find(&mut engine, &to_frame(picture));
        assert_eq!(faces.len(), 1, "{} quarter turns", turns + 1);
        let found = faces[0].landmarks();
        let mut off = 0.0;
        for (at, wanted) in found.iter().zip(&reference) {
            let [x, y] = [wanted[0], wanted[1]];
            let wanted = [[1.0 - y, x], [1.0 - x, 1.0 - y], [y, 1.0 - x]][turns];
            off += (at[0] - wanted[0]).hypot(at[1] - wanted[1]) / reference.len() as f32;
        }
        let eyes = faces[0].interocular_distance().expect("eyes");
        println!("{} quarter turns: off by {:.4} of the eyes' distance", turns + 1, off / eyes);
        assert!(off < eyes * 0.05, "{} quarter turns: {off} of {eyes}", turns + 1);
        let pose = faces[0].head_pose().expect("a pose");
        let difference = (pose.roll - roll + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU);
        assert!((difference - std::f32::consts::PI).abs() < 0.2, "{pose:?}");
    }
}

#[test]
fn a_portrait_looks_into_the_camera_with_open_eyes() {
    let Some(shared) = shared() else { return };
    let mut engine = stills(&shared, &Stats::default());
    let picture = open(&shared.join("media/portrait_mediapipe_official.jpg"));
    let faces = find(&mut engine, &picture);
    let face = &faces[0];
    let pose = face.head_pose().expect("a pose");
    println!(
        "{pose:?}, mouth {:?}, eyes {:?} {:?}",
        face.mouth_openness(),
        face.right_eye_openness(),
        face.left_eye_openness()
    );
    assert!(pose.yaw.abs() < 0.3 && pose.pitch.abs() < 0.4 && pose.roll.abs() < 0.3, "{pose:?}");
    assert!(face.right_eye_openness() > Some(0.3) && face.left_eye_openness() > Some(0.3));
    assert!(face.mouth_openness() > Some(0.1), "the smile shows teeth");
    let iris = face.right_iris().expect("an iris");
    let eye = face.right_eye().expect("an eye");
    let apart = (iris.centre[0] - eye[0]).hypot(iris.centre[1] - eye[1]);
    assert!(apart < 0.25 * face.interocular_distance().expect("eyes"), "the iris lies in its eye");
    // The person's right is on the left of the picture.
    assert!(eye[0] < face.left_eye().expect("an eye")[0]);
    assert!(face.mouth().expect("a mouth")[1] > eye[1]);
    assert!(face.landmarks()[indices::CHIN][1] > face.landmarks()[indices::FOREHEAD][1]);
}

#[test]
fn of_more_faces_than_places_as_many_as_places_are_followed() {
    let Some(shared) = shared() else { return };
    let portrait = imageops::resize(&head(&shared), 320, 400, imageops::FilterType::Triangle);
    let mut crowd = RgbaImage::from_pixel(960, 800, Rgba([120, 120, 120, 255]));
    for at in 0..6 {
        imageops::replace(&mut crowd, &portrait, i64::from(at % 3) * 320, i64::from(at / 3) * 400);
    }
    let picture = to_frame(&crowd);
    let stats = Stats::default();
    assert_eq!(find(&mut stills(&shared, &stats), &picture).len(), 4);
    assert_eq!(stats.counter("faces_over_limit"), 2);

    let options = PerceptionOptions { max_faces: 6, ..PerceptionOptions::default() };
    assert_eq!(find(&mut load(&shared, &options, &stats), &picture).len(), 6);

    // In a video nobody looks for more while every place is taken.
    let stats = Stats::default();
    let mut engine = load(&shared, &PerceptionOptions::default(), &stats);
    for _ in 0..25 {
        assert_eq!(find(&mut engine, &picture).len(), 4);
    }
    assert_eq!(stats.stages()["inference.face_detector"].count, 1);
    assert_eq!(stats.counter("faces_over_limit"), 2);
}

#[test]
fn half_faces_and_pictures_of_faces_are_told_cleanly() {
    let Some(shared) = shared() else { return };
    let portrait = rgba(&shared, "portrait_mediapipe_official.jpg");
    let stats = Stats::default();
    let mut engine = stills(&shared, &stats);
    let whole = find(&mut engine, &to_frame(&portrait));
    let [left, top, right, bottom] = whole[0].bbox;
    let (w, h) = portrait.dimensions();
    let px = |share: f32, side: u32| (share * side as f32) as u32;
    let (middle, level) = (px((left + right) / 2.0, w), px((top + bottom) / 2.0, h));
    let halves = [
        ("left half", imageops::crop_imm(&portrait, 0, 0, middle, h).to_image()),
        ("right half", imageops::crop_imm(&portrait, middle, 0, w - middle, h).to_image()),
        ("upper half", imageops::crop_imm(&portrait, 0, 0, w, level).to_image()),
        ("lower half", imageops::crop_imm(&portrait, 0, level, w, h - level).to_image()),
    ];
    for (name, half) in &halves {
        for faces in [
            find(&mut engine, &to_frame(half)),
            find(&mut load(&shared, &PerceptionOptions::default(), &stats), &to_frame(half)),
        ] {
            println!("{name}: {} faces", faces.len());
            assert!(faces.len() <= 1, "{name}");
        }
    }
    // A photograph of a face on a board is a face: nothing here knows that it does not live.
    let mut board = RgbaImage::from_pixel(1280, 720, Rgba([150, 110, 70, 255]));
    let photo = imageops::resize(&head(&shared), 240, 300, imageops::FilterType::Triangle);
    imageops::replace(&mut board, &photo, 700, 200);
    let faces = find(&mut engine, &to_frame(&board));
    assert_eq!(faces.len(), 1);
    let [left, top, right, bottom] = faces[0].bbox;
    assert!(left > 0.54 && right < 0.74 && top > 0.27 && bottom < 0.7, "{:?}", faces[0].bbox);
}

#[test]
fn frames_without_faces_have_none_at_any_size() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let mut video = load(&shared, &PerceptionOptions::default(), &stats);
    let mut still = stills(&shared, &stats);
    let portrait = open(&shared.join("media/portrait_mediapipe_official.jpg"));
    for (width, height) in [(640, 480), (16, 16), (1, 1), (3, 500), (7680, 4320)] {
        let black = frame(PixelFormat::Nv12, width, height, |data| {
            let luma = (width * height) as usize;
            data[..luma].fill(0);
            data[luma..].fill(128);
        });
        // Right after a frame with a face: nothing of it may stay.
        assert_eq!(find(&mut video, &portrait).len(), 1, "before {width}×{height}");
        assert!(find(&mut video, &black).is_empty(), "{width}×{height}");
        assert!(find(&mut still, &black).is_empty(), "{width}×{height}");
    }
}

#[test]
fn faces_in_8k_are_where_they_are_in_the_small_picture() {
    let Some(shared) = shared() else { return };
    let mut engine = stills(&shared, &Stats::default());
    let portrait = rgba(&shared, "portrait_mediapipe_official.jpg");
    let small = find(&mut engine, &to_frame(&portrait));
    let (w, h) = portrait.dimensions();
    let tall = imageops::resize(&portrait, w * 4320 / h, 4320, imageops::FilterType::Triangle);
    let mut large = RgbaImage::from_pixel(7680, 4320, Rgba([80, 80, 80, 255]));
    imageops::replace(&mut large, &tall, 2000, 0);
    let faces = find(&mut engine, &to_frame(&large));
    assert_eq!(faces.len(), 1);
    let eyes = faces[0].interocular_distance().expect("eyes");
    for (found, wanted) in faces[0].landmarks().iter().zip(small[0].landmarks()) {
        let wanted = [(wanted[0] * tall.width() as f32 + 2000.0) / 7680.0, wanted[1]];
        let off = (found[0] - wanted[0]).hypot((found[1] - wanted[1]) * 4320.0 / 7680.0);
        assert!(off < eyes * 0.15, "{off} of {eyes}");
    }
}

/// What the first 300 frames of `clip` show: mean step of the landmarks from frame to frame and mean
/// change of that step (what one sees as trembling), as shares of the face's size; and the time that a
/// frame took for one followed face, in ms.
struct Watched {
    steps: Vec<f32>,
    trembling: Vec<f32>,
    times: Vec<[f64; 4]>,
}

fn watch(shared: &Path, clip: &Path, smoothing: Option<OneEuro>) -> Watched {
    use masque::source::{SourceOptions, SourceUri, open};
    let stats = Stats::default();
    let options = PerceptionOptions { face_smoothing: smoothing, ..PerceptionOptions::default() };
    let mut engine = load(shared, &options, &stats);
    let pool = masque::frame::FramePool::new(64 << 20);
    let uri: SourceUri = clip.to_str().unwrap().parse().unwrap();
    let mut source = open(&uri, &SourceOptions::default(), &stats).unwrap();
    let mut seen: Vec<Face> = Vec::new();
    let mut watched = Watched { steps: Vec::new(), trembling: Vec::new(), times: Vec::new() };
    let mut faces = Vec::new();
    for _ in 0..300 {
        let Some(frame) = source.next_frame(&pool).unwrap() else { break };
        let times = engine.find(&frame, &mut faces).expect("looks");
        if faces.len() == 1 && times.face_detector.is_zero() {
            let net = times.face_landmarks + times.face_blendshapes;
            let own = times.faces.saturating_sub(net);
            let all = [times.faces, times.face_landmarks, times.face_blendshapes, own];
            watched.times.push(all.map(|time| time.as_secs_f64() * 1e3));
        }
        let Some(now) = faces.first() else {
            seen.clear();
            continue;
        };
        seen.retain(|face| face.id == now.id);
        seen.push(now.clone());
        if let [.., first, second, third] = &seen[..] {
            let size = (now.bbox[2] - now.bbox[0] + now.bbox[3] - now.bbox[1]) / 2.0;
            let [first, second, third] = [first, second, third].map(Face::landmarks);
            let mean = |measure: &dyn Fn(usize, usize) -> f32| {
                let each = (0..MAX_LANDMARKS).map(|i| measure(i, 0).hypot(measure(i, 1)));
                each.sum::<f32>() / MAX_LANDMARKS as f32 / size
            };
            watched.steps.push(mean(&|i, axis| third[i][axis] - second[i][axis]));
            watched.trembling.push(mean(&|i, axis| third[i][axis] - 2.0 * second[i][axis] + first[i][axis]));
            seen.remove(0);
        }
    }
    watched
}

#[test]
fn landmarks_of_a_face_at_rest_tremble_less_and_fast_moves_are_kept() {
    let Some(clip) = media("intel_cc_by/asl_concat_640x480_30fps.mp4") else { return };
    let Some(shared) = shared() else { return };
    let raw = watch(&shared, &clip, None);
    let smooth = watch(&shared, &clip, Some(OneEuro::default()));
    assert_eq!(raw.steps.len(), smooth.steps.len(), "smoothing changes nothing about who is found");
    assert!(raw.steps.len() > 150, "{}", raw.steps.len());
    let mut order: Vec<usize> = (0..raw.steps.len()).collect();
    order.sort_by(|a, b| raw.steps[*a].total_cmp(&raw.steps[*b]));
    let mean =
        |values: &[f32], which: &[usize]| which.iter().map(|i| values[*i]).sum::<f32>() / which.len() as f32;
    let (quiet, fast) = (&order[..order.len() / 4], &order[order.len() * 19 / 20..]);
    let factor = mean(&raw.trembling, quiet) / mean(&smooth.trembling, quiet);
    let kept = mean(&smooth.steps, fast) / mean(&raw.steps, fast);
    println!(
        "quietest quarter: trembling {:.5} raw, {:.5} smoothed, {factor:.2} times less; steps {:.5}, {:.5}",
        mean(&raw.trembling, quiet),
        mean(&smooth.trembling, quiet),
        mean(&raw.steps, quiet),
        mean(&smooth.steps, quiet),
    );
    println!("fastest twentieth: steps {:.4} raw, {kept:.2} of them kept", mean(&raw.steps, fast));
    for (at, name) in ["all", "landmarks", "blendshapes", "our part"].into_iter().enumerate() {
        let mut times: Vec<f64> = smooth.times.iter().map(|times| times[at]).collect();
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<12} p50 {:.3} ms, p95 {:.3} ms",
            times[times.len() / 2],
            times[times.len() * 95 / 100]
        );
    }
    assert!(factor >= 2.0, "{factor}");
    assert!(kept >= 0.8, "{kept}");
}

#[test]
fn without_the_blendshapes_model_faces_come_without_and_it_is_said() {
    let Some(shared) = shared() else { return };
    let mut manifest = Manifest::builtin().expect("a manifest").clone();
    manifest.models.retain(|model| !model.name.starts_with("face-blendshapes"));
    let stats = Stats::default();
    let options = PerceptionOptions { stills: true, ..PerceptionOptions::default() };
    let mut engine =
        FaceEngine::load(&store(manifest, &shared, &stats), &options, &stats).expect("an engine");
    let faces = find(&mut engine, &open(&shared.join("media/portrait_mediapipe_official.jpg")));
    assert_eq!(faces.len(), 1);
    assert!(faces[0].blendshapes.is_none() && engine.without_blendshapes().is_some());
    assert_eq!(stats.counter("blendshapes_unavailable"), 1);
}

#[test]
fn landmarks_without_irises_come_without_blendshapes() {
    let Some(shared) = shared() else { return };
    let mut manifest = Manifest::builtin().expect("a manifest").clone();
    manifest.models.retain(|model| model.role != Role::FaceLandmarks || model.name == "face-landmarks-468");
    let stats = Stats::default();
    let options = PerceptionOptions { stills: true, ..PerceptionOptions::default() };
    let mut engine = match FaceEngine::load(&store(manifest, &shared, &stats), &options, &stats) {
        Err(PerceptionError::Model(error)) => return println!("skipped: {error}"),
        engine => engine.expect("an engine"),
    };
    let mut faces = Vec::new();
    engine.find(&open(&shared.join("media/astronaut_nasa_pd.png")), &mut faces).expect("looks");
    assert_eq!((faces.len(), faces[0].landmarks().len()), (1, 468));
    assert!(faces[0].blendshapes.is_none() && faces[0].left_iris().is_none());
    assert!(faces[0].head_pose().is_some() && faces[0].left_eye_openness().is_some());
    assert!(engine.without_blendshapes().is_some_and(|reason| reason.contains("irises")));
}

#[test]
fn time_gaps_and_frames_of_one_time_give_numbers() {
    let Some(shared) = shared() else { return };
    let mut engine = load(&shared, &PerceptionOptions::default(), &Stats::default());
    let mut picture = open(&shared.join("media/portrait_mediapipe_official.jpg"));
    for (seq, millis) in [0, 33, 33, 66, 9_000, 10, 43].into_iter().enumerate() {
        picture.seq = FrameSeq(seq as u64);
        picture.timestamp = Duration::from_millis(millis);
        let faces = find(&mut engine, &picture);
        assert_eq!((faces.len(), faces[0].id), (1, 0), "at {millis} ms");
    }
}
