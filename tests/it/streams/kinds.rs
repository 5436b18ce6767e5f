//! Every kind of stream gives its pictures, whole and in order.

use std::time::{Duration, Instant};

use masque::frame::{Frame, FramePool};
use masque::source::{self, FrameSource, SourceOptions, SourceUri};
use masque::stats::Stats;

use super::servers::{self, Server};

const SIZE: (u32, u32) = (640, 360);
const RATE: u32 = 25;
const PICTURES: usize = 50;
/// What a camera does, more or less: H.264 without a delay, a key frame every second.
const H264: &[&str] =
    &["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"];
const TS: &[&str] = &["-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1"];

fn open(address: &str) -> Box<dyn FrameSource> {
    let uri: SourceUri = address.parse().unwrap();
    // A server that was started a moment ago may not listen yet.
    for _ in 0..100 {
        match source::open(&uri, &SourceOptions::default(), &Stats::default()) {
            Ok(source) => return source,
            Err(error) if error.to_string().contains("nothing answers") => {
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("{address} never opens");
}

/// Takes pictures, checks each, and prints how old they were.
fn watch(address: &str, source: &mut dyn FrameSource) {
    let info = source.info().clone();
    assert!(info.live, "{info:?}");
    assert_eq!((info.width, info.height), SIZE);
    let pool = FramePool::new(16 << 20);
    let mut ages = Vec::new();
    let mut last: Option<Frame> = None;
    while ages.len() < PICTURES {
        let frame = source.next_frame(&pool).unwrap().expect("it goes on");
        let age =
            servers::age(&frame).unwrap_or_else(|| panic!("{address}: picture {} is not whole", ages.len()));
        ages.push(age);
        assert!(last.is_none_or(|last| last.timestamp < frame.timestamp));
        last = Some(frame);
    }
    // The first ones waited while the stream was looked at.
    let late = &mut ages[PICTURES / 2..];
    late.sort();
    println!(
        "{address}: pictures are {:?} old (median of the last 25; worst {:?})",
        late[late.len() / 2],
        late[late.len() - 1]
    );
}

/// A sender that is started before the receiver.
fn pulled(address: &str, sender: Server) {
    watch(address, open(address).as_mut());
    drop(sender);
}

/// A receiver that waits for its sender.
fn pushed(address: &str, send: impl FnOnce() -> Server) {
    let source = {
        let address = address.to_owned();
        std::thread::spawn(move || open(&address))
    };
    // Most senders give up at once where nobody listens.
    std::thread::sleep(Duration::from_millis(1500));
    let sender = send();
    watch(address, source.join().unwrap().as_mut());
    drop(sender);
}

fn clock(args: &[&str]) -> Server {
    servers::clock_sends(SIZE, RATE, &[H264, args].concat())
}

#[test]
fn rtsp_over_tcp_and_udp() {
    if !servers::has_rtsp() {
        return;
    }
    let port = servers::free_port();
    let _server = servers::rtsp(port, SIZE, RATE, &[]);
    for scheme in ["rtsp", "rtsp-udp"] {
        let address = format!("{scheme}://127.0.0.1:{port}/live");
        watch(&address, open(&address).as_mut());
    }
}

#[test]
fn mpeg_ts_over_http() {
    let address = format!("http://127.0.0.1:{}/live.ts", servers::free_port());
    pulled(&address, clock(&[TS, &["-listen", "1", &address]].concat()));
}

#[test]
fn motion_jpeg_over_http() {
    let address = format!("http://127.0.0.1:{}/video.mjpg", servers::free_port());
    let mjpeg = ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-f", "mpjpeg", "-flush_packets", "1"];
    let kind = ["-content_type", "multipart/x-mixed-replace;boundary=ffmpeg", "-listen", "1", &address];
    pulled(&address, servers::clock_sends(SIZE, RATE, &[&mjpeg[..], &kind].concat()));
}

#[test]
fn live_hls_is_played_at_its_own_speed() {
    let folder = tempfile::tempdir().unwrap();
    let port = servers::free_port();
    let _web = servers::files(port, folder.path());
    let list = folder.path().join("live.m3u8");
    let pieces = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments"];
    let _sender = clock(&[&pieces, &[list.to_str().unwrap()][..]].concat());
    while std::fs::read_to_string(&list).map_or(0, |list| list.matches("#EXTINF").count()) < 3 {
        std::thread::sleep(Duration::from_millis(100));
    }
    for user in ["", "user:longpassword@"] {
        let address = format!("http://{user}127.0.0.1:{port}/live.m3u8");
        let mut source = open(&address);
        let start = Instant::now();
        watch(&address, source.as_mut());
        // Two seconds of pictures, of which a part may have been there already.
        assert!(start.elapsed() > Duration::from_millis(1200), "{:?}", start.elapsed());
    }
}

#[test]
fn rtmp_asked_for_and_sent() {
    let port = servers::free_port();
    let server = format!("rtmp://127.0.0.1:{port}/live/show");
    pulled(&server, clock(&["-f", "flv", "-listen", "1", &server]));
    let port = servers::free_port();
    let target = format!("rtmp://127.0.0.1:{port}/live/show");
    pushed(&format!("rtmp-listen://127.0.0.1:{port}/live/show"), || clock(&["-f", "flv", &target]));
}

#[test]
fn srt_asked_for_and_sent() {
    if !servers::speaks("srt") {
        return;
    }
    let port = servers::free_udp_port();
    let server = format!("srt://127.0.0.1:{port}?mode=listener");
    pulled(&format!("srt://127.0.0.1:{port}"), clock(&[TS, &[&server]].concat()));
    let port = servers::free_udp_port();
    let target = format!("srt://127.0.0.1:{port}");
    pushed(&format!("srt-listen://127.0.0.1:{port}"), || clock(&[TS, &[&target]].concat()));
}

#[test]
fn mpeg_ts_over_udp_tcp_and_http_sent() {
    let port = servers::free_udp_port();
    let target = format!("udp://127.0.0.1:{port}?pkt_size=1316");
    pushed(&format!("udp://127.0.0.1:{port}"), || clock(&[TS, &[&target]].concat()));
    let target = format!("tcp://127.0.0.1:{}", servers::free_port());
    pushed(&target.replace("tcp:", "tcp-listen:"), || clock(&[TS, &[&target]].concat()));
    let target = format!("http://127.0.0.1:{}/live.ts", servers::free_port());
    pushed(&target.replace("http:", "http-listen:"), || clock(&[TS, &["-method", "POST", &target]].concat()));
    let server = format!("tcp://127.0.0.1:{}", servers::free_port());
    pulled(&server, clock(&[TS, &[&format!("{server}?listen=1")]].concat()));
}
