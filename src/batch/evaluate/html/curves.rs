//! Lines over shares, as SVG.

use std::fmt::{self, Write as _};

use super::escaped;
use crate::batch::evaluate::evaluation::{ClassReport, Evaluation};
use crate::batch::evaluate::matching::thresholds;
use crate::batch::evaluate::terminal::Share;

/// A square in which both axes go from 0 to 1.
struct Axes {
    left: f64,
    top: f64,
    side: f64,
    /// How high it is, where it is no square.
    high: f64,
}

const LARGE: Axes = Axes { left: 40.0, top: 10.0, side: 380.0, high: 290.0 };

impl Axes {
    fn x(&self, share: f64) -> f64 {
        self.left + share * self.side
    }

    fn y(&self, share: f64) -> f64 {
        self.top + (1.0 - share) * self.high
    }

    fn begin(&self, svg: &mut String, label: &str, below: &str) -> fmt::Result {
        let (width, height) = (self.left + self.side + 92.0, self.top + self.high + 40.0);
        write!(svg, "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">", escaped(label))?;
        for step in 0..=4 {
            let share = f64::from(step) / 4.0;
            let (x, y) = (self.x(share), self.y(share));
            write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {:.1}V{:.1}M{:.1} {y:.1}H{:.1}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{share}</text>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share}</text>",
                self.y(0.0),
                self.y(1.0),
                self.x(0.0),
                self.x(1.0),
                self.y(0.0) + 16.0,
                self.x(0.0) - 6.0,
                y + 4.0
            )?;
        }
        write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{below}</text>",
            self.x(0.5),
            self.y(0.0) + 33.0
        )
    }

    /// A line through the values there are, at even steps.
    fn line(
        &self,
        svg: &mut String,
        class: &str,
        opacity: f64,
        values: impl Iterator<Item = f64>,
    ) -> fmt::Result {
        let values: Vec<f64> = values.collect();
        let points = self.points(&values);
        if points.is_empty() {
            return Ok(());
        }
        write!(svg, "<path class=\"curve {class}\" stroke-opacity=\"{opacity:.2}\" d=\"{points}\"/>")
    }

    fn points(&self, values: &[f64]) -> String {
        let last = values.len().saturating_sub(1).max(1) as f64;
        let (mut points, mut is_drawn) = (String::new(), false);
        for (at, &value) in values.iter().enumerate() {
            if value < 0.0 {
                is_drawn = false;
                continue;
            }
            let command = if is_drawn { 'L' } else { 'M' };
            let _ = write!(points, "{command}{:.1} {:.1}", self.x(at as f64 / last), self.y(value));
            is_drawn = true;
        }
        points
    }

    /// Words beside the plot, a colour each.
    fn legend(&self, svg: &mut String, entries: &[(String, &str, f64)]) -> fmt::Result {
        for (line, (text, class, opacity)) in entries.iter().enumerate() {
            let (x, y) = (self.x(1.0) + 10.0, self.top + 12.0 + 19.0 * line as f64);
            write!(
                svg,
                "<path class=\"curve {class}\" stroke-opacity=\"{opacity:.2}\" d=\"M{x:.1} {:.1}h14\"/>\
                 <text x=\"{:.1}\" y=\"{y:.1}\">{text}</text>",
                y - 4.0,
                x + 19.0
            )?;
        }
        Ok(())
    }
}

/// Mean precision at each recall, a line for each overlap.
pub(super) fn by_overlap(page: &mut String, evaluation: &Evaluation) -> fmt::Result {
    LARGE.begin(page, "Precision by recall, a line for each overlap", "recall")?;
    let curves = evaluation.precision_by_recall.iter();
    let opacity = |at: usize| 1.0 - 0.07 * at as f64;
    for (at, curve) in curves.enumerate() {
        LARGE.line(page, "one", opacity(at), curve.iter().copied())?;
    }
    let entries: Vec<(String, &str, f64)> = thresholds()
        .iter()
        .enumerate()
        .map(|(at, overlap)| (format!("{overlap:.2}"), "one", opacity(at)))
        .collect();
    LARGE.legend(page, &entries)?;
    page.push_str("</svg>\n");
    Ok(())
}

/// Precision, recall and F1 from each confidence on.
pub(super) fn by_confidence(page: &mut String, evaluation: &Evaluation) -> fmt::Result {
    LARGE.begin(
        page,
        "Precision, recall and F1 by confidence",
        "confidence from which on a detection counts",
    )?;
    let x = LARGE.x(evaluation.confidence);
    write!(page, "<path class=\"mark\" d=\"M{x:.1} {:.1}V{:.1}\"/>", LARGE.y(0.0), LARGE.y(1.0))?;
    let rates = || evaluation.by_confidence.iter();
    LARGE.line(page, "one", 1.0, rates().map(|rates| rates.precision))?;
    LARGE.line(page, "two", 1.0, rates().map(|rates| rates.recall))?;
    LARGE.line(page, "three", 1.0, rates().map(|rates| rates.f1))?;
    let names = [("precision", "one"), ("recall", "two"), ("F1", "three")];
    LARGE.legend(page, &names.map(|(name, class)| (name.to_owned(), class, 1.0)))?;
    page.push_str("</svg>\n");
    Ok(())
}

/// Precision by recall of one class, small.
pub(super) fn of_class(page: &mut String, class: &ClassReport) -> fmt::Result {
    let axes = Axes { left: 1.0, top: 1.0, side: 150.0, high: 84.0 };
    let name = escaped(&class.name);
    let ap = Share(class.average_at_point());
    write!(
        page,
        "<figure><figcaption><b>{name}</b> {ap} · {} {}</figcaption>\
         <svg viewBox=\"0 0 152 86\" role=\"img\" aria-label=\"Precision by recall of {name}\">\
         <path class=\"grid\" d=\"M{:.1} {:.1}H{:.1}V{:.1}H{:.1}Z\"/>",
        class.truth,
        if class.truth == 1 { "box" } else { "boxes" },
        axes.x(0.0),
        axes.y(0.0),
        axes.x(1.0),
        axes.y(1.0),
        axes.x(0.0)
    )?;
    let points = axes.points(&class.precision_by_recall);
    if !points.is_empty() {
        write!(
            page,
            "<path class=\"area\" d=\"{points}V{:.1}H{:.1}Z\"/><path class=\"curve one\" d=\"{points}\"/>",
            axes.y(0.0),
            axes.x(0.0)
        )?;
    }
    page.push_str("</svg></figure>\n");
    Ok(())
}
