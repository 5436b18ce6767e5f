//! Sources give every picture once, upright, in order and at its time.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use masque::ffmpeg::{self, VideoWriter, WriterOptions};
use masque::frame::{ColorMatrix, Frame, FramePool, PixelFormat, frame_to_rgba};
use masque::source::{self, FrameSource, SourceOptions, SourceUri};
use masque::stats::Stats;

use crate::media::media;

const POOL_BYTES: usize = 256 << 20;

fn open(name: &str, options: SourceOptions) -> Box<dyn FrameSource> {
    let uri: SourceUri = name.parse().unwrap();
    source::open(&uri, &options, &Stats::default()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn all_frames(source: &mut dyn FrameSource, mut each: impl FnMut(&Frame)) -> Vec<Duration> {
    let pool = FramePool::new(POOL_BYTES);
    let mut times = Vec::new();
    while let Some(frame) = source.next_frame(&pool).unwrap() {
        assert_eq!(frame.seq.0, times.len() as u64);
        times.push(frame.timestamp);
        each(&frame);
    }
    times
}

/// Runs ffmpeg to make a test file.
fn make(args: &[&str], output: &Path) {
    let ffmpeg = ffmpeg::locate().unwrap();
    let done = Command::new(ffmpeg.path).args(["-v", "error", "-y"]).args(args).arg(output).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn mean_color(frame: &Frame, (left, top, width, height): (u32, u32, u32, u32)) -> [i32; 3] {
    let mut rgba = Vec::new();
    frame_to_rgba(frame, &mut rgba).unwrap();
    let mut sums = [0_i64; 3];
    for y in top..top + height {
        for x in left..left + width {
            let at = ((y * frame.width + x) * 4) as usize;
            sums.iter_mut().zip(&rgba[at..]).for_each(|(sum, value)| *sum += i64::from(*value));
        }
    }
    sums.map(|sum| (sum / i64::from(width * height)) as i32)
}

fn is_near(a: [i32; 3], b: [i32; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 12)
}

#[test]
fn clips_give_each_frame_once_at_its_time() {
    // What `ffprobe -count_frames` says of them.
    for (name, frames, size, rate) in [
        ("tfjs_pose_1.mp4", 120, (576, 576), 30.0),
        ("tfjs_pose_squats.mp4", 65, (720, 1280), 5.0),
        ("intel_cc_by/car-detection.mp4", 377, (768, 432), 12.5),
        ("intel_cc_by/gif_classroom_480x270.mp4", 45, (480, 270), 12.0),
    ] {
        let Some(path) = media(name) else { return };
        let mut source = open(text(&path), SourceOptions::default());
        let info = source.info().clone();
        assert_eq!((info.width, info.height), size, "{name}");
        assert_eq!(info.nominal_rate, Some(rate), "{name}");
        assert!(!info.live && info.frames.is_some_and(|n| n.abs_diff(frames) <= 1), "{name}: {info:?}");
        let times = all_frames(source.as_mut(), |frame| assert_eq!((frame.width, frame.height), size));
        assert_eq!(times.len() as u64, frames, "{name}");
        for (n, time) in times.iter().enumerate() {
            let expected = times[0].as_secs_f64() + n as f64 / rate;
            assert!((time.as_secs_f64() - expected).abs() < 0.0005, "{name}: frame {n} at {time:?}");
        }
    }
}

#[test]
fn a_tagged_clip_keeps_its_colour_matrix() {
    let Some(path) = media("intel_cc_by/car-detection.mp4") else { return };
    let mut source = open(text(&path), SourceOptions::default());
    let frame = source.next_frame(&FramePool::new(POOL_BYTES)).unwrap().unwrap();
    assert_eq!(frame.color.matrix, ColorMatrix::Bt601);
}

#[test]
fn a_variable_rate_keeps_its_true_times() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("variable.mkv");
    let picked = "select='eq(n,0)+eq(n,1)+eq(n,5)+eq(n,6)+eq(n,20)+eq(n,59)'";
    let input = "testsrc2=size=160x120:rate=30:duration=2";
    make(&["-f", "lavfi", "-i", input, "-vf", picked, "-fps_mode", "passthrough", "-c:v", "mpeg4"], &path);
    let times = all_frames(open(text(&path), SourceOptions::default()).as_mut(), |_| {});
    let expected = [0, 1, 5, 6, 20, 59].map(|n| f64::from(n) / 30.0);
    assert_eq!(times.len(), expected.len());
    for (time, expected) in times.iter().zip(expected) {
        assert!((time.as_secs_f64() - expected).abs() < 0.0011, "{times:?}");
    }
}

#[test]
fn full_range_video_and_square_pixels_look_as_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.avi");
    let input = "color=c=0xC86432:size=160x120:rate=10:duration=0.5,format=yuvj420p,setsar=2";
    make(&["-f", "lavfi", "-i", input, "-c:v", "mjpeg", "-q:v", "2"], &path);
    let mut source = open(text(&path), SourceOptions::default());
    assert_eq!((source.info().width, source.info().height), (320, 120));
    let frame = source.next_frame(&FramePool::new(POOL_BYTES)).unwrap().unwrap();
    let color = mean_color(&frame, (0, 0, 320, 120));
    assert!(is_near(color, [0xC8, 0x64, 0x32]), "{color:?}");
}

#[test]
fn a_repeated_clip_goes_on_with_growing_times() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.mp4");
    make(&["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10:duration=0.5", "-c:v", "mpeg4"], &path);
    let mut source = open(text(&path), SourceOptions { repeat: true, ..SourceOptions::default() });
    let pool = FramePool::new(POOL_BYTES);
    let times: Vec<_> = (0..17).map(|_| source.next_frame(&pool).unwrap().unwrap().timestamp).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert!((times[16].as_secs_f64() - 1.6).abs() < 0.2, "{times:?}");
}

