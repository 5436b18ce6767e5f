//! An evaluation for people at a terminal.

use std::fmt::Write as _;

use super::evaluation::{ClassReport, Evaluation};

/// Columns of a class's name.
const NAME: usize = 20;

/// COCO's numbers, a line for each class that has boxes or detections, and what could not be compared; 80 columns at most.
pub fn table(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    let values = evaluation.summary.values();
    for line in values.chunks(3) {
        for (name, value) in line {
            let _ = write!(text, "{name:<10}{:>6}    ", Share(*value).to_string());
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let Evaluation { iou, confidence, .. } = evaluation;
    let _ = write!(
        text,
        "\n{:<NAME$}{:>8}{:>8}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}\n",
        "class", "truth", "found", "AP", "AP50", "AP75", "AR", "prec.", "recall"
    );
    for class in evaluation.told() {
        let ClassReport { truth, detections, ap, ap50, ap75, ar100, at_point, .. } = class;
        let _ = write!(text, "{:<NAME$}{truth:>8}{detections:>8}", short(&class.name));
        for value in [ap, ap50, ap75, ar100, &at_point.precision, &at_point.recall] {
            let _ = write!(text, "{:>7}", Share(*value).to_string());
        }
        text.push('\n');
    }
    if let Some(others) = evaluation.others() {
        let _ = writeln!(text, "{others}");
    }
    let _ = writeln!(text, "prec. and recall from confidence {confidence:.2} on, at an overlap of {iou:.2}");
    for remark in remarks(evaluation) {
        let _ = writeln!(text, "{}", wrapped(&remark));
    }
    text
}

/// What was read and what of it could not be compared, a sentence each.
pub(super) fn remarks(evaluation: &Evaluation) -> Vec<String> {
    let tally = &evaluation.tally;
    let count = |many: u64, one: &str, more: &str| format!("{many} {}", if many == 1 { one } else { more });
    let list = |counts: &std::collections::BTreeMap<&str, u64>| -> String {
        let all: Vec<String> = counts.iter().map(|(what, many)| format!("{many} {what}")).collect();
        all.join(", ")
    };
    let mut remarks = vec![format!(
        "{} compared with {}; read: {}",
        count(tally.compared, "detection", "detections"),
        count(evaluation.images as u64, "image", "images"),
        list(&tally.files)
    )];
    if !tally.passed_over.is_empty() {
        remarks.push(format!("passed over: {}", list(&tally.passed_over)));
    }
    if tally.other_images > 0 {
        let example =
            tally.other_image.as_ref().map_or_else(String::new, |name| format!(", for example {name}"));
        let other = count(tally.other_images, "detection is", "detections are");
        remarks.push(format!("{other} in images that the truth lacks{example}"));
    }
    if tally.ambiguous_images > 0 {
        let ambiguous = count(tally.ambiguous_images, "detection is", "detections are");
        remarks.push(format!("{ambiguous} in images that the truth has several of with the same name"));
    }
    if tally.other_classes > 0 {
        let mut names: Vec<(&String, &u64)> = tally.other_class_names.iter().collect();
        names.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let more = if names.len() > 5 { ", …" } else { "" };
        let first: Vec<String> = names.iter().take(5).map(|(name, many)| format!("{name} {many}")).collect();
        let other = count(tally.other_classes, "detection is", "detections are");
        remarks.push(format!("{other} of classes that the truth lacks: {}{more}", first.join(", ")));
    }
    if let Some(many) = tally.images_not_listed.filter(|&many| many > 0) {
        let images = count(many, "image", "images");
        remarks.push(format!(
            "{images} of the truth are in no file of results; what is in them counts as missed"
        ));
    }
    if evaluation.stray_boxes > 0 {
        let boxes = count(evaluation.stray_boxes, "box", "boxes");
        remarks.push(format!("{boxes} of the truth have an image or a class that it does not list"));
    }
    remarks
}

/// A share with three places; nothing to find is a line.
pub(super) struct Share(pub(super) f64);

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 < 0.0 { f.write_str("-") } else { write!(f, "{:.3}", self.0) }
    }
}

fn short(name: &str) -> String {
    let clean: String = name.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    if clean.chars().count() < NAME {
        return clean;
    }
    clean.chars().take(NAME - 2).chain(['…']).collect()
}

/// The text in lines of 80 columns at most, where it has spaces.
fn wrapped(text: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split(' ') {
        let long = word.chars().count();
        if width > 0 && width + 1 + long > 80 {
            lines.push_str("\n  ");
            width = 2;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += long;
    }
    lines
}
