//! The kinds of networks that are known, and how each is known by the shapes of its outputs.

use std::fmt;

use super::decode::{Gfl, Grid, Layout, Level};
use super::letterbox::{Feeding, Fit};
use super::probe::{Probe, ProbedOutput};
use crate::frame::PixelNumbers;

/// What an error says is understood.
pub(super) const UNDERSTOOD: &str = "YOLOX (one output [1, cells, 5 + classes]), YOLOv5 (the same with three times the \
     cells), YOLOv8 and YOLO11 ([1, 4 + classes, cells]), YOLOv10 and YOLO26 ([1, boxes, 6]), RT-DETR and D-FINE \
     (labels, boxes and scores; or logits and boxes; or [1, queries, 4 + classes]), NanoDet and PicoDet (scores and \
     distances per stride)";

/// Most boxes of networks that choose them themselves.
const MOST_QUERIES: usize = 2000;

/// A kind of detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Family {
    /// Ge et al., "YOLOX: Exceeding YOLO Series in 2021": boxes as offsets in grids, or in pixels.
    Yolox,
    /// YOLOv5 and what exports as it does: boxes in pixels with an objectness.
    Yolov5,
    /// YOLOv8, YOLO11 and what exports as they do: boxes in pixels, one column each.
    Yolo,
    /// YOLOv10, YOLO26 and others that need no suppression.
    YoloEndToEnd,
    /// RT-DETR, D-FINE, DEIM: boxes of queries.
    Detr,
    /// NanoDet, PicoDet: edges as distributions ("Generalized Focal Loss", Li et al. 2020).
    NanoDet,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yolox => "YOLOX",
            Self::Yolov5 => "YOLOv5",
            Self::Yolo => "YOLOv8/11",
            Self::YoloEndToEnd => "YOLO, end to end",
            Self::Detr => "RT-DETR/D-FINE",
            Self::NanoDet => "NanoDet",
        })
    }
}

impl Family {
    /// How it is fed: float32 NCHW; the order of the channels, the range and the place of the frame are those of the
    /// family's own programs.
    pub(super) fn feeding(self) -> Feeding {
        let (zero, bytes, ones) = ([0.0; 3], [1.0; 3], [255.0; 3]);
        let (fit, bgr, mean, std, pad) = match self {
            Self::Yolox => (Fit::TopLeft, true, zero, bytes, 114),
            Self::Yolov5 | Self::Yolo | Self::YoloEndToEnd => (Fit::Centred, false, zero, ones, 114),
            Self::Detr => (Fit::Stretch, false, zero, ones, 0),
            Self::NanoDet => {
                let (mean, std) = ([103.53, 116.28, 123.675], [57.375, 57.12, 58.395]);
                (Fit::TopLeft, true, mean, std, 0)
            }
        };
        Feeding { fit, numbers: PixelNumbers { bgr, mean, std, pad } }
    }

    /// Whether several boxes of one thing are left for others to sort out.
    pub(super) fn repeats(self) -> bool {
        matches!(self, Self::Yolox | Self::Yolov5 | Self::Yolo | Self::NanoDet)
    }
}

/// What a network is, by what it gave for a grey picture; `names` is the number of classes that its file names.
///
/// # Errors
/// What is different from all that is known, in a few words.
pub(super) fn recognise(probe: &Probe, names: Option<usize>) -> Result<(Family, Layout), String> {
    let outputs = &probe.outputs;
    if let Some(sized) = sized(probe) {
        return Ok((Family::Detr, sized));
    }
    if probe.takes_sizes {
        return Err("it takes the size of the picture, and gives no labels, boxes and scores".to_owned());
    }
    if let Some(gfl) = gfl(probe) {
        return Ok((Family::NanoDet, Layout::Gfl(gfl)));
    }
    if let Some(logits) = logits(outputs) {
        return Ok((Family::Detr, logits));
    }
    if let Some(planes) = planes(probe) {
        return Ok((Family::Yolox, planes));
    }
    let boxes: Vec<usize> = (0..outputs.len()).filter(|i| outputs[*i].shape.len() == 3).collect();
    let [output] = boxes[..] else {
        return Err(format!("{} of its outputs have three dimensions, not one", boxes.len()));
    };
    let ProbedOutput { shape, values, .. } = &outputs[output];
    let [_, rows, columns] = shape[..] else { return Err("it has no output of boxes".to_owned()) };
    let grids = Grid::of(probe.size);
    let cells = |count: usize, times: usize| grids.iter().find(|grid| grid.cells() * times == count);
    let class_count = |room: usize| names.filter(|names| *names <= room).unwrap_or(room);
    if let (Some(grid), true) = (cells(rows, 1), columns >= 6) {
        let in_pixels = grid.is_in_pixels(values, columns);
        let grid = (!in_pixels).then(|| grid.clone());
        return Ok((Family::Yolox, Layout::Rows { output, classes: columns - 5, grid }));
    }
    if cells(rows, 3).is_some() && columns >= 6 {
        return Ok((Family::Yolov5, Layout::Rows { output, classes: class_count(columns - 5), grid: None }));
    }
    if cells(columns, 1).is_some() && rows >= 5 {
        return Ok((Family::Yolo, Layout::Columns { output, classes: class_count(rows - 4) }));
    }
    if columns == 6 && rows <= MOST_QUERIES && names != Some(2) {
        return Ok((Family::YoloEndToEnd, Layout::EndToEnd { output }));
    }
    if columns >= 5 && rows <= MOST_QUERIES {
        return Ok((Family::Detr, Layout::Queries { output, classes: columns - 4 }));
    }
    Err(format!(
        "[{rows}, {columns}] fits none of them at {}×{} pixels, which have {} cells",
        probe.size.0,
        probe.size.1,
        grids.first().map_or(0, Grid::cells)
    ))
}

