//! The run as a picture: memory over frames, faults as marks.

use std::fmt::Write as _;

use super::report::SoakReport;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 56.0;
/// Colours of stalls, of all other faults, and of the lines.
const STALL: &str = "#d9822b";
const OTHER: &str = "#5c7080";
const LINES: [(&str, &str, &str); 2] =
    [("rss_bytes", "resident", "#2b6cb0"), ("pss_bytes", "proportional", "#38a169")];

/// The plot as SVG.
pub(super) fn svg(report: &SoakReport) -> String {
    let frames = report.run.frames.max(1) as f64;
    let values = |name: &str| -> Vec<(f64, f64)> {
        let value = |name: &str, sample: &super::meter::Sample| Some(sample.values.get(name)? / 1e6);
        report.samples.iter().filter_map(|sample| Some((sample.frame as f64, value(name, sample)?))).collect()
    };
    let most = values("rss_bytes").iter().map(|(_, megabytes)| *megabytes).fold(1.0, f64::max);
    let step = step(most);
    let top = (most / step).ceil() * step;
    let x = |frame: f64| LEFT + (WIDTH - LEFT - RIGHT) * frame / frames;
    let y = |megabytes: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * megabytes / top;
    let (floor, ceiling) = (y(0.0), y(top));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{ceiling}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#eeeeee\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#777777\">warm-up</text>",
        x(report.run.warm_up as f64) - LEFT,
        floor - ceiling,
        LEFT + 4.0,
        ceiling + 14.0
    );
    let mut line = 0.0;
    while line <= top + 1e-9 {
        let at = y(line);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{line} MB</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        );
        line += step;
    }
    for fault in &report.faults {
        let at = x(fault.frame as f64);
        let colour = if fault.fault.starts_with("stall") { STALL } else { OTHER };
        let _ = writeln!(
            svg,
            "<line x1=\"{at:.1}\" y1=\"{:.1}\" x2=\"{at:.1}\" y2=\"{floor:.1}\" stroke=\"{colour}\"><title>{} after \
             {} frames, {:.1} s</title></line>",
            floor - 10.0,
            fault.fault,
            fault.frame,
            fault.seconds
        );
    }
    for (index, (name, label, colour)) in LINES.into_iter().enumerate() {
        let points: String =
            values(name).iter().map(|(frame, mb)| format!("{:.1},{:.1} ", x(*frame), y(*mb))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
             <text x=\"{:.1}\" y=\"24\" fill=\"{colour}\">{label}</text>",
            LEFT + 90.0 * index as f64
        );
    }
    let slope = report
        .slope_mb_per_100k_frames
        .map_or("no slope".to_owned(), |slope| format!("{slope:.2} MB per 100,000 frames after the warm-up"));
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"24\" text-anchor=\"end\">{slope}</text>\
         <text x=\"{LEFT}\" y=\"{:.1}\">0</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} frames, {:.0} s</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{STALL}\">stalls</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{OTHER}\">other faults</text>",
        WIDTH - RIGHT,
        floor + 18.0,
        WIDTH - RIGHT,
        floor + 18.0,
        report.run.frames,
        report.run.seconds,
        LEFT,
        floor + 40.0,
        LEFT + 60.0,
        floor + 40.0
    );
    svg + "</svg>\n"
}

/// A round distance between lines, for about six of them up to `most`.
fn step(most: f64) -> f64 {
    let rough = most / 6.0;
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough)
}
