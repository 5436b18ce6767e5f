//! What the classes of a model are called, and which of them are wanted.

use std::path::Path;

use super::DetectorError;
use super::error::did_you_mean;

/// Most bytes of a file of names.
const LARGEST_FILE: u64 = 1 << 20;

/// The 80 classes of COCO in the order that detectors have them, by the names that most of these were trained with.
pub const COCO_CLASSES: [&str; 80] = [
    "person",
    "bicycle",
    "car",
    "motorbike",
    "aeroplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "sofa",
    "pottedplant",
    "bed",
    "diningtable",
    "toilet",
    "tvmonitor",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
];

/// One name per line of `path`; lines without one at its end do not count.
pub(super) fn from_file(path: &Path) -> Result<Vec<String>, DetectorError> {
    let failed = |source| DetectorError::File { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > LARGEST_FILE {
        return Err(failed(std::io::Error::other("it is larger than a list of names can be")));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok(text.trim_end().lines().map(|line| line.trim().to_owned()).collect())
}

/// Names as Ultralytics' exporter leaves them in a file, a dictionary of Python: `{0: 'person', 1: "bird's nest"}`.
/// None where it is something else, or numbers are left out.
pub(super) fn from_remark(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.split_once(':')?;
        if number.trim().trim_matches(['\'', '"']).parse() != Ok(names.len()) {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (mut name, mut escaped, mut end) = (String::new(), false, None);
        for (at, c) in after.char_indices().skip(1) {
            match c {
                _ if escaped => {
                    name.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == quote => {
                    end = Some(at + 1);
                    break;
                }
                c => name.push(c),
            }
        }
        names.push(name);
        rest = after[end?..].trim_start().trim_start_matches(',').trim_start();
    }
    (!names.is_empty()).then_some(names)
}

/// Names for `count` classes of which nothing is known: those of COCO where it can be that.
pub(super) fn unnamed(count: usize) -> Vec<String> {
    match count {
        80 => COCO_CLASSES.map(str::to_owned).to_vec(),
        _ => (0..count).map(|number| format!("class {number}")).collect(),
    }
}

/// For each class of `names`, whether it is wanted; none where all are.
pub(super) fn wanted(
    asked: &[String],
    names: &[String],
    model: &str,
) -> Result<Option<Vec<bool>>, DetectorError> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut wanted = vec![false; names.len()];
    for class in asked {
        let text = class.trim();
        let named = |name: &String| name.eq_ignore_ascii_case(text);
        let number = text.parse::<usize>().ok().filter(|number| *number < names.len());
        let Some(number) = names.iter().position(named).or(number) else {
            return Err(DetectorError::Class {
                model: model.to_owned(),
                class: text.to_owned(),
                hint: did_you_mean(text, names.iter().map(String::as_str)),
                count: names.len(),
                first: names.first().cloned().unwrap_or_default(),
            });
        };
        wanted[number] = true;
    }
    Ok(Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_python_writes_them() {
        let read = |text| from_remark(text).map(|names| names.join("|"));
        assert_eq!(read("{0: 'person', 1: 'a, b: c'}").as_deref(), Some("person|a, b: c"));
        assert_eq!(read("{'0': \"bird's\", '1': 'it\\'s'}").as_deref(), Some("bird's|it's"));
        for text in ["", "{}", "person", "{1: 'x'}", "{0: 'x', 2: 'y'}", "{0: 'x", "{0: }", "{0: 'ä"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn classes_are_asked_for_by_name_or_number_and_near_names_are_told() {
        let names = unnamed(80);
        let asked = |text: &str| wanted(&[text.to_owned()], &names, "m");
        let chosen = |text| asked(text).unwrap().unwrap().iter().position(|wanted| *wanted);
        assert_eq!(chosen("Person"), Some(0));
        assert_eq!(chosen(" 2 "), Some(2));
        assert!(wanted(&[], &names, "m").unwrap().is_none());
        let error = asked("persn").unwrap_err().to_string();
        assert!(error.contains("did you mean \"person\""), "{error}");
        assert!(asked("80").is_err());
    }
}
