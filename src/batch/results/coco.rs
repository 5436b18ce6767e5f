//! COCO JSON: `info`, `categories`, `annotations`, and at the end `images`, in one object.

use std::io::{self, Write};

use super::categories::category_ids;
use super::seen::{Seen, SeenFrames};
use super::text::{Chunks, decimal, integer, natural, scaled};
use super::{FrameResults, Heading, ResultWriter, Tracked};

/// Annotations are written as they come; `images` are told at the end, and kept small until then.
pub(super) struct Coco<W> {
    /// Name of the frames' pictures, as the inside of a JSON string.
    name: String,
    is_still: bool,
    categories: Vec<u32>,
    annotations: u64,
    seen: SeenFrames,
    out: Chunks<W>,
}

impl<W: Write> Coco<W> {
    pub(super) fn new(heading: &Heading<'_>, file: W) -> Self {
        let Heading { name, file: input, classes, is_still, .. } = *heading;
        let categories = category_ids(classes);
        let mut out = Chunks::new(file);
        let text = &mut out.text;
        let quoted = |name: &str| serde_json::Value::from(name).to_string();
        text.extend_from_slice(b"{\"info\":{\"description\":");
        text.extend_from_slice(quoted(&format!("Detections in {input}")).as_bytes());
        text.extend_from_slice(b"},\n\"categories\":[");
        for (place, (id, class)) in categories.iter().zip(classes).enumerate() {
            text.extend_from_slice(if place == 0 { b"\n" } else { b",\n" });
            text.extend_from_slice(b"{\"id\":");
            natural(text, (*id).into(), 10);
            text.extend_from_slice(b",\"name\":");
            text.extend_from_slice(quoted(class).as_bytes());
            text.push(b'}');
        }
        text.extend_from_slice(b"\n],\n\"annotations\":[");
        let picture = quoted(if is_still { input } else { name });
        let name = picture.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
        Self { name, is_still, categories, annotations: 0, seen: SeenFrames::default(), out }
    }

    fn annotation(&mut self, frame: &FrameResults<'_>, found: &Tracked) {
        let Tracked { detection, track } = found;
        let text = &mut self.out.text;
        text.extend_from_slice(if self.annotations == 0 { b"\n" } else { b",\n" });
        self.annotations += 1;
        text.extend_from_slice(b"{\"id\":");
        natural(text, self.annotations, 10);
        text.extend_from_slice(b",\"image_id\":");
        natural(text, frame.frame.saturating_add(1), 10);
        text.extend_from_slice(b",\"category_id\":");
        let class = usize::from(detection.class);
        let category = self.categories.get(class).copied().unwrap_or(u32::from(detection.class) + 1);
        natural(text, category.into(), 10);
        text.extend_from_slice(b",\"bbox\":[");
        let bounds = detection.bounds;
        for (place, edge) in [bounds.x, bounds.y, bounds.width, bounds.height].into_iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            decimal(text, edge.into(), 2);
        }
        text.extend_from_slice(b"],\"area\":");
        let side = |side: f32| scaled(side.into(), 2) as f64 / 100.0;
        decimal(text, side(bounds.width) * side(bounds.height), 4);
        text.extend_from_slice(b",\"iscrowd\":0,\"score\":");
        decimal(text, f64::from(detection.confidence).clamp(0.0, 1.0), 6);
        if let Some(track) = track {
            text.extend_from_slice(b",\"track_id\":");
            integer(text, (*track).into());
        }
        text.push(b'}');
    }
}

impl<W: Write + Send> ResultWriter for Coco<W> {
    fn add(&mut self, frame: &FrameResults<'_>) -> io::Result<()> {
        for found in frame.detections {
            self.annotation(frame, found);
            self.out.drain()?;
        }
        let time = u64::try_from(frame.time.as_millis()).unwrap_or(u64::MAX);
        self.seen.push(Seen { frame: frame.frame, time, size: frame.size })?;
        self.out.write()
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let Self { name, is_still, seen, mut out, .. } = *self;
        out.text.extend_from_slice(b"\n],\n\"images\":[");
        let mut is_first = true;
        seen.each(|Seen { frame, time, size }| {
            let text = &mut out.text;
            text.extend_from_slice(if std::mem::take(&mut is_first) { b"\n" } else { b",\n" });
            text.extend_from_slice(b"{\"id\":");
            natural(text, frame.saturating_add(1), 10);
            text.extend_from_slice(b",\"file_name\":\"");
            text.extend_from_slice(name.as_bytes());
            if !is_still {
                write!(text, "_{frame:06}.jpg")?;
            }
            text.extend_from_slice(b"\",\"width\":");
            natural(text, size.0.into(), 10);
            text.extend_from_slice(b",\"height\":");
            natural(text, size.1.into(), 10);
            text.extend_from_slice(b",\"frame\":");
            natural(text, frame, 10);
            text.extend_from_slice(b",\"time\":");
            decimal(text, time as f64 / 1000.0, 3);
            text.push(b'}');
            out.drain()
        })?;
        out.text.extend_from_slice(b"\n]}\n");
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::ResultFormat;
    use super::super::samples::{found, many, written};

    fn parsed(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn annotations_say_where_and_images_say_when() {
        let time = Duration::from_millis(480);
        let person = found(0, 0.912_345_6, [7.123, 20.0, 100.456, 2.0], Some(3));
        let cat = found(1, f32::NAN, [f32::NAN, f32::INFINITY, 1.0, 2.0], None);
        let file = parsed(&written(
            ResultFormat::Coco,
            &["person", "a \"cat\""],
            &[(12, time, vec![person, cat]), (13, 2 * time, Vec::new())],
        ));
        assert_eq!(file["categories"], json!([{"id": 1, "name": "person"}, {"id": 2, "name": "a \"cat\""}]));
        assert_eq!(
            file["annotations"][0],
            json!({"id": 1, "image_id": 13, "category_id": 1, "bbox": [7.12, 20, 100.46, 2], "area": 200.92,
                   "iscrowd": 0, "score": 0.912_346, "track_id": 3})
        );
        assert!(file["annotations"][1]["track_id"].is_null());
        assert_eq!(file["annotations"][1]["score"], 0);
        assert_eq!(
            file["images"],
            json!([
                {"id": 13, "file_name": "clip_000012.jpg", "width": 640, "height": 360, "frame": 12, "time": 0.48},
                {"id": 14, "file_name": "clip_000013.jpg", "width": 640, "height": 360, "frame": 13, "time": 0.96}
            ])
        );
    }

    #[test]
    fn an_input_without_frames_or_detections_is_a_whole_file() {
        let file = parsed(&written(ResultFormat::Coco, &[], &[]));
        for list in ["categories", "annotations", "images"] {
            assert_eq!(file[list], json!([]));
        }
    }

    #[test]
    fn many_detections_are_all_there() {
        let frames = many();
        let file = parsed(&written(ResultFormat::Coco, &["a", "b", "c", "d"], &frames));
        let annotations = file["annotations"].as_array().unwrap();
        assert_eq!(annotations.len(), 150_000);
        assert_eq!(file["images"].as_array().unwrap().len(), frames.len());
        assert_eq!(annotations.last().unwrap()["image_id"], frames.last().unwrap().0 + 1);
    }
}
