//! An evaluation as one page: no scripts, nothing from a network, light and dark as the reader's system is.

mod curves;
mod matrix;

use std::fmt::{self, Write as _};

use super::evaluation::{ClassReport, Evaluation};
use super::terminal::{Share, remarks};

/// Classes whose curves are drawn one by one, those with the most boxes.
const CURVES: usize = 24;

/// The page; `truth` is what the ground truth is called.
pub fn html(evaluation: &Evaluation, truth: &str) -> String {
    let mut page = String::with_capacity(64 << 10);
    // Writing into a string does not fail.
    let _ = write_page(&mut page, evaluation, truth);
    page
}

fn write_page(page: &mut String, evaluation: &Evaluation, truth: &str) -> fmt::Result {
    let Evaluation { images, summary, iou, confidence, tally, classes, .. } = evaluation;
    let truth = escaped(truth);
    write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Detections against {truth}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <h1>Detections against {truth}</h1>\n\
         <p>{} detections, {images} images, {} classes with something to find. Means over classes, as COCO defines them.</p>\n\
         <div class=\"tiles\">",
        include_str!("style.css"),
        tally.compared,
        classes.iter().filter(|class| class.truth > 0).count(),
    )?;
    for (name, value) in summary.values() {
        write!(page, "<div><span>{name}</span><b>{}</b></div>", Share(value))?;
    }
    page.push_str("</div>\n<div class=\"plots\">\n<section>\n<h2>Precision by recall</h2>\n");
    page.push_str("<p>Mean over classes; each line is an overlap that a detection needs to be right.</p>\n");
    curves::by_overlap(page, evaluation)?;
    page.push_str("</section>\n<section>\n<h2>By confidence</h2>\n");
    writeln!(page, "<p>All classes together, at an overlap of {iou:.2}.{}</p>", best(evaluation))?;
    curves::by_confidence(page, evaluation)?;
    page.push_str("</section>\n</div>\n");
    classes_table(page, evaluation)?;
    class_curves(page, evaluation)?;
    write!(
        page,
        "<h2>What is taken for what</h2>\n<p>Rows are the truth, columns what was found, from confidence {confidence:.2} on \
         and at an overlap of {iou:.2}. The stronger the colour, the larger the share of its row. The last row is what was found where \
         nothing is, the last column what was missed.</p>\n<div class=\"scroll\">"
    )?;
    matrix::matrix(page, evaluation)?;
    page.push_str("</div>\n<h2>What was compared</h2>\n<ul>");
    for remark in remarks(evaluation) {
        write!(page, "<li>{}</li>", escaped(&remark))?;
    }
    page.push_str("</ul>\n</body>\n</html>\n");
    Ok(())
}

/// Where all classes together do best.
fn best(evaluation: &Evaluation) -> String {
    let rates = evaluation.by_confidence.iter();
    match rates.reduce(|best, next| if next.f1 > best.f1 { next } else { best }) {
        Some(best) if best.f1 > 0.0 => {
            format!(" F1 is best from {:.2} on: {:.3}.", best.confidence, best.f1)
        }
        _ => String::new(),
    }
}

fn classes_table(page: &mut String, evaluation: &Evaluation) -> fmt::Result {
    write!(
        page,
        "<h2>Classes</h2>\n<p>Precision, recall and F1 from confidence {:.2} on, at an overlap of {:.2}; in the last column the \
         confidence from which on F1 is best.</p>\n<div class=\"scroll\"><table>\n<tr><th>class<th>truth<th>found<th>AP<th>\
         <th>AP50<th>AP75<th>small<th>medium<th>large<th>AR<th>precision<th>recall<th>F1<th>best from</tr>\n",
        evaluation.confidence, evaluation.iou
    )?;
    for class in evaluation.told() {
        let ClassReport {
            name, truth, detections, ap, ap50, ap75, ap_by_size, ar100, at_point, best, ..
        } = class;
        let bar = (ap.max(0.0) * 100.0).round();
        write!(
            page,
            "<tr><td>{}<td>{truth}<td>{detections}<td>{}<td class=\"bar\"><i style=\"width:{bar}%\"></i>",
            escaped(name),
            Share(*ap)
        )?;
        let [small, medium, large] = ap_by_size;
        let rates = [&at_point.precision, &at_point.recall, &at_point.f1];
        for value in [ap50, ap75, small, medium, large, ar100].into_iter().chain(rates) {
            write!(page, "<td>{}", Share(*value))?;
        }
        let from = if best.f1 > 0.0 { best.confidence } else { -1.0 };
        writeln!(page, "<td>{}</tr>", if from < 0.0 { "-".to_owned() } else { format!("{from:.2}") })?;
    }
    page.push_str("</table></div>\n");
    if let Some(others) = evaluation.others() {
        writeln!(page, "<p>{}</p>", escaped(&others))?;
    }
    Ok(())
}

fn class_curves(page: &mut String, evaluation: &Evaluation) -> fmt::Result {
    let mut classes: Vec<&ClassReport> = evaluation.told().filter(|class| class.truth > 0).collect();
    // Stable: of equals the better one first.
    classes.sort_by_key(|class| std::cmp::Reverse(class.truth));
    let all = classes.len();
    classes.truncate(CURVES);
    let which = if all > CURVES {
        format!("the {CURVES} classes with the most boxes")
    } else {
        "every class".to_owned()
    };
    write!(
        page,
        "<h2>Precision by recall of each class</h2>\n<p>Of {which}, at an overlap of {:.2}.</p>\n<div class=\"small\">\n",
        evaluation.iou
    )?;
    for class in classes {
        curves::of_class(page, class)?;
    }
    page.push_str("</div>\n");
    Ok(())
}

/// Text that stands between tags or in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
