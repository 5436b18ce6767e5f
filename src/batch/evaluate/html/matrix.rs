//! The confusion matrix as SVG.

use std::fmt::{self, Write as _};

use super::escaped;
use crate::batch::evaluate::evaluation::Evaluation;

/// Classes that are shown at most.
const MOST: usize = 40;
/// Classes up to which counts are written into their cells.
const WITH_COUNTS: usize = 24;

/// Classes with boxes or detections, those with the most first, and what is not there.
pub(super) fn matrix(page: &mut String, evaluation: &Evaluation) -> fmt::Result {
    let counts = &evaluation.confusion.counts;
    let nothing = evaluation.confusion_classes.len();
    let total = |class: usize| -> u64 {
        counts[class].iter().sum::<u64>() + counts.iter().map(|row| row[class]).sum::<u64>()
    };
    let mut classes: Vec<usize> = (0..nothing).filter(|&class| total(class) > 0).collect();
    classes.sort_by_key(|&class| std::cmp::Reverse(total(class)));
    let hidden = classes.len().saturating_sub(MOST);
    classes.truncate(MOST);
    classes.push(nothing);
    let name = |class: usize| evaluation.confusion_classes.get(class).map_or("nothing", String::as_str);

    let has_counts = classes.len() <= WITH_COUNTS + 1;
    let (side, margin) = (if has_counts { 38.0 } else { 20.0 }, 150.0);
    let size = side * classes.len() as f64;
    let (width, height) = (margin + size + 4.0, margin + size + 4.0);
    write!(
        page,
        "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px;min-width:{:.0}px\" role=\"img\" \
         aria-label=\"Confusion matrix\">",
        width * 0.7
    )?;
    let middle = margin + size / 2.0;
    write!(
        page,
        "<text x=\"{middle:.1}\" y=\"14\" text-anchor=\"middle\">found</text>\
         <text transform=\"translate(14 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">truth</text>"
    )?;
    for (at, &class) in classes.iter().enumerate() {
        let (middle, text) = (margin + side * (at as f64 + 0.5), short(name(class)));
        write!(
            page,
            "<text class=\"strong\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>\
             <text class=\"strong\" transform=\"translate({:.1} {:.1}) rotate(-90)\">{text}</text>",
            margin - 6.0,
            middle + 4.0,
            middle + 4.0,
            margin - 6.0
        )?;
    }
    for (row, &there) in classes.iter().enumerate() {
        let all: u64 = counts[there].iter().sum();
        for (column, &found) in classes.iter().enumerate() {
            let (x, y) = (margin + side * column as f64, margin + side * row as f64);
            let many = counts[there][found];
            let share = many as f64 / all.max(1) as f64;
            let about = format!("{}, found as {}: {many}", name(there), name(found));
            write!(
                page,
                "<g><title>{}</title><rect class=\"bare\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{side}\" height=\"{side}\"/>",
                escaped(&about)
            )?;
            if many > 0 {
                // What is there at all is seen.
                let opacity = 0.06 + 0.94 * share;
                write!(
                    page,
                    "<rect class=\"cell\" fill-opacity=\"{opacity:.2}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{side}\" \
                     height=\"{side}\"/>"
                )?;
            }
            if many > 0 && has_counts {
                let class = if share > 0.5 { "on" } else { "strong" };
                write!(
                    page,
                    "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{many}</text>",
                    x + side / 2.0,
                    y + side / 2.0 + 4.0
                )?;
            }
            page.push_str("</g>");
        }
    }
    page.push_str("</svg>\n");
    if hidden > 0 {
        writeln!(page, "<p>{hidden} classes with fewer boxes and detections are in the JSON only.</p>")?;
    }
    Ok(())
}

fn short(name: &str) -> String {
    const MOST: usize = 18;
    if name.chars().count() <= MOST {
        return escaped(name);
    }
    let cut: String = name.chars().take(MOST - 1).chain(['…']).collect();
    escaped(&cut)
}