#[test]
fn a_clip_behind_a_web_server_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    let input = "testsrc2=size=160x120:rate=15:duration=3";
    make(&["-f", "lavfi", "-i", input, "-c:v", "mpeg4", "-movflags", "+faststart"], &path);
    let bytes = std::fs::read(path).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/clip.mp4", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                bytes.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes));
        }
    });
    let mut source = open(&url, SourceOptions::default());
    assert!(!source.info().live, "a stream of known length is played at its own speed");
    assert_eq!(all_frames(source.as_mut(), |_| {}).len(), 45);
}

#[test]
fn a_still_is_one_picture_or_one_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("still.png");
    image::RgbImage::from_pixel(33, 21, image::Rgb([10, 200, 30])).save(&path).unwrap();
    let once = all_frames(open(text(&path), SourceOptions::default()).as_mut(), |frame| {
        assert_eq!((frame.width, frame.height, frame.format), (33, 21, PixelFormat::Rgba8));
        assert_eq!(frame.data()[..4], [10, 200, 30, 255]);
    });
    assert_eq!(once, [Duration::ZERO]);
    let mut ever = open(text(&path), SourceOptions { repeat: true, ..SourceOptions::default() });
    let pool = FramePool::new(33 * 21 * 4);
    let times: Vec<_> = (0..31).map(|_| ever.next_frame(&pool).unwrap().unwrap().timestamp).collect();
    assert_eq!(times[30], Duration::from_secs(1));
    assert_eq!(pool.stats().misses, 1, "the buffer is used again and again");
}

#[test]
fn a_photograph_taken_sideways_stands_upright() {
    // Red on the left, blue on the right; EXIF orientation 6: turn clockwise, so that red comes to the top.
    let mut photo = image::RgbImage::from_pixel(40, 24, image::Rgb([220, 20, 20]));
    for (x, _, pixel) in photo.enumerate_pixels_mut() {
        if x >= 20 {
            *pixel = image::Rgb([20, 20, 220]);
        }
    }
    let mut jpeg = std::io::Cursor::new(Vec::new());
    photo.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\x00\x2A\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideways.jpg");
    std::fs::write(&path, [&jpeg[..2], exif, &jpeg[2..]].concat()).unwrap();
    all_frames(open(text(&path), SourceOptions::default()).as_mut(), |frame| {
        assert_eq!((frame.width, frame.height), (24, 40));
        assert!(is_near(mean_color(frame, (4, 2, 16, 12)), [220, 20, 20]), "the top is red");
        assert!(is_near(mean_color(frame, (4, 26, 16, 12)), [20, 20, 220]), "the bottom is blue");
    });
}

#[test]
fn an_enormous_image_is_scaled_down_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.png");
    image::GrayImage::from_pixel(8192, 16, image::Luma([90])).save(&path).unwrap();
    let stats = Stats::default();
    let source = source::open(&text(&path).parse().unwrap(), &SourceOptions::default(), &stats).unwrap();
    assert_eq!((source.info().width, source.info().height), (4096, 8));
    assert_eq!(stats.counter("images_scaled_down"), 1);
}

#[test]
fn a_folder_is_shown_in_natural_order_and_what_is_broken_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    for (name, grey) in [("p10.png", 10), ("p9.png", 9), ("p1.png", 1)] {
        image::RgbImage::from_pixel(8, 8, image::Rgb([grey; 3])).save(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("p5.png"), "no picture").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no picture either").unwrap();
    let stats = Stats::default();
    let uri: SourceUri = text(folder.path()).parse().unwrap();
    let mut source = source::open(&uri, &SourceOptions::default(), &stats).unwrap();
    let mut greys = Vec::new();
    let times = all_frames(source.as_mut(), |frame| greys.push(frame.data()[0]));
    assert_eq!(greys, [1, 9, 10]);
    assert_eq!(times, [0, 1, 2].map(Duration::from_secs));
    assert_eq!(stats.counter("images_skipped"), 1);
}

