//! Video files as their makers meant them: parts, rotation, colours.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use masque::ffmpeg;
use masque::frame::{Frame, FramePool, frame_to_rgba};
use masque::source::{self, FrameSource, SourceError, SourceOptions};
use masque::stats::Stats;

fn make(args: &[&str], output: &Path) {
    let ffmpeg = ffmpeg::locate().unwrap().path;
    let done = Command::new(ffmpeg).args(["-v", "error", "-y"]).args(args).arg(output).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn open_with(
    path: &Path,
    options: SourceOptions,
    stats: &Stats,
) -> Result<Box<dyn FrameSource>, SourceError> {
    source::open(&path.to_str().unwrap().parse().unwrap(), &options, stats)
}

fn first(path: &Path, stats: &Stats) -> Frame {
    let mut source = open_with(path, SourceOptions::default(), stats).unwrap();
    source.next_frame(&FramePool::new(64 << 20)).unwrap().unwrap()
}

fn rgba(frame: &Frame) -> Vec<u8> {
    let mut rgba = Vec::new();
    frame_to_rgba(frame, &mut rgba).unwrap();
    rgba
}

/// A clip whose pictures get brighter: number n is n × 8 + 20, ten a second, a key frame only at the beginning.
fn brightening(path: &Path) {
    let ramp = "nullsrc=size=64x48:rate=10:duration=2.5,format=gray,geq=lum='20+8*N'";
    make(
        &["-f", "lavfi", "-i", ramp, "-c:v", "libx264", "-qp", "1", "-g", "250", "-pix_fmt", "yuv420p"],
        path,
    );
}

/// Numbers of the clip's pictures, and their times.
fn numbers(source: &mut dyn FrameSource, most: usize) -> Vec<(i32, Duration)> {
    let pool = FramePool::new(16 << 20);
    let mut seen = Vec::new();
    while seen.len() < most
        && let Some(frame) = source.next_frame(&pool).unwrap()
    {
        // Luma as coded: 20 + 8 n of full range is 16 + (20 + 8 n) × 219 / 255.
        let luma = (f64::from(frame.plane(0)[64 * 24 + 32]) - 16.0) * 255.0 / 219.0;
        seen.push((((luma - 20.0) / 8.0).round() as i32, frame.timestamp));
    }
    seen
}

#[test]
fn a_part_of_a_file_begins_and_ends_at_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    brightening(&path);
    let part = |from: Option<u64>, to: Option<u64>, repeat| {
        let time = |time: Option<u64>| time.map(Duration::from_millis);
        open_with(
            &path,
            SourceOptions { from: time(from), to: time(to), repeat, ..Default::default() },
            &Stats::default(),
        )
    };
    let numbers_of = |from, to| -> Vec<i32> {
        numbers(part(from, to, false).unwrap().as_mut(), 99).into_iter().map(|(number, _)| number).collect()
    };
    assert_eq!(numbers_of(Some(700), Some(1200)), (7..12).collect::<Vec<_>>());
    assert_eq!(numbers_of(Some(2000), None), (20..25).collect::<Vec<_>>());
    assert_eq!(numbers_of(None, Some(300)), (0..3).collect::<Vec<_>>());
    assert_eq!(part(Some(700), Some(1200), false).unwrap().info().frames, Some(5));
    // Around and around: only these pictures, in their order, and times go on in even steps.
    let looped = numbers(part(Some(700), Some(1200), true).unwrap().as_mut(), 23);
    let expected: Vec<i32> = (7..12).cycle().take(23).collect();
    assert_eq!(looped.iter().map(|(number, _)| *number).collect::<Vec<_>>(), expected);
    for pair in looped.windows(2) {
        let step = (pair[1].1 - pair[0].1).as_secs_f64();
        assert!((step - 0.1).abs() < 0.002, "{looped:?}");
    }
    let backwards = part(Some(1200), Some(700), false).unwrap_err().to_string();
    assert!(backwards.contains("1.2s") && backwards.contains("700ms"), "{backwards}");
    let beyond = part(Some(60_000), None, true).unwrap_err().to_string();
    assert!(beyond.contains("60s") && beyond.contains("earlier"), "{beyond}");
}

