//! JSON Lines: one detection a line, at most [`MOST_BYTES`] each.

use std::io::{self, Write};
use std::time::Duration;

use super::text::{Chunks, decimal, integer, natural, scaled};
use super::{FrameResults, Heading, ResultWriter, Tracked};
use crate::perception::PixelBox;

/// Bytes of a line at most, its end included.
pub const MOST_BYTES: usize = 150;
/// Bytes of a class's name at most, as JSON; a longer one is written as its number.
const CLASS_BYTES: usize = 24;
/// Largest number of a frame and largest time in seconds: what is beyond is written as this (ten years at 30 fps).
const MOST: u64 = 9_999_999_999;
/// Edges of boxes are written up to here.
const EDGE: i64 = 99_999;

/// `{"id":"3f9a1c-1k","frame":12,"time":0.48,"class":"person","conf":0.912,"box":[8,20,100,200],"track":3}`
pub(super) struct JsonLines<W> {
    key: String,
    /// Names as JSON; empty where the number is written.
    classes: Vec<String>,
    number: u64,
    out: Chunks<W>,
}

impl<W: Write> JsonLines<W> {
    pub(super) fn new(heading: &Heading<'_>, file: W) -> Self {
        let name = |class: &String| {
            let quoted = serde_json::Value::from(class.as_str()).to_string();
            if quoted.len() <= CLASS_BYTES + 2 { quoted } else { String::new() }
        };
        Self {
            key: heading.key.chars().filter(char::is_ascii_alphanumeric).take(6).collect(),
            classes: heading.classes.iter().map(name).collect(),
            number: 0,
            out: Chunks::new(file),
        }
    }

    /// A line, by the class's number where its name would make it too long.
    fn shortest(&mut self, frame: &FrameResults<'_>, found: &Tracked) {
        let begin = self.out.text.len();
        self.line(frame, found, true);
        if self.out.text.len() - begin > MOST_BYTES {
            self.out.text.truncate(begin);
            self.line(frame, found, false);
        }
        self.number += 1;
    }

    fn line(&mut self, frame: &FrameResults<'_>, found: &Tracked, is_named: bool) {
        let Tracked { detection, track } = found;
        let text = &mut self.out.text;
        text.extend_from_slice(b"{\"id\":\"");
        text.extend_from_slice(self.key.as_bytes());
        text.push(b'-');
        natural(text, self.number, 36);
        text.extend_from_slice(b"\",\"frame\":");
        natural(text, frame.frame.min(MOST), 10);
        text.extend_from_slice(b",\"time\":");
        decimal(text, hundredths(frame.time), 2);
        text.extend_from_slice(b",\"class\":");
        match self.classes.get(usize::from(detection.class)) {
            Some(name) if is_named && !name.is_empty() => text.extend_from_slice(name.as_bytes()),
            _ => natural(text, detection.class.into(), 10),
        }
        text.extend_from_slice(b",\"conf\":");
        decimal(text, f64::from(detection.confidence).clamp(0.0, 1.0), 3);
        text.extend_from_slice(b",\"box\":[");
        for (place, value) in whole(&detection.bounds).into_iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            integer(text, value);
        }
        text.push(b']');
        if let Some(track) = track {
            text.extend_from_slice(b",\"track\":");
            natural(text, (*track).into(), 10);
        }
        text.extend_from_slice(b"}\n");
    }
}

