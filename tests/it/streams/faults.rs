//! Servers that die, freeze, crawl and talk nonsense: the source says so in time, and opens again when all is well.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use masque::frame::FramePool;
use masque::source::{self, FrameSource, SourceOptions};
use masque::stats::Stats;

use super::servers::{self, Server};

/// A proxy in front of a server on loopback, through which at most `rate` bytes a second come back.
fn throttled(to: u16, rate: Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, Ok(mut server)) = (client.unwrap(), TcpStream::connect(("127.0.0.1", to)))
            else {
                continue;
            };
            let (mut asks, mut told) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asks, &mut told));
            let rate = rate.clone();
            std::thread::spawn(move || {
                let mut block = [0; 1500];
                while let Ok(read @ 1..) = server.read(&mut block) {
                    if client.write_all(&block[..read]).is_err() {
                        return;
                    }
                    let pause = read as f64 / rate.load(Ordering::Relaxed) as f64;
                    std::thread::sleep(Duration::from_secs_f64(pause));
                }
            });
        }
    });
    port
}

fn open(address: &str) -> Box<dyn FrameSource> {
    source::open(&address.parse().unwrap(), &SourceOptions::default(), &Stats::default()).unwrap()
}

/// A server behind a [`throttled`] line that is wide at first, the line's rate, and what comes through it.
fn behind_a_narrow_line() -> (Server, Arc<AtomicU64>, Box<dyn FrameSource>) {
    let port = servers::free_port();
    let server = servers::rtsp(port, (320, 180), 25, &[]);
    let rate = Arc::new(AtomicU64::new(10_000_000));
    let source = open(&format!("rtsp://127.0.0.1:{}/live", throttled(port, rate.clone())));
    (server, rate, source)
}

fn take(source: &mut dyn FrameSource, count: usize) {
    let pool = FramePool::new(16 << 20);
    for n in 0..count {
        let frame = source.next_frame(&pool).unwrap().expect("it goes on");
        assert!(servers::age(&frame).is_some(), "picture {n} is not whole");
    }
}

/// Reads on until the source fails, which it does by itself.
fn until_it_fails(source: &mut dyn FrameSource) -> String {
    let pool = FramePool::new(16 << 20);
    loop {
        match source.next_frame(&pool) {
            Ok(Some(frame)) => assert!(servers::age(&frame).is_some()),
            Ok(None) => return "it ended".to_owned(),
            Err(error) => return error.to_string(),
        }
    }
}

#[test]
fn a_server_that_dies_or_freezes_is_noticed_and_the_next_one_is_found() {
    if !servers::has_rtsp() {
        return;
    }
    let port = servers::free_port();
    for scheme in ["rtsp", "rtsp-udp"] {
        let address = format!("{scheme}://127.0.0.1:{port}/live");
        let mut server = servers::rtsp(port, (320, 180), 25, &[]);
        let mut source = open(&address);
        take(source.as_mut(), 10);
        server.signal("STOP");
        println!("{scheme}, frozen: {}", until_it_fails(source.as_mut()));
        server.signal("CONT");
        let mut source = open(&address);
        take(source.as_mut(), 10);
        server.kill();
        println!("{scheme}, killed: {}", until_it_fails(source.as_mut()));
        let _server = servers::rtsp(port, (320, 180), 25, &[]);
        take(open(&address).as_mut(), 10);
    }
}

#[test]
fn what_comes_slowly_comes_whole() {
    if !servers::has_rtsp() {
        return;
    }
    let (_server, rate, mut source) = behind_a_narrow_line();
    take(source.as_mut(), 10);
    // A tenth of what the stream needs; then all it wants.
    rate.store(2_000, Ordering::Relaxed);
    take(source.as_mut(), 10);
    rate.store(10_000_000, Ordering::Relaxed);
    take(source.as_mut(), 50);
}

#[test]
fn jitter_does_not_break_pictures() {
    if !servers::has_rtsp() {
        return;
    }
    let (_server, rate, mut source) = behind_a_narrow_line();
    let shaker = std::thread::spawn(move || {
        for n in 0..20 {
            let bytes = [4_000, 10_000_000][n % 2];
            rate.store(bytes, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50 + 37 * (n as u64 % 5)));
        }
    });
    take(source.as_mut(), 60);
    shaker.join().unwrap();
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    // It takes a connection and is silent.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["rtsp", "http", "rtmp", "tcp"] {
        let address = format!("{scheme}://127.0.0.1:{port}/live/x");
        let opened = source::open(&address.parse().unwrap(), &SourceOptions::default(), &Stats::default());
        let sentence = opened.map(|_| ()).unwrap_err().to_string();
        assert!(sentence.contains("in time"), "{sentence}");
    }
}
