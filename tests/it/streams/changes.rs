//! Streams that become something else in the middle: every picture is whole, in its own size.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use masque::ffmpeg;
use masque::frame::FramePool;
use masque::source::{self, SourceOptions};
use masque::stats::Stats;

use super::servers;

const SIZES: [(u32, u32); 3] = [(320, 180), (640, 360), (480, 270)];
/// Pictures of each size.
const EACH: usize = 25;

/// MPEG-TS whose pictures change size, shape of their pixels and colour format; times go on or begin anew.
fn changing(times_go_on: bool) -> Vec<u8> {
    let ffmpeg = ffmpeg::locate().unwrap().path;
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for (n, (width, height)) in SIZES.into_iter().enumerate() {
        let path = folder.path().join("part.ts");
        let (clock, size) = (servers::script("clock.py"), format!("{width}x{height}"));
        let raw = Command::new("/usr/bin/python3")
            .arg(clock)
            .args([width.to_string(), height.to_string(), "25".into(), "0.99".into()])
            .output()
            .unwrap()
            .stdout;
        let format = ["yuv420p", "yuv444p", "yuv420p"][n];
        let offset = if times_go_on { n as f64 } else { 0.0 }.to_string();
        let mut program = Command::new(&ffmpeg)
            .args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", &size])
            .args(["-framerate", "25", "-i", "pipe:0", "-c:v", "libx264", "-preset", "ultrafast"])
            .args(["-tune", "zerolatency", "-pix_fmt", format, "-output_ts_offset", &offset, "-f", "mpegts"])
            .arg(&path)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(&raw).unwrap();
        assert!(program.wait().unwrap().success());
        all.extend(std::fs::read(path).unwrap());
    }
    all
}

/// Serves `bytes` to whoever asks, as a stream that has no length.
fn serve(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://127.0.0.1:{}/live.ts", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head).and_then(|()| stream.write_all(&bytes));
        }
    });
    address
}

fn has_python() -> bool {
    let is_there = std::path::Path::new("/usr/bin/python3").exists();
    if !is_there {
        println!("skipped: /usr/bin/python3 is missing");
    }
    is_there
}

/// Reads all there is; gives the sizes in their order and how many pictures each had.
fn sizes(address: &str, stats: &Stats) -> Vec<((u32, u32), usize)> {
    let mut source = source::open(&address.parse().unwrap(), &SourceOptions::default(), stats).unwrap();
    let pool = FramePool::new(16 << 20);
    let mut seen: Vec<((u32, u32), usize)> = Vec::new();
    let mut last = None;
    while let Ok(Some(frame)) = source.next_frame(&pool) {
        let size = (frame.width, frame.height);
        assert!(servers::age(&frame).is_some(), "a picture of {size:?} is not whole after {seen:?}");
        assert!(last.is_none_or(|last| last < frame.timestamp), "{last:?}, {:?}", frame.timestamp);
        last = Some(frame.timestamp);
        match seen.last_mut() {
            Some((same, count)) if *same == size => *count += 1,
            _ => seen.push((size, 1)),
        }
    }
    seen
}

#[test]
fn a_stream_whose_pictures_change_size_gives_whole_pictures_of_each() {
    if !has_python() {
        return;
    }
    for times_go_on in [true, false] {
        let stats = Stats::default();
        let seen = sizes(&serve(changing(times_go_on)), &stats);
        assert_eq!(seen.iter().map(|(size, _)| *size).collect::<Vec<_>>(), SIZES);
        // Where one stream was cut off and the next begins, a picture or two may go.
        assert!(seen.iter().all(|(_, count)| (EACH - 3..=EACH).contains(count)), "{seen:?}");
        assert_eq!(stats.counter("source_size_changes"), 2);
    }
}

#[test]
fn the_same_over_udp() {
    if !has_python() {
        return;
    }
    let port = servers::free_udp_port();
    let address = format!("udp://127.0.0.1:{port}");
    let reader = std::thread::spawn(move || {
        let stats = Stats::default();
        (sizes(&address, &stats), stats.counter("source_size_changes"))
    });
    std::thread::sleep(std::time::Duration::from_millis(1000));
    // As a sender would: seven packets of MPEG-TS in a datagram, in real time.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let bytes = changing(true);
    for datagram in bytes.chunks(7 * 188) {
        socket.send_to(datagram, ("127.0.0.1", port)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    // Then it is silent, and the reader gives it up.
    let (seen, changes) = reader.join().unwrap();
    assert_eq!(seen.iter().map(|(size, _)| *size).collect::<Vec<_>>(), SIZES);
    assert_eq!(changes, 2);
}