impl<W: Write + Send> ResultWriter for JsonLines<W> {
    fn add(&mut self, frame: &FrameResults<'_>) -> io::Result<()> {
        for found in frame.detections {
            self.shortest(frame, found);
            self.out.drain()?;
        }
        self.out.write()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// Seconds, to the nearest hundredth.
pub(super) fn hundredths(time: Duration) -> f64 {
    let hundredths = (time.as_millis() + 5) / 10;
    hundredths.min(u128::from(MOST) * 10) as f64 / 100.0
}

/// Left, upper edge, columns and rows; edges are rounded, so boxes that touch still do.
fn whole(bounds: &PixelBox) -> [i64; 4] {
    let edge = |at: f64| scaled(at, 0).clamp(-EDGE, EDGE);
    let (x, y) = (f64::from(bounds.x), f64::from(bounds.y));
    let (left, top) = (edge(x), edge(y));
    let (right, bottom) = (edge(x + f64::from(bounds.width)), edge(y + f64::from(bounds.height)));
    [left, top, right - left, bottom - top]
}

#[cfg(test)]
mod tests {
    use super::super::samples::{found, frame, heading, written};
    use super::super::{ResultFormat, Tracked};
    use super::*;

    fn lines(classes: &[&str], frames: &[(u64, Duration, Vec<Tracked>)]) -> String {
        String::from_utf8(written(ResultFormat::JsonLines, classes, frames)).unwrap()
    }

    #[test]
    fn a_detection_is_a_line() {
        let person = found(0, 0.91249, [7.5, 20.4, 100.2, 199.8], Some(3));
        let cat = found(1, 1.0, [-3.2, 0.0, 10.0, 10.0], None);
        let time = Duration::from_millis(480);
        let text = lines(&["person", "cat"], &[(12, time, vec![person, cat]), (13, time, vec![cat])]);
        assert_eq!(
            text,
            "{\"id\":\"3f9a1c-0\",\"frame\":12,\"time\":0.48,\"class\":\"person\",\"conf\":0.912,\
             \"box\":[8,20,100,200],\"track\":3}\n\
             {\"id\":\"3f9a1c-1\",\"frame\":12,\"time\":0.48,\"class\":\"cat\",\"conf\":1,\"box\":[-3,0,10,10]}\n\
             {\"id\":\"3f9a1c-2\",\"frame\":13,\"time\":0.48,\"class\":\"cat\",\"conf\":1,\"box\":[-3,0,10,10]}\n"
        );
    }

    #[test]
    fn a_line_never_has_more_than_150_bytes_and_is_json() {
        let names =
            ["a name of 24 bytes as is", "\"\u{1}\"\\ quotes and controls", "längere Klasse, 22 B.", ""];
        let long = "a name with so many bytes that it is longer than the whole line may be".repeat(3);
        let classes: Vec<&str> = names.into_iter().chain([&*long]).collect();
        let numbers = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, -99_999.4, 0.0, -0.0];
        let mut all = Vec::new();
        for class in [0, 1, 2, 3, 4, 5, u16::MAX] {
            for value in numbers {
                for other in numbers {
                    all.push(found(class, value, [value, other, other, value], Some(u32::MAX)));
                    all.push(found(class, other, [-99_999.0, value, 199_998.0, other], None));
                }
            }
        }
        let classes: Vec<String> = classes.into_iter().map(str::to_owned).collect();
        let mut lines = JsonLines::new(&heading(&classes), io::sink());
        for time in [Duration::ZERO, Duration::MAX, Duration::from_millis(9_999_999_999_990)] {
            for number in [0, u64::MAX] {
                lines.number = 36_u64.pow(10) - 1 - all.len() as u64;
                for found in &all {
                    lines.out.text.clear();
                    lines.shortest(&frame(number, time, std::slice::from_ref(found)), found);
                    let line = &lines.out.text;
                    assert!(line.len() <= MOST_BYTES, "{}", String::from_utf8_lossy(line));
                    let value: serde_json::Value = serde_json::from_slice(line).unwrap();
                    assert!(value["box"].as_array().unwrap().iter().all(|edge| edge.is_i64()), "{value}");
                    assert!((0.0..=1.0).contains(&value["conf"].as_f64().unwrap()), "{value}");
                }
            }
        }
    }

    #[test]
    fn a_long_name_is_a_number() {
        let person = found(1, 0.5, [0.0; 4], None);
        let text = lines(&["cat", "a name of more than 24 by"], &[(0, Duration::ZERO, vec![person])]);
        assert!(text.contains("\"class\":1,"), "{text}");
    }

    #[test]
    fn boxes_that_touch_touch() {
        let left = PixelBox { x: 0.4, y: 0.0, width: 10.2, height: 1.0 };
        let right = PixelBox { x: 10.6, y: 0.0, width: 10.2, height: 1.0 };
        let ([x, _, width, _], [next, ..]) = (whole(&left), whole(&right));
        assert_eq!(x + width, next);
    }
}
