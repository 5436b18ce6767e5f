//! What is drawn for the things of a picture: bars and letters.

use bevy::math::{UVec2, Vec4};
use bytemuck::{Pod, Zeroable};

use crate::glyphs::{Atlas, color_of, write_label};
use crate::look::BoxStyle;
use crate::memory::{Bound, Each, bound};
use crate::perception::{MotionField, Thing, Things};

/// Most bars and letters of a picture, both dresses of a fade together.
pub(super) const MOST: usize = 8192;

pub(in crate::compositor) const MARKS: Bound = bound!(
    "compositor.boxes",
    "bars and letters of boxes around things, made when the first is drawn",
    MOST,
    Each::Gpu(size_of::<Mark>() as u64),
    "the least sure things have no box, `boxes_skipped`"
);

/// Most letters of a label.
const LONGEST_LABEL: usize = 40;
/// Bars around a thing, and one behind its label.
const BARS: usize = 5;

/// A rectangle in one colour, or a letter. As the shader has it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Mark {
    /// Left, top, width and height in pixels of the output; 0–1 of it for the shader.
    pub place: [f32; 4],
    /// Red, green, blue, sRGB-encoded, and opacity.
    pub color: [f32; 4],
    /// Left, top, width and height in the atlas, 0–1; a bar has no width there.
    pub letter: [f32; 4],
}

/// Bars and letters of a picture, and a label in the making; kept for reuse.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub list: Vec<Mark>,
    label: String,
}

/// How the frame lies in the output.
pub(super) struct View<'a> {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub uv: Vec4,
    pub output: UVec2,
    /// From the frame that is shown back to the one of the things.
    pub motion: Option<&'a MotionField>,
}

/// Adds what `style` draws of `things`, the surest first, to `marks`; the number of things there was no room for.
pub(super) fn add(
    things: &Things,
    style: &BoxStyle,
    view: &View<'_>,
    atlas: &Atlas,
    marks: &mut Marks,
) -> u64 {
    let mut skipped = 0;
    let seen = things.list.iter().filter(|thing| thing.id.is_some() || style.unfollowed);
    for thing in seen {
        if marks.list.len() + BARS + LONGEST_LABEL > MOST {
            skipped += 1;
            continue;
        }
        add_one(things, thing, style, view, atlas, marks);
    }
    skipped
}

fn add_one(
    things: &Things,
    thing: &Thing,
    style: &BoxStyle,
    view: &View<'_>,
    atlas: &Atlas,
    Marks { list: marks, label }: &mut Marks,
) {
    let output = view.output.as_vec2();
    let [left, top, right, bottom] = things.place(&thing.detection.bounds, view.motion);
    let across = |x: f32| (x - view.uv.z) / view.uv.x * output.x;
    let down = |y: f32| (y - view.uv.w) / view.uv.y * output.y;
    let (a, b, top, bottom) = (across(left), across(right), down(top).round(), down(bottom).round());
    // In a mirror the left edge is on the right.
    let (left, right) = (a.min(b).round(), a.max(b).round());
    if right < 0.0 || bottom < 0.0 || left > output.x || top > output.y {
        return;
    }
    let [red, green, blue] = color_of(thing.id.unwrap_or(u32::from(thing.detection.class)));
    let color = [red, green, blue, style.opacity];
    let bar = |place, color| Mark { place, color, letter: [0.0; 4] };
    let line = (style.width * output.y / 720.0).max(1.0).round();
    let (wide, high) = ((right - left).max(line), (bottom - top).max(line));
    marks.extend([
        bar([left, top, wide, line], color),
        bar([left, bottom - line, wide, line], color),
        bar([left, top + line, line, high - 2.0 * line], color),
        bar([right - line, top + line, line, high - 2.0 * line], color),
    ]);
    let size = (style.label * output.y).round();
    if size < 4.0 {
        return;
    }
    let step = size * atlas.aspect();
    let confidence = style.confidence.then_some(thing.detection.confidence);
    write_label(label, things.class_name(thing.detection.class), thing.id, confidence);
    let letters = || label.chars().take(LONGEST_LABEL);
    let width = step * (letters().count() as f32 + 0.6);
    let x = left.min(output.x - width).max(0.0);
    let y = if top >= size { top - size } else { top.max(0.0) };
    marks.push(bar([x, y, width, size], color));
    let opacity = style.opacity;
    let is_bright = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5;
    let ink = if is_bright { [0.0, 0.0, 0.0, opacity] } else { [1.0, 1.0, 1.0, opacity] };
    marks.extend(letters().enumerate().filter(|(_, letter)| *letter != ' ').map(|(at, letter)| Mark {
        place: [x + step * (at as f32 + 0.3), y, step, size],
        color: ink,
        letter: atlas.place(letter),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perception::{Detection, PixelBox};

    fn things() -> Things {
        let bounds = PixelBox { x: 100.0, y: 60.0, width: 40.0, height: 80.0 };
        let thing = |id| Thing { detection: Detection { class: 1, confidence: 0.876, bounds }, id };
        Things {
            list: vec![thing(Some(7)), thing(None)],
            classes: vec!["cat".to_owned(), "dog".to_owned()].into(),
            frame: [400, 200],
            ..Things::default()
        }
    }

    fn marks(style: &BoxStyle, uv: Vec4) -> Vec<Mark> {
        let (mut marks, view) = (Marks::default(), View { uv, output: UVec2::new(800, 400), motion: None });
        assert_eq!(add(&things(), style, &view, &Atlas::drawn(), &mut marks), 0);
        marks.list
    }

    const WHOLE: Vec4 = Vec4::new(1.0, 1.0, 0.0, 0.0);

    #[test]
    fn a_box_lies_around_its_thing_and_its_label_above() {
        let style = BoxStyle { label: 0.05, confidence: true, ..BoxStyle::default() };
        let marks = marks(&style, WHOLE);
        let bars: Vec<_> = marks.iter().filter(|mark| mark.letter[2] == 0.0).collect();
        assert_eq!(bars.len(), 5, "what is not followed has none");
        assert_eq!((bars[0].place[0], bars[0].place[1], bars[0].place[2]), (200.0, 120.0, 80.0));
        assert_eq!(bars[1].place[1] + bars[1].place[3], 280.0);
        assert_eq!((bars[4].place[1], bars[4].place[3]), (100.0, 20.0));
        assert_eq!(marks.len() - bars.len(), "dog788%".len());
    }

    #[test]
    fn a_mirror_swaps_the_sides_and_not_the_letters() {
        let mirrored = marks(&BoxStyle::default(), Vec4::new(-1.0, 1.0, 1.0, 0.0));
        assert_eq!(mirrored[0].place[0], 520.0);
        let letters: Vec<f32> =
            mirrored.iter().filter(|mark| mark.letter[2] > 0.0).map(|mark| mark.place[0]).collect();
        assert!(letters.len() == 4 && letters.is_sorted(), "{letters:?}");
    }

    #[test]
    fn no_label_without_a_size_and_all_things_where_asked_for() {
        let style = BoxStyle { label: 0.0, unfollowed: true, ..BoxStyle::default() };
        assert_eq!(marks(&style, WHOLE).len(), 8);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let mut many = things();
        many.list = vec![many.list[0]; 3000];
        let view = View { uv: WHOLE, output: UVec2::new(800, 400), motion: None };
        let mut marks = Marks::default();
        let skipped = add(&many, &BoxStyle::default(), &view, &Atlas::drawn(), &mut marks);
        assert!(skipped > 1000 && marks.list.len() <= MOST, "{skipped}, {}", marks.list.len());
    }
}