#[test]
fn a_full_pool_loses_no_frame() {
    let Some(path) = media("intel_cc_by/gif_people-detection_480x270.mp4") else { return };
    let mut source = open(text(&path), SourceOptions::default());
    let pool = FramePool::new(PixelFormat::Nv12.bytes(480, 270));
    let mut frames = 0;
    let mut held: Option<Frame> = None;
    loop {
        match source.next_frame(&pool) {
            Ok(Some(frame)) => {
                frames += 1;
                held = Some(frame);
            }
            Ok(None) => break,
            Err(error) if error.is_pool_exhausted() => assert!(held.take().is_some()),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(frames, 23);
}

#[test]
fn what_is_written_is_read_back_with_its_times_and_colours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mp4");
    let ffmpeg = ffmpeg::locate().unwrap();
    // Odd in both directions, which 4:2:0 cannot hold: one row and one column are there twice.
    let (width, height) = (161, 91);
    let mut writer = VideoWriter::start(&ffmpeg, &path, width, height, &WriterOptions::default()).unwrap();
    let times = [0, 40, 50, 333, 1000, 1033].map(Duration::from_millis);
    let mut nv12 = Vec::new();
    for (n, time) in times.iter().enumerate() {
        let rgba = [200, 100, 50 + 10 * n as u8, 255].repeat((width * height) as usize);
        masque::frame::rgba_to_nv12(&rgba, width, height, &mut nv12).unwrap();
        writer.write_nv12(*time, &nv12).unwrap();
        assert!(!path.exists(), "the file gets its name only when it is complete");
    }
    let summary = writer.finish().unwrap();
    assert_eq!((summary.frames, &summary.path), (6, &path));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    let mut source = open(text(&path), SourceOptions::default());
    assert_eq!((source.info().width, source.info().height), (162, 92));
    let mut n = 0;
    let read = all_frames(source.as_mut(), |frame| {
        for part in [(0, 0, 150, 80), (160, 0, 2, 92), (0, 90, 162, 2)] {
            let color = mean_color(frame, part);
            assert!(is_near(color, [200, 100, 50 + 10 * n]), "frame {n}, {part:?}: {color:?}");
        }
        assert_eq!(frame.color.matrix, ColorMatrix::Bt709, "the file says what its colours are");
        n += 1;
    });
    assert_eq!(read.len(), times.len());
    for (read, written) in read.iter().zip(times) {
        assert!(read.abs_diff(written) <= Duration::from_micros(200), "{read:?} for {written:?}");
    }
}

#[test]
fn the_sound_of_the_input_comes_along_as_far_as_the_pictures_go() {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = ffmpeg::locate().unwrap();
    // PCM, which MP4 players do not take, is encoded; AAC is copied.
    for (codec, output) in [("pcm_s16le", "encoded.mp4"), ("aac", "copied.mp4"), ("aac", "copied.mkv")] {
        let with_sound = folder.path().join(format!("in-{output}.mkv"));
        // Much longer than what is written of it.
        let inputs = [
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x64:rate=10:duration=60",
            "-f",
            "lavfi",
            "-i",
            "sine=d=60",
        ];
        make(&[&inputs[..], &["-c:v", "mpeg4", "-c:a", codec]].concat(), &with_sound);
        let path = folder.path().join(output);
        let options = WriterOptions { rate: 10.0, audio_from: Some(with_sound), ..WriterOptions::default() };
        let mut writer = VideoWriter::start(&ffmpeg, &path, 64, 64, &options).unwrap();
        let frame = vec![128; writer.frame_bytes()];
        for n in 0..10 {
            writer.write(Duration::from_millis(n * 100), &frame).unwrap();
        }
        let summary = writer.finish().unwrap();
        assert_eq!((summary.frames_in_file, summary.fragmented), (Some(10), None));
        let listing = Command::new(&ffmpeg.path).args(["-hide_banner", "-i"]).arg(&path).output().unwrap();
        let listing = String::from_utf8_lossy(&listing.stderr).into_owned();
        assert!(listing.contains("Audio: aac") && listing.contains("Video: h264"), "{listing}");
        assert!(listing.contains("Duration: 00:00:01.0"), "{output}: {listing}");
    }
}

#[test]
fn a_recording_that_is_given_up_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = ffmpeg::locate().unwrap();
    let path = folder.path().join("out.mp4");
    let mut writer = VideoWriter::start(&ffmpeg, &path, 64, 64, &WriterOptions::default()).unwrap();
    writer.write(Duration::ZERO, &vec![128; writer.frame_bytes()]).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_killed_encoder_is_an_error_and_no_hang() {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = ffmpeg::locate().unwrap();
    let path = folder.path().join("out.mp4");
    let mut writer = VideoWriter::start(&ffmpeg, &path, 640, 480, &WriterOptions::default()).unwrap();
    writer.kill_switch().kill();
    let frame = vec![128; writer.frame_bytes()];
    let error = (0..100).find_map(|n| writer.write(Duration::from_millis(n * 33), &frame).err()).unwrap();
    assert!(error.to_string().contains("killed"), "{error}");
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