/// YOLOX's heads as outputs of their own, which `models/import/rewrite` makes of them.
fn planes(probe: &Probe) -> Option<Layout> {
    let outputs = &probe.outputs;
    let classes = *outputs.get(2)?.shape.get(1)?;
    let fits = |grid: &&Grid| {
        let sides = grid.sides().flat_map(|sides| [4, 1, classes].map(|count| (count, sides)));
        let agrees = |(output, (count, [columns, rows])): (&ProbedOutput, (usize, [usize; 2]))| {
            output.shape.len() == 4 && output.shape[1..] == [count, rows, columns]
        };
        outputs.len() == 3 * grid.sides().len() && outputs.iter().zip(sides).all(agrees)
    };
    let grid = Grid::of(probe.size).iter().find(fits).cloned()?;
    (classes > 0).then_some(Layout::Planes { classes, grid })
}

/// RT-DETR and D-FINE with their post-processing: labels, boxes and scores.
fn sized(probe: &Probe) -> Option<Layout> {
    let outputs = &probe.outputs;
    let named = |name: &str| outputs.iter().position(|output| output.name == name);
    let (labels, boxes, scores) = (named("labels")?, named("boxes")?, named("scores")?);
    let fits = outputs[labels].is_i64
        && matches!(outputs[boxes].shape[..], [_, _, 4])
        && outputs[scores].shape.len() == 2
        && probe.takes_sizes;
    fits.then_some(Layout::Sized { labels, boxes, scores })
}

/// The same without: a logit per query and class, and boxes in parts of the picture.
fn logits(outputs: &[ProbedOutput]) -> Option<Layout> {
    let three: Vec<usize> = (0..outputs.len()).filter(|i| outputs[*i].shape.len() == 3).collect();
    let [a, b] = three[..] else { return None };
    let is_boxes = |i: usize| outputs[i].shape[2] == 4;
    let (scores, boxes) = match (is_boxes(a), is_boxes(b)) {
        (false, true) => (a, b),
        (true, false) => (b, a),
        (true, true) if outputs[a].name.contains("box") => (b, a),
        (true, true) => (a, b),
        (false, false) => return None,
    };
    let (queries, classes) = (outputs[scores].shape[1], outputs[scores].shape[2]);
    let are_logits = outputs[scores].values.iter().any(|value| !(0.0..=1.0).contains(value));
    (queries == outputs[boxes].shape[1] && queries <= MOST_QUERIES).then_some(Layout::Logits {
        scores,
        boxes,
        classes,
        are_logits,
    })
}

/// Class scores of each stride, then the distributions of each stride.
fn gfl(probe: &Probe) -> Option<Gfl> {
    let count = probe.outputs.len() / 2;
    if !(3..=4).contains(&count) || probe.outputs.len() != 2 * count {
        return None;
    }
    let mut levels = Vec::new();
    let (mut classes, mut bins) = (None, None);
    for (index, stride) in [8_u32, 16, 32, 64].into_iter().take(count).enumerate() {
        let columns = probe.size.0.div_ceil(stride);
        let cells = columns as usize * probe.size.1.div_ceil(stride) as usize;
        let [_, rows, wide] = probe.outputs[index].shape[..] else { return None };
        let [_, also, numbers] = probe.outputs[index + count].shape[..] else { return None };
        let same = *classes.get_or_insert(wide) == wide && *bins.get_or_insert(numbers / 4) == numbers / 4;
        if rows != cells || also != cells || !same || numbers % 4 != 0 || numbers < 8 {
            return None;
        }
        levels.push(Level { scores: index, distances: index + count, stride, columns });
    }
    Some(Gfl { levels, classes: classes?, bins: bins? })
}
