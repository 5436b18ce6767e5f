//! Comma-separated values: a line of names, then one detection a line.

use std::io::{self, Write};

use super::jsonl::hundredths;
use super::text::{Chunks, decimal, fixed, natural};
use super::{FrameResults, Heading, ResultWriter, Tracked};

/// Columns in their order; Parquet has the same.
pub(super) const COLUMNS: [&str; 11] =
    ["id", "frame", "time", "class_id", "class", "confidence", "x", "y", "width", "height", "track"];

/// Boxes to a tenth of a pixel, confidences to three places; `track` is empty where there is none.
pub(super) struct Csv<W> {
    key: String,
    /// Names, quoted where they have to be.
    classes: Vec<String>,
    number: u64,
    out: Chunks<W>,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(heading: &Heading<'_>, file: W) -> Self {
        let mut out = Chunks::new(file);
        out.text.extend_from_slice(COLUMNS.join(",").as_bytes());
        out.text.push(b'\n');
        let classes = heading.classes.iter().map(|class| field(class)).collect();
        Self { key: field(heading.key), classes, number: 0, out }
    }

    fn line(&mut self, frame: &FrameResults<'_>, found: &Tracked) {
        let Tracked { detection, track } = found;
        let text = &mut self.out.text;
        text.extend_from_slice(self.key.as_bytes());
        text.push(b'-');
        natural(text, self.number, 36);
        text.push(b',');
        natural(text, frame.frame, 10);
        text.push(b',');
        decimal(text, hundredths(frame.time), 2);
        text.push(b',');
        natural(text, detection.class.into(), 10);
        text.push(b',');
        match self.classes.get(usize::from(detection.class)) {
            Some(class) => text.extend_from_slice(class.as_bytes()),
            None => natural(text, detection.class.into(), 10),
        }
        text.push(b',');
        decimal(text, f64::from(detection.confidence).clamp(0.0, 1.0), 3);
        let bounds = detection.bounds;
        for edge in [bounds.x, bounds.y, bounds.width, bounds.height] {
            text.push(b',');
            fixed(text, edge.into(), 1);
        }
        text.push(b',');
        if let Some(track) = track {
            natural(text, (*track).into(), 10);
        }
        text.push(b'\n');
    }
}

impl<W: Write + Send> ResultWriter for Csv<W> {
    fn add(&mut self, frame: &FrameResults<'_>) -> io::Result<()> {
        for found in frame.detections {
            self.line(frame, found);
            self.number += 1;
            self.out.drain()?;
        }
        self.out.write()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// A field as RFC 4180 writes it.
fn field(text: &str) -> String {
    let is_plain = !text.contains([',', '"', '\n', '\r']) && text.trim() == text;
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::ResultFormat;
    use super::super::samples::{found, written};

    #[test]
    fn a_table_has_names_and_a_line_for_each_detection() {
        let time = Duration::from_millis(480);
        let boxed = [7.54, 20.0, 100.25, -0.01];
        let rows = vec![
            found(0, 0.91249, boxed, Some(3)),
            found(1, f32::NAN, boxed, None),
            found(9, 1.0, boxed, None),
        ];
        let text = written(ResultFormat::Csv, &["person", "cup, \"glass\""], &[(12, time, rows)]);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "id,frame,time,class_id,class,confidence,x,y,width,height,track\n\
             3f9a1c-0,12,0.48,0,person,0.912,7.5,20.0,100.3,0.0,3\n\
             3f9a1c-1,12,0.48,1,\"cup, \"\"glass\"\"\",0,7.5,20.0,100.3,0.0,\n\
             3f9a1c-2,12,0.48,9,9,1,7.5,20.0,100.3,0.0,\n"
        );
    }

    #[test]
    fn no_detections_are_a_table_without_lines() {
        let text = written(ResultFormat::Csv, &["person"], &[(0, Duration::ZERO, Vec::new())]);
        assert_eq!(text.iter().filter(|&&byte| byte == b'\n').count(), 1);
    }
}
