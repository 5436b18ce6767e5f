//! Bad input for sources: one clear sentence that names the file and says what is wrong.

use std::path::Path;
use std::process::Command;

use masque::ffmpeg::{self, ChildError, VideoWriter, WriterOptions};
use masque::frame::FramePool;
use masque::source::{self, SourceError, SourceOptions, SourceUri};
use masque::stats::Stats;

fn error_of(name: &str) -> String {
    let uri = match name.parse::<SourceUri>() {
        Ok(uri) => uri,
        Err(error) => return one_sentence(&error),
    };
    match source::open(&uri, &SourceOptions::default(), &Stats::default()) {
        Ok(source) => panic!("{name} opens: {:?}", source.info()),
        Err(error) => one_sentence(&error),
    }
}

fn one_sentence(error: &SourceError) -> String {
    let sentence = error.to_string();
    assert!(!sentence.contains('\n') && sentence.len() < 400, "{sentence}");
    assert!(!sentence.contains("0x5") && !sentence.contains("panicked"), "{sentence}");
    sentence
}

#[track_caller]
fn assert_says(name: &str, words: &[&str]) {
    let sentence = error_of(name);
    for word in words {
        assert!(sentence.contains(word), "{name}: `{word}` is missing in: {sentence}");
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn make(args: &[&str], output: &str) {
    let ffmpeg = ffmpeg::locate().unwrap();
    let done = Command::new(ffmpeg.path).args(["-v", "error", "-y"]).args(args).arg(output).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn names_that_mean_nothing() {
    assert_says("", &["no source", "demo:"]);
    assert_says("gopher://host/x", &["gopher", "rtsp://"]);
    assert_says("rtsp://", &["no host"]);
}

#[test]
fn files_that_are_not_there_or_empty() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["missing.png", "missing.mp4", "missing"] {
        let path = folder.path().join(name);
        assert_says(path.to_str().unwrap(), &[name, "no such file"]);
    }
    for name in ["empty.png", "empty.mp4"] {
        assert_says(&write(folder.path(), name, b""), &[name, "empty"]);
    }
}

#[test]
fn images_that_are_truncated_or_no_images() {
    let folder = tempfile::tempdir().unwrap();
    let picture = image::RgbImage::from_fn(200, 200, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
    for (extension, format) in [("png", image::ImageFormat::Png), ("jpg", image::ImageFormat::Jpeg)] {
        let mut whole = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut whole, format).unwrap();
        let whole = whole.into_inner();
        let name = format!("truncated.{extension}");
        assert_says(&write(folder.path(), &name, &whole[..whole.len() / 3]), &[&name, "not an image"]);
    }
    assert_says(&write(folder.path(), "text.jpg", b"hello"), &["text.jpg", "not an image", "PNG"]);
}

#[test]
fn an_image_that_claims_to_be_enormous() {
    // A PNG header of 60000 × 60000 pixels, and nothing after it but an empty data chunk.
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        png.extend((data.len() as u32).to_be_bytes());
        let body = [kind.as_slice(), data].concat();
        png.extend(&body);
        png.extend(crc32(&body).to_be_bytes());
    };
    let mut header = Vec::new();
    header.extend(60_000_u32.to_be_bytes());
    header.extend(60_000_u32.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    chunk(b"IHDR", &header);
    chunk(b"IDAT", &[0x78, 0x9C, 0x63, 0, 0, 0, 1, 0, 1]);
    chunk(b"IEND", &[]);
    let folder = tempfile::tempdir().unwrap();
    assert_says(&write(folder.path(), "bomb.png", &png), &["bomb.png", "60000", "16384", "scale it down"]);
}

#[test]
fn videos_that_are_truncated_or_no_videos() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.mp4");
    make(
        &["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=3", "-c:v", "mpeg4"],
        whole.to_str().unwrap(),
    );
    let bytes = std::fs::read(&whole).unwrap();
    // The index stands at the end, so that what is cut off is all of it.
    let cut = write(folder.path(), "truncated.mp4", &bytes[..bytes.len() / 2]);
    assert_says(&cut, &["truncated.mp4", "truncated"]);
    let text = write(folder.path(), "text.mp4", b"this is no video at all");
    assert_says(&text, &["text.mp4", "no video"]);
}

#[test]
fn a_video_that_breaks_off_gives_its_good_frames_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.mp4");
    let input = "testsrc2=size=320x240:rate=10:duration=3";
    make(&["-f", "lavfi", "-i", input, "-c:v", "mpeg4", "-movflags", "+faststart"], whole.to_str().unwrap());
    let bytes = std::fs::read(&whole).unwrap();
    let cut = write(folder.path(), "cut.mp4", &bytes[..bytes.len() / 2]);
    let stats = Stats::default();
    let mut source = source::open(&cut.parse().unwrap(), &SourceOptions::default(), &stats).unwrap();
    let pool = FramePool::new(64 << 20);
    let mut frames = 0;
    while source.next_frame(&pool).unwrap().is_some() {
        frames += 1;
    }
    assert!((5..30).contains(&frames), "{frames} of 30 frames");
    assert!(stats.counter("source_damage") + stats.counter("source_broken_off") > 0);
}

#[test]
fn sound_without_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.mp4");
    make(&["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"], path.to_str().unwrap());
    assert_says(path.to_str().unwrap(), &["sound.mp4", "no video track"]);
}

#[test]
fn folders_that_give_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().to_str().unwrap().to_owned();
    assert_says(&name, &[&name, "no images"]);
    write(folder.path(), "broken.png", b"no picture");
    assert_says(&name, &["broken.png", "not an image"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::read_dir(&closed).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    assert_says(closed.to_str().unwrap(), &["closed", "permissions"]);
}

#[test]
fn cameras_that_are_not_there() {
    // Whether or not this machine has a camera: none has these.
    for name in ["camera:99", "camera:No Such Camera"] {
        let sentence = error_of(name);
        let helps = sentence.contains("masque cameras") || sentence.contains("demo:");
        assert!(sentence.contains("camera") && helps, "{sentence}");
    }
}

#[test]
fn a_server_that_is_not_there() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_says(&format!("http://me:secret@127.0.0.1:{port}/x"), &["127.0.0.1", "nothing answers"]);
    assert!(!error_of(&format!("http://me:secret@127.0.0.1:{port}/x")).contains("secret"));
}

#[test]
fn a_frame_that_can_never_fit_is_no_endless_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("still.png");
    image::RgbImage::new(64, 64).save(&path).unwrap();
    let uri = path.to_str().unwrap().parse().unwrap();
    let mut source = source::open(&uri, &SourceOptions::default(), &Stats::default()).unwrap();
    let error = source.next_frame(&FramePool::new(1000)).unwrap_err();
    assert!(!error.is_pool_exhausted());
    assert!(one_sentence(&error).contains("larger than the whole frame pool"));
}

#[test]
fn recordings_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = ffmpeg::locate().unwrap();
    let start = |name: &str| {
        VideoWriter::start(&ffmpeg, &folder.path().join(name), 64, 64, &WriterOptions::default()).unwrap_err()
    };
    assert!(matches!(start("nowhere/out.mp4"), ChildError::File { .. }));
    let error = start("out.txt").to_string();
    assert!(error.contains("out.txt") && error.contains(".mp4"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

/// CRC-32 of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}
