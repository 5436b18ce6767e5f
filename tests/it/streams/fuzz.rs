//! Garbage for ten minutes: nothing panics, nothing hangs, nothing grows.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use masque::frame::FramePool;
use masque::source::{self, Cancel, SourceOptions};
use masque::stats::Stats;

use super::servers::{self, Means};

/// How long, unless the variable `MASQUE_FUZZ_SECONDS` says otherwise; `MASQUE_FUZZ_SEED` begins elsewhere.
const SECONDS: u64 = 600;
/// Most pictures taken of one case: an endless one is no mistake.
const PICTURES: usize = 100;
/// A file may be silent for a minute, a stream for fifteen seconds; that much is allowed to each case on a busy machine.
const LONGEST: Duration = Duration::from_secs(100);
/// How long somebody is waited for who sends garbage.
const WAITING: Duration = Duration::from_secs(3);
/// Numbers that sizes and counts in headers are replaced by.
const TELLING: [u32; 9] = [0, 1, 0x7F, 0xFF, 0x7FFF, 30_000, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF];
/// What memory may differ by: the allocator's own ups and downs.
const MEMORY: u64 = 24 << 20;

/// Small files of many kinds, as (ending, bytes).
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = masque::ffmpeg::locate().unwrap().path;
    let input = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10:duration=1.5"];
    let kinds: [(&str, &[&str]); 12] = [
        ("mp4", &["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]),
        ("mov", &["-c:v", "mpeg4"]),
        ("mkv", &["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]),
        ("webm", &["-c:v", "libvpx", "-deadline", "realtime"]),
        ("ts", &["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]),
        ("mpg", &["-c:v", "mpeg2video"]),
        ("flv", &["-c:v", "flv1"]),
        ("avi", &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
        ("mjpeg", &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
        ("gif", &[]),
        ("png", &["-frames:v", "1"]),
        ("jpg", &["-frames:v", "1"]),
    ];
    let made = kinds.into_iter().filter_map(|(ending, args)| {
        let path = folder.path().join(format!("seed.{ending}"));
        let made = Command::new(&ffmpeg).args(input).args(args).arg(&path).status().unwrap();
        made.success().then(|| (ending, std::fs::read(path).unwrap()))
    });
    made.collect()
}

/// `seed` spoilt: flipped, overwritten, cut out, doubled, mixed with `other`, cut off.
fn spoilt(random: &mut fastrand::Rng, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.usize(1..=8) {
        if bytes.len() < 16 {
            break;
        }
        // What decides stands in front, more often than not.
        let far = if random.bool() { bytes.len() } else { bytes.len().min(512) };
        let at = random.usize(0..far - 8);
        match random.u8(0..7) {
            0 => bytes[at] ^= 1 << random.u8(0..8),
            1 => bytes[at] = random.u8(..),
            2 => bytes[at..at + 4].copy_from_slice(&random.choice(TELLING).unwrap().to_be_bytes()),
            3 => bytes[at..at + 4].copy_from_slice(&random.choice(TELLING).unwrap().to_le_bytes()),
            4 => {
                let end = (at + random.usize(1..2000)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let from = random.usize(0..other.len() / 2);
                let piece = &other[from..(from + random.usize(1..3000)).min(other.len())];
                let piece = piece.to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

fn noise(random: &mut fastrand::Rng) -> Vec<u8> {
    let length = random.usize(1..60_000);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

/// What a server that knows half of a protocol says first.
fn greeting(random: &mut fastrand::Rng, scheme: &str) -> Vec<u8> {
    let number = random.choice(TELLING).unwrap();
    match scheme {
        "http" => match random.u8(0..6) {
            0 => format!("HTTP/1.1 {number} What\r\n\r\n").into_bytes(),
            1 => format!("HTTP/1.1 200 OK\r\nContent-Length: {number}\r\n\r\n").into_bytes(),
            2 => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n".to_vec(),
            3 => b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n".to_vec(),
            4 => format!("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n--x\r\nContent-Length: {number}\r\n\r\n").into_bytes(),
            _ => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        },
        "rtsp" => match random.u8(0..5) {
            0 => format!("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: {number}\r\n\r\nv=0\r\nm=video 0 RTP/AVP 96\r\n").into_bytes(),
            1 => b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 66\r\n\r\nv=0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:x\r\n".to_vec(),
            2 => format!("RTSP/1.0 {number} Odd\r\nCSeq: 1\r\n\r\n").into_bytes(),
            3 => b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:1/x\r\n\r\n".to_vec(),
            _ => Vec::new(),
        },
        // The version, and what should be a handshake.
        "rtmp" => std::iter::once(3).chain(std::iter::repeat_with(|| random.u8(..)).take(3072)).collect(),
        _ => Vec::new(),
    }
}

/// Serves `answers` to whoever comes until `cancel`, in blocks; then closes, or is silent.
fn garbage_server(answer: Vec<u8>, is_silent: bool, cancel: Cancel) -> (u16, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut held = Vec::new();
        while !cancel.is_cancelled() {
            let Ok((mut stream, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            let _ = stream.set_nonblocking(false);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
            let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
            if is_silent {
                held.push(stream);
            } else {
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read(&mut [0; 4096]);
            }
        }
    });
    (port, thread)
}

/// Takes what there is of a source; errors are what is expected of garbage.
fn take(address: &str, cancel: &Cancel) -> &'static str {
    let stats = Stats::default();
    let Ok(uri) = address.parse() else { return "no address" };
    let mut source = match source::open_unless_cancelled(&uri, &SourceOptions::default(), &stats, cancel) {
        Ok(source) => source,
        Err(error) => {
            let sentence = error.to_string();
            assert!(!sentence.contains('\n') && sentence.len() < 600, "{sentence}");
            return "refused";
        }
    };
    let pool = FramePool::new(64 << 20);
    for _ in 0..PICTURES {
        match source.next_frame(&pool) {
            Ok(Some(frame)) => assert!(frame.width > 0 && frame.height > 0),
            Ok(None) => return "to its end",
            Err(_) => return "broken off",
        }
    }
    "enough"
}

fn case(random: &mut fastrand::Rng, seeds: &[(&'static str, Vec<u8>)], folder: &Path) -> String {
    let (ending, seed) = &seeds[random.usize(0..seeds.len())];
    let (_, other) = &seeds[random.usize(0..seeds.len())];
    let bytes = if random.u8(0..8) == 0 { noise(random) } else { spoilt(random, seed, other) };
    let kind = random.u8(0..20);
    let cancel = Cancel::default();
    let (name, outcome) = match kind {
        0..10 => {
            let path: PathBuf = folder.join(format!("case.{ending}"));
            std::fs::write(&path, &bytes).unwrap();
            (format!("file .{ending}"), take(path.to_str().unwrap(), &cancel))
        }
        10 => {
            let path = folder.join("pictures");
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("a.png"), &bytes).unwrap();
            std::fs::write(path.join("b.jpg"), spoilt(random, &bytes, other)).unwrap();
            ("folder".to_owned(), take(path.to_str().unwrap(), &cancel))
        }
        11..18 => {
            let scheme = random.choice(["http", "rtsp", "rtmp", "tcp", "http"]).unwrap();
            let mut answer = greeting(random, scheme);
            answer.extend(&bytes);
            let is_silent = random.u8(0..12) == 0;
            let served = Cancel::default();
            let (port, server) = garbage_server(answer, is_silent, served.clone());
            let path = random.choice(["x", "x.m3u8", "x.mpd", "x.ts"]).unwrap();
            let user = random.choice(["", "user:longpassword@"]).unwrap();
            let outcome = take(&format!("{scheme}://{user}127.0.0.1:{port}/live/{path}"), &cancel);
            served.cancel();
            server.join().unwrap();
            (format!("{scheme} server"), outcome)
        }
        _ => {
            let scheme = random
                .choice(["udp", "tcp-listen", "rtmp-listen", "http-listen", "srt-listen", "rtp"])
                .unwrap();
            let over_udp = ["udp", "rtp", "srt-listen"].contains(&scheme);
            let port = if over_udp { servers::free_udp_port() } else { servers::free_port() };
            let ended = cancel.clone();
            let sender = std::thread::spawn(move || {
                let start = Instant::now();
                while start.elapsed() < WAITING {
                    std::thread::sleep(Duration::from_millis(200));
                    if over_udp {
                        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                        for datagram in bytes.chunks(1316) {
                            let _ = socket.send_to(datagram, ("127.0.0.1", port));
                        }
                    } else if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
                        let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
                        let _ = stream.write_all(&bytes);
                    }
                }
                ended.cancel();
            });
            let outcome = take(&format!("{scheme}://127.0.0.1:{port}/live/x"), &cancel);
            sender.join().unwrap();
            (scheme.to_owned(), outcome)
        }
    };
    format!("{name}: {outcome}")
}

/// Largest memory of any child so far, in bytes.
fn watch_children(most: &AtomicU64) {
    let own = std::process::id().to_string();
    let listed = Command::new("ps").args(["--ppid", &own, "-o", "rss="]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let largest = listed.lines().filter_map(|line| line.trim().parse::<u64>().ok()).max().unwrap_or(0);
    most.fetch_max(largest << 10, Ordering::Relaxed);
}

#[test]
#[ignore = "takes ten minutes"]
fn garbage_does_no_harm() {
    let number =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let seconds = number("MASQUE_FUZZ_SECONDS", SECONDS);
    let first = number("MASQUE_FUZZ_SEED", 1);
    let seeds = Arc::new(seeds());
    let folder = tempfile::tempdir().unwrap();
    let run = |seed: u64| {
        let (sender, done) = mpsc::channel();
        let (seeds, folder) = (seeds.clone(), folder.path().to_owned());
        let thread = std::thread::spawn(move || {
            let mut random = fastrand::Rng::with_seed(seed);
            let outcome = catch_unwind(AssertUnwindSafe(|| case(&mut random, &seeds, &folder)));
            let _ = sender.send(outcome.map_err(|_| ()));
        });
        let outcome = done.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("case {seed} hangs"));
        thread.join().unwrap();
        outcome.unwrap_or_else(|()| panic!("case {seed} panicked"))
    };
    let most = Arc::new(AtomicU64::new(0));
    let outcomes: Mutex<std::collections::BTreeMap<String, u64>> = Mutex::default();
    // The first ones fill what is kept for good, and memory is read through a file that stays open.
    let _ = Means::now();
    (first..first + 40).for_each(|seed| drop(run(seed)));
    let before = Means::now();
    let (start, mut seed, mut slowest) = (Instant::now(), first + 40, Duration::ZERO);
    while start.elapsed() < Duration::from_secs(seconds) {
        let began = Instant::now();
        let watcher = {
            let most = most.clone();
            let (stop, stopped) = mpsc::channel::<()>();
            let thread = std::thread::spawn(move || {
                while stopped.recv_timeout(Duration::from_millis(100)) == Err(mpsc::RecvTimeoutError::Timeout)
                {
                    watch_children(&most);
                }
            });
            (stop, thread)
        };
        let outcome = run(seed);
        drop(watcher.0);
        watcher.1.join().unwrap();
        *outcomes.lock().unwrap().entry(outcome).or_default() += 1;
        if began.elapsed() > slowest {
            slowest = began.elapsed();
            println!("case {seed} took {slowest:?}");
        }
        seed += 1;
        if seed % 100 == 0 {
            println!("{} cases: {:?}", seed - first, Means::now());
        }
    }
    let after = Means::now();
    println!(
        "{} cases in {:?}; slowest {slowest:?}; largest child {} MB",
        seed - first,
        start.elapsed(),
        most.load(Ordering::Relaxed) >> 20
    );
    println!("before: {before:?}\nafter:  {after:?}");
    outcomes.lock().unwrap().iter().for_each(|(outcome, count)| println!("{count:6} {outcome}"));
    after.assert_no_growth(&before, MEMORY);
    assert_eq!(after.children, 0);
}
