//! Secrets of an address are told to nobody, and a stream does not get at what is not its own.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use masque::frame::FramePool;
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;

use super::servers;

const USER: &str = "camerauser";
const SECRET: &str = "hunter2hunter2";
const TOKEN: &str = "t0kenT0kenT0ken";

/// A web server that answers everything with `head` and `body`.
fn web(head: &'static str, body: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[track_caller]
fn assert_tells_no_secret(text: &str) {
    for secret in [USER, SECRET, TOKEN] {
        assert!(!text.contains(secret), "{secret} is told: {text}");
    }
}

/// All that a person could see of a source that cannot be opened.
fn failure_of(address: &str) -> String {
    let uri: SourceUri = address.parse().unwrap();
    let stats = Stats::default();
    let error = source::open(&uri, &SourceOptions::default(), &stats).map(|_| ()).unwrap_err();
    format!("{uri} {uri:?} {error} {error:?}")
}

#[test]
fn no_message_repeats_a_password() {
    let gone = servers::free_port();
    let forbids = web("403 Forbidden", String::new());
    let asks = web("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"", String::new());
    let leads_away = web(
        "302 Found\r\nLocation: http://camerauser:hunter2hunter2@127.0.0.1:1/?k=t0kenT0kenT0ken",
        String::new(),
    );
    let nonsense = web("200 OK\r\nContent-Type: video/mp4", format!("{SECRET} {TOKEN} is no video"));
    let playlist = web(
        "200 OK\r\nContent-Type: application/vnd.apple.mpegurl",
        format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://{USER}:{SECRET}@127.0.0.1:{gone}/s.ts?t={TOKEN}\n"
        ),
    );
    for (scheme, port) in [
        ("rtsp", gone),
        ("rtsp-udp", gone),
        ("http", gone),
        ("rtmp", gone),
        ("srt", free_udp()),
        ("tcp", gone),
        ("http", forbids),
        ("http", asks),
        ("http", leads_away),
        ("http", nonsense),
        ("http", playlist),
        ("rtsp", forbids),
        ("rtmp", nonsense),
    ] {
        let seen =
            failure_of(&format!("{scheme}://{USER}:{SECRET}@127.0.0.1:{port}/live.m3u8?token={TOKEN}"));
        println!("{seen}");
        assert_tells_no_secret(&seen);
    }
    for wrong in [
        format!("rtsp:/{USER}:{SECRET}@host/x"),
        format!("rtsp://{USER}:{SECRET} @host"),
        format!("rtsq://{USER}:{SECRET}@host"),
    ] {
        let error = wrong.parse::<SourceUri>().map(|_| ()).unwrap_err();
        assert_tells_no_secret(&format!("{error} {error:?}"));
    }
}

fn free_udp() -> u16 {
    servers::free_udp_port()
}

#[test]
fn a_camera_with_a_password_is_opened_and_nobody_learns_it() {
    if !servers::has_rtsp() {
        return;
    }
    let port = servers::free_port();
    let _server = servers::rtsp(port, (320, 180), 25, &[USER, SECRET]);
    let wrong = failure_of(&format!("rtsp://{USER}:{TOKEN}@127.0.0.1:{port}/live"));
    assert_tells_no_secret(&wrong);
    assert!(wrong.contains("user name and password"), "{wrong}");
    let uri: SourceUri = format!("rtsp://{USER}:{SECRET}@127.0.0.1:{port}/live").parse().unwrap();
    let stats = Stats::default();
    let mut source = source::open(&uri, &SourceOptions::default(), &stats).unwrap();
    let pool = FramePool::new(16 << 20);
    for _ in 0..10 {
        let frame = source.next_frame(&pool).unwrap().unwrap();
        assert!(servers::age(&frame).is_some());
    }
    // The server of this test is given them on its command line; our child is not.
    let processes = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
    let children: Vec<&str> =
        processes.lines().filter(|line| line.contains("rawvideo") && line.contains("showinfo")).collect();
    assert!(!children.is_empty());
    children.iter().for_each(|child| assert_tells_no_secret(child));
    assert_tells_no_secret(&format!("{:?}", source.info()));
}

#[test]
fn a_hostile_playlist_does_not_read_files_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("private.ts");
    let args = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10:duration=2", "-f", "mpegts"];
    let ffmpeg = masque::ffmpeg::locate().unwrap().path;
    assert!(Command::new(ffmpeg).args(args).arg(&secret).status().unwrap().success());
    let path = secret.display();
    for (kind, lists) in [
        (
            "application/vnd.apple.mpegurl",
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{path}\n#EXT-X-ENDLIST\n"),
        ),
        (
            "application/vnd.apple.mpegurl",
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nconcat:{path}\n#EXT-X-ENDLIST\n"),
        ),
        ("text/plain", format!("ffconcat version 1.0\nfile 'file:{path}'\n")),
        ("text/plain", format!("ffconcat version 1.0\nfile '{path}'\n")),
    ] {
        let head = format!("200 OK\r\nContent-Type: {kind}");
        for user in ["", "u:longpassword@"] {
            let port = web(Box::leak(head.clone().into_boxed_str()), lists.clone());
            let seen = failure_of(&format!("http://{user}127.0.0.1:{port}/live.m3u8"));
            println!("{seen}");
            assert!(seen.contains("may not read") || seen.contains("no video"), "{seen}");
        }
    }
}

#[test]
fn what_waits_to_be_sent_pictures_can_be_given_up() {
    for scheme in ["rtmp-listen", "tcp-listen", "http-listen", "srt-listen", "udp", "rtp"] {
        let port =
            if ["srt-listen", "udp", "rtp"].contains(&scheme) { free_udp() } else { servers::free_port() };
        let uri: SourceUri = format!("{scheme}://127.0.0.1:{port}/live/x").parse().unwrap();
        let cancel = source::Cancel::default();
        let waiting = {
            let cancel = cancel.clone();
            std::thread::spawn(move || {
                let opened = source::open_unless_cancelled(
                    &uri,
                    &SourceOptions::default(),
                    &Stats::default(),
                    &cancel,
                );
                opened.map(|_| ()).unwrap_err()
            })
        };
        std::thread::sleep(Duration::from_millis(700));
        assert!(!waiting.is_finished(), "{scheme}: {:?}", waiting.join());
        cancel.cancel();
        let error = waiting.join().unwrap();
        assert!(error.is_cancelled(), "{scheme}: {error}");
    }
}