#[test]
fn a_video_taken_sideways_stands_upright() {
    let folder = tempfile::tempdir().unwrap();
    let flat = folder.path().join("flat.mp4");
    // Red to the left, blue to the right.
    let halves = "color=c=0xDC1414:size=64x96:rate=5:duration=0.6[a];color=c=0x1414DC:size=64x96:rate=5:duration=0.6[b];[a][b]hstack";
    make(&["-filter_complex", halves, "-c:v", "libx264", "-pix_fmt", "yuv420p"], &flat);
    for (degrees, upright) in [("90", false), ("180", true), ("270", false)] {
        let turned = folder.path().join(format!("turned{degrees}.mp4"));
        // Since FFmpeg 6 the option `-display_rotation` has taken the place of the tag.
        let tag =
            ["-i", flat.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", &format!("rotate={degrees}")];
        let ffmpeg = ffmpeg::locate().unwrap().path;
        let done = Command::new(&ffmpeg).args(["-v", "error", "-y"]).args(tag).arg(&turned).output().unwrap();
        assert!(done.status.success());
        let frame = first(&turned, &Stats::default());
        let size = if upright { (128, 96) } else { (96, 128) };
        if (frame.width, frame.height) != size {
            let listing = Command::new(&ffmpeg).args(["-hide_banner", "-i"]).arg(&turned).output().unwrap();
            let listing = String::from_utf8_lossy(&listing.stderr).into_owned();
            assert!(!listing.contains("rotation of"), "{degrees}: {}×{}", frame.width, frame.height);
            println!("skipped: this ffmpeg writes no rotation");
            return;
        }
        let pixels = rgba(&frame);
        let is_red = |x: u32, y: u32| {
            let at = ((y * frame.width + x) * 4) as usize;
            pixels[at] > pixels[at + 2]
        };
        // FFmpeg's degrees are anticlockwise: what was left is below, right, above.
        let (first_corner, last_corner) = match degrees {
            "90" => (is_red(48, 120), is_red(48, 8)),
            "180" => (is_red(120, 48), is_red(8, 48)),
            _ => (is_red(48, 8), is_red(48, 120)),
        };
        assert!(first_corner && !last_corner, "{degrees}");
    }
}

/// Mean difference of each channel between what we make of the first picture and what FFmpeg makes of it.
fn difference(path: &Path, reference: &[&str], stats: &Stats) -> [f64; 3] {
    let frame = first(path, stats);
    let ours = rgba(&frame);
    let raw = path.with_extension("rgba");
    let filter = format!("{}format=rgba", reference.concat());
    let accurate = ["-sws_flags", "bilinear+accurate_rnd+full_chroma_int+full_chroma_inp"];
    let name = path.to_str().unwrap();
    make(
        &[&["-i", name, "-frames:v", "1", "-vf", &filter], &accurate[..], &["-f", "rawvideo"]].concat(),
        &raw,
    );
    let theirs = std::fs::read(raw).unwrap();
    assert_eq!(ours.len(), theirs.len());
    let mut sums = [0_u64; 3];
    for (a, b) in ours.chunks_exact(4).zip(theirs.chunks_exact(4)) {
        (0..3).for_each(|n| sums[n] += u64::from(a[n].abs_diff(b[n])));
    }
    sums.map(|sum| sum as f64 / (ours.len() / 4) as f64)
}

#[test]
fn colours_are_those_that_ffmpeg_makes_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let gradient = |size: &str| {
        format!(
            "gradients=size={size}:rate=5:duration=0.4:nb_colors=5:c0=red:c1=0x20C040:c2=0x3050FF:c3=white:c4=0x101010:seed=7"
        )
    };
    let (small, large) = ("640x360", "1280x720");
    // What is said of the file, its pixel format, its size, and what is taken for granted where it says nothing.
    let cases: [(&str, &str, &str, &str, &str); 14] = [
        ("bt709", "tv", "yuv420p", large, ""),
        ("bt709", "tv", "yuv420p", small, ""),
        ("bt709", "pc", "yuv420p", large, ""),
        ("smpte170m", "tv", "yuv420p", small, ""),
        ("smpte170m", "tv", "yuv420p", large, ""),
        ("bt470bg", "pc", "yuv420p", small, ""),
        ("bt709", "tv", "yuv420p10le", large, ""),
        ("bt709", "pc", "yuv422p10le", large, ""),
        ("smpte170m", "tv", "yuv444p", small, ""),
        ("bt709", "tv", "yuv444p12le", small, ""),
        ("bt2020nc", "tv", "yuv420p10le", large, ""),
        ("unknown", "tv", "yuv420p", large, "scale=in_color_matrix=bt709,"),
        ("unknown", "tv", "yuv420p", small, "scale=in_color_matrix=bt601,"),
        ("gbr", "pc", "gbrp", large, ""),
    ];
    let mut bad = Vec::new();
    for (n, (matrix, range, pixels, size, reference)) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{n}.mkv"));
        let yuv = match matrix {
            "smpte170m" | "bt470bg" => "bt601",
            "unknown" if size == small => "bt601",
            "bt2020nc" => "bt2020",
            _ => "bt709",
        };
        let (output, tags) = if matrix == "gbr" {
            (format!("format={pixels}"), vec![])
        } else {
            let convert = format!(
                "scale=out_color_matrix={yuv}:out_range={range}:flags=accurate_rnd+full_chroma_int,format={pixels}"
            );
            let tags =
                if matrix == "unknown" { vec![] } else { vec!["-colorspace", matrix, "-color_range", range] };
            (convert, tags)
        };
        let (input, codec) = (gradient(size), ["-c:v", "ffv1", "-frames:v", "1"]);
        make(&[&["-f", "lavfi", "-i", &input, "-vf", &output], &codec[..], &tags].concat(), &path);
        let difference = difference(&path, &[reference], &Stats::default());
        println!("{matrix} {range} {pixels} {size}: {difference:.2?}");
        if difference.iter().any(|channel| *channel > 2.0) {
            bad.push((matrix, range, pixels, size, difference));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn high_dynamic_range_is_brought_to_that_of_a_screen() {
    let filters =
        Command::new(ffmpeg::locate().unwrap().path).args(["-hide_banner", "-filters"]).output().unwrap();
    let filters = String::from_utf8_lossy(&filters.stdout).into_owned();
    let can = filters.contains(" zscale ") && filters.contains(" tonemap ");
    let folder = tempfile::tempdir().unwrap();
    // White of a screen in PQ is about 58 % of the signal (203 cd/m², BT.2408). Phones say all of it, some programs a part.
    for (n, tags) in
        ["color_primaries=bt2020:colorspace=bt2020nc", "colorspace=bt2020nc"].into_iter().enumerate()
    {
        let path = folder.path().join(format!("{n}.mkv"));
        let grey = format!(
            "color=c=0x949494:size=320x180:rate=5:duration=0.4,format=yuv420p10le,setparams=range=tv:color_trc=smpte2084:{tags}"
        );
        make(
            &[
                "-f",
                "lavfi",
                "-i",
                &grey,
                "-c:v",
                "ffv1",
                "-color_trc",
                "smpte2084",
                "-colorspace",
                "bt2020nc",
            ],
            &path,
        );
        let stats = Stats::default();
        let frame = first(&path, &stats);
        let pixel = rgba(&frame)[..3].to_vec();
        println!("{pixel:?}, {:?}", stats.counters());
        if can {
            assert_eq!(stats.counter("source_tone_mapped"), 1);
            assert!(pixel.iter().all(|channel| *channel > 160), "{pixel:?}");
        } else {
            assert_eq!(stats.counter("source_hdr_as_it_is"), 1);
        }
    }
}
