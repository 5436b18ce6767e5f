//! Servers on loopback, and what their pictures show.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use masque::ffmpeg;
use masque::frame::{Frame, frame_to_rgba};

/// The Python that has GStreamer's bindings.
const PYTHON: &str = "/usr/bin/python3";
/// Bits that a picture of `clock.py` shows, and how many stand in a row.
const BITS: u32 = 24;
const PER_ROW: u32 = 12;

/// Programs that end when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    programs: Vec<Child>,
    _lines: Option<Box<BufReader<std::process::ChildStdout>>>,
}

impl Server {
    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
    }

    /// Sends `signal`, for example `STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        for program in &self.programs {
            let pid = program.id().to_string();
            assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port on which nobody listens now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The same for UDP.
pub(crate) fn free_udp_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(name)
}

/// Whether GStreamer's RTSP server is installed; says so where it is not.
pub(crate) fn has_rtsp() -> bool {
    let asks =
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
    let asked = Command::new(PYTHON).args(["-c", asks]).stderr(Stdio::null()).status();
    let is_there = asked.is_ok_and(|status| status.success());
    if !is_there {
        println!("skipped: GStreamer's RTSP server is missing (gir1.2-gst-rtsp-server-1.0, python3-gi)");
    }
    is_there
}

/// An RTSP server whose stream is `rtsp://127.0.0.1:port/live`; it has its port when this returns.
pub(crate) fn rtsp(port: u16, (width, height): (u32, u32), rate: u32, secrets: &[&str]) -> Server {
    let mut program = Command::new(PYTHON)
        .arg(script("rtsp.py"))
        .args([port.to_string(), width.to_string(), height.to_string(), rate.to_string()])
        .args(secrets)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = Box::new(BufReader::new(program.stdout.take().unwrap()));
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready");
    Server { programs: vec![program], _lines: Some(lines) }
}

/// Whether ffmpeg speaks `protocol`; says so where it does not.
pub(crate) fn speaks(protocol: &str) -> bool {
    let listed =
        Command::new(ffmpeg::locate().unwrap().path).args(["-hide_banner", "-protocols"]).output().unwrap();
    let does = String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.trim() == protocol);
    if !does {
        println!("skipped: this ffmpeg does not speak {protocol}");
    }
    does
}

/// A web server of Python's for the files of `folder`.
pub(crate) fn files(port: u16, folder: &std::path::Path) -> Server {
    let program = Command::new(PYTHON)
        .args(["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1", "--directory"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Server { programs: vec![program], _lines: None }
}

/// ffmpeg that sends pictures of `clock.py`, encoded and packed as `args` say.
pub(crate) fn clock_sends((width, height): (u32, u32), rate: u32, args: &[&str]) -> Server {
    let mut clock = Command::new(PYTHON)
        .arg(script("clock.py"))
        .args([width.to_string(), height.to_string(), rate.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pictures = clock.stdout.take().unwrap();
    let size = format!("{width}x{height}");
    let rate = rate.to_string();
    let input =
        ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", &size, "-framerate", &rate, "-i", "pipe:0"];
    let sender = ffmpeg_with(&[&input, args].concat(), pictures.into());
    Server { programs: vec![sender, clock], _lines: None }
}

fn ffmpeg_with(args: &[&str], input: Stdio) -> Child {
    let program = ffmpeg::locate().unwrap().path;
    Command::new(program)
        .args(["-v", "error", "-nostats", "-y"])
        .args(args)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How old a picture of `clock.py` is; none of one that shows something else, or is torn.
pub(crate) fn age(frame: &Frame) -> Option<Duration> {
    let mut rgba = Vec::new();
    frame_to_rgba(frame, &mut rgba).unwrap();
    let pixel = |x: u32, y: u32| -> [u8; 3] {
        let at = ((y * frame.width + x) * 4) as usize;
        [rgba[at], rgba[at + 1], rgba[at + 2]]
    };
    let side = frame.width / PER_ROW;
    let mut shown = 0_u64;
    for bit in 0..BITS {
        let x = bit % PER_ROW * side + side / 2;
        let row = bit / PER_ROW * (frame.height / 4);
        // At the top and at the bottom of its square: they differ in a picture that is shifted.
        let [above, below] = [frame.height / 16, frame.height * 3 / 16].map(|y| pixel(x, row + y)[1]);
        let is_set = match (above, below) {
            (a, b) if a > 150 && b > 150 => true,
            (a, b) if a < 100 && b < 100 => false,
            _ => return None,
        };
        shown |= u64::from(is_set) << bit;
    }
    let ground = pixel(frame.width / 2, frame.height * 3 / 4);
    let is_small = frame.width < 400;
    let is_right = if is_small { ground[2] > ground[0] } else { ground[0] > ground[2] };
    if !is_right {
        return None;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64 % (1 << BITS);
    Some(Duration::from_millis((now + (1 << BITS) - shown) % (1 << BITS)))
}

/// What this process holds of the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means {
    files: u64,
    threads: u64,
    memory: u64,
    pub(crate) children: usize,
}

impl Means {
    pub(crate) fn now() -> Self {
        let handles = masque::memory::handles();
        Self {
            files: handles.files.unwrap_or(0),
            threads: handles.threads.unwrap_or(0),
            memory: masque::memory::resident_bytes().unwrap_or(0),
            children: readers(),
        }
    }

    /// Fails when more is held than `before`, give or take `memory` bytes.
    #[track_caller]
    pub(crate) fn assert_no_growth(&self, before: &Self, memory: u64) {
        if self.files > before.files {
            let open = std::fs::read_dir("/proc/self/fd").unwrap();
            open.flatten()
                .for_each(|file| println!("{:?} {:?}", file.file_name(), std::fs::read_link(file.path())));
        }
        assert!(self.files <= before.files, "files: {before:?}, {self:?}");
        assert!(self.threads <= before.threads, "threads: {before:?}, {self:?}");
        assert!(self.children <= before.children, "children: {before:?}, {self:?}");
        assert!(self.memory <= before.memory + memory, "memory: {before:?}, {self:?}");
    }
}

/// Children of this process that read a source, or that nobody has waited for.
fn readers() -> usize {
    let own = std::process::id().to_string();
    let listed = Command::new("ps").args(["--ppid", &own, "-o", "stat=,args="]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    listed.lines().filter(|line| line.contains("showinfo") || line.starts_with('Z')).count()
}
