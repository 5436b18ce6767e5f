//! A loopback server for one file that can misbehave.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does with one request.
#[derive(Clone, Copy)]
pub enum Answer {
    /// All that was asked for, ranges honoured.
    Whole,
    /// As announced, but the connection ends after so many bytes.
    CutAfter(usize),
    /// The whole file although a range was asked for.
    NoRanges,
    /// Not found.
    Missing,
}

/// A loopback server for one file; answers are used up in order, the last one repeats.
pub struct Server {
    /// Address of the file.
    pub url: String,
    requests: Arc<Mutex<Vec<Option<String>>>>,
}

impl Server {
    pub fn start(content: Vec<u8>, answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model.onnx", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let (seen, answers) = (requests.clone(), answers.to_vec());
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let answer = answers[n.min(answers.len() - 1)];
                let range = serve(stream.unwrap(), &content, answer);
                seen.lock().unwrap().push(range);
            }
        });
        Self { url, requests }
    }

    /// The `Range` header of each request so far.
    pub fn ranges(&self) -> Vec<Option<String>> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, content: &[u8], answer: Answer) -> Option<String> {
    let mut range = None;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: ") {
            range = Some(value.to_owned());
        }
    }
    let start = range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let start = start.filter(|_| !matches!(answer, Answer::NoRanges)).unwrap_or(0);
    let (total, body) = (content.len(), content.get(start..).unwrap_or_default());
    let status = match answer {
        Answer::Missing => "404 Not Found".to_owned(),
        _ if start >= total => "416 Range Not Satisfiable".to_owned(),
        _ if start > 0 => {
            format!("206 Partial Content\r\nContent-Range: bytes {start}-{}/{total}", total - 1)
        }
        _ => "200 OK".to_owned(),
    };
    let body = if status.starts_with('4') { &[][..] } else { body };
    let sent = match answer {
        Answer::CutAfter(bytes) => &body[..bytes.min(body.len())],
        _ => body,
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // A client that hangs up early is what some tests are about.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
    range
}
