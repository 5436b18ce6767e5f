//! What is drawn for the things of a picture and the zones they are counted in: bars, lines and letters.

use bevy::math::{UVec2, Vec2, Vec4};
use bytemuck::{Pod, Zeroable};

use super::zones;
use crate::glyphs::{Atlas, color_of, write_label};
use crate::look::BoxStyle;
use crate::memory::{Bound, Each, bound};
use crate::perception::{MotionField, Thing, Things};

/// Most bars, lines and letters of a picture, both dresses of a fade together.
pub(super) const MOST: usize = 8192;

pub(in crate::compositor) const MARKS: Bound = bound!(
    "compositor.boxes",
    "bars, lines and letters of boxes around things and of zones, made when the first is drawn",
    MOST,
    Each::Gpu(size_of::<Mark>() as u64),
    "the least sure things have no box, `boxes_skipped`"
);

/// Most letters of a label.
const LONGEST_LABEL: usize = 40;
/// Bars around a thing, and one behind its label.
const BARS: usize = 5;

/// A parallelogram in one colour, or a letter. As the shader has it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Mark {
    /// A corner and one side from there, in pixels of the output; 0–1 of it for the shader.
    pub at: [f32; 4],
    /// The other side; the rest is unused.
    pub across: [f32; 4],
    /// Red, green, blue, sRGB-encoded, and opacity.
    pub color: [f32; 4],
    /// Left, top, width and height in the atlas, 0–1; what is no letter has no width there.
    pub letter: [f32; 4],
}

impl Mark {
    /// An upright rectangle: left, top, width and height.
    fn bar([left, top, wide, high]: [f32; 4], color: [f32; 4]) -> Self {
        Self { at: [left, top, wide, 0.0], across: [0.0, high, 0.0, 0.0], color, letter: [0.0; 4] }
    }

    /// A line from `a` to `b`, and half its width beyond both, so that lines meet.
    pub(super) fn line(a: Vec2, b: Vec2, width: f32, color: [f32; 4]) -> Self {
        let along = (b - a).normalize_or(Vec2::X) * width;
        let (across, first) = (along.perp(), a - along / 2.0);
        let (first, along) = (first - across / 2.0, b - a + along);
        Self {
            at: [first.x, first.y, along.x, along.y],
            across: [across.x, across.y, 0.0, 0.0],
            color,
            letter: [0.0; 4],
        }
    }

    /// From pixels to parts of an output of this size.
    pub(super) fn shrink(&mut self, size: Vec2) {
        let parts = Vec4::new(size.x, size.y, size.x, size.y);
        self.at = (Vec4::from(self.at) / parts).to_array();
        self.across = (Vec4::from(self.across) / parts).to_array();
    }
}

/// Marks of a picture, and a label in the making; kept for reuse.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub list: Vec<Mark>,
    pub label: String,
}

impl Marks {
    /// Whether there is room for so many, and a label.
    pub(super) fn has_room(&self, marks: usize) -> bool {
        self.list.len() + marks + LONGEST_LABEL <= MOST
    }

    /// Writes the label above `[left, top]`, or below where there is no room, on a bar of this colour. No label where the
    /// style has none.
    pub(super) fn write(
        &mut self,
        [left, top]: [f32; 2],
        color: [f32; 4],
        (style, output): (&BoxStyle, Vec2),
        atlas: &Atlas,
    ) {
        let size = (style.label * output.y).round();
        if size < 4.0 {
            return;
        }
        let step = size * atlas.aspect();
        let letters = || self.label.chars().take(LONGEST_LABEL);
        let width = step * (letters().count() as f32 + 0.6);
        let x = left.min(output.x - width).max(0.0);
        let y = if top >= size { top - size } else { top.max(0.0) };
        self.list.push(Mark::bar([x, y, width, size], color));
        let [red, green, blue, opacity] = color;
        let is_bright = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5;
        let ink = if is_bright { [0.0, 0.0, 0.0, opacity] } else { [1.0, 1.0, 1.0, opacity] };
        let letters = letters().enumerate().filter(|(_, letter)| *letter != ' ');
        self.list.extend(letters.map(|(at, letter)| {
            let place = [x + step * (at as f32 + 0.3), y, step, size];
            Mark { letter: atlas.place(letter), ..Mark::bar(place, ink) }
        }));
    }
}

/// How the frame lies in the output.
pub(super) struct View<'a> {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub uv: Vec4,
    pub output: UVec2,
    /// From the frame that is shown back to the one of the things.
    pub motion: Option<&'a MotionField>,
}

impl View<'_> {
    /// The pixel of the output where this part of the frame is, 0–1.
    pub(super) fn pixel(&self, [x, y]: [f32; 2]) -> Vec2 {
        let place = (Vec2::new(x, y) - Vec2::new(self.uv.z, self.uv.w)) / Vec2::new(self.uv.x, self.uv.y);
        place * self.output.as_vec2()
    }

    /// Whether left and right are swapped.
    pub(super) fn is_mirror(&self) -> bool {
        self.uv.x < 0.0
    }

    /// Width of the lines in pixels.
    pub(super) fn line(&self, style: &BoxStyle) -> f32 {
        (style.width * self.output.y as f32 / 720.0).max(1.0).round()
    }
}

/// Adds what `style` draws of `things` to `marks`, zones first, then the surest; the number of things there was no room for.
pub(super) fn add(
    things: &Things,
    style: &BoxStyle,
    view: &View<'_>,
    atlas: &Atlas,
    marks: &mut Marks,
) -> u64 {
    if style.zones {
        zones::add(things, style, view, atlas, marks);
    }
    let mut skipped = 0;
    let seen = things.list.iter().filter(|thing| thing.id.is_some() || style.unfollowed);
    for thing in seen {
        if marks.has_room(BARS) {
            add_one(things, thing, style, view, atlas, marks);
        } else {
            skipped += 1;
        }
    }
    skipped
}

fn add_one(
    things: &Things,
    thing: &Thing,
    style: &BoxStyle,
    view: &View<'_>,
    atlas: &Atlas,
    marks: &mut Marks,
) {
    let output = view.output.as_vec2();
    let [left, top, right, bottom] = things.place(&thing.detection.bounds, view.motion);
    let (a, b) = (view.pixel([left, top]).round(), view.pixel([right, bottom]).round());
    // In a mirror the left edge is on the right.
    let (left, right, top, bottom) = (a.x.min(b.x), a.x.max(b.x), a.y, b.y);
    if right < 0.0 || bottom < 0.0 || left > output.x || top > output.y {
        return;
    }
    let [red, green, blue] = color_of(thing.id.unwrap_or(u32::from(thing.detection.class)));
    let color = [red, green, blue, style.opacity];
    let line = view.line(style);
    let (wide, high) = ((right - left).max(line), (bottom - top).max(line));
    marks.list.extend(
        [
            [left, top, wide, line],
            [left, bottom - line, wide, line],
            [left, top + line, line, high - 2.0 * line],
            [right - line, top + line, line, high - 2.0 * line],
        ]
        .map(|place| Mark::bar(place, color)),
    );
    let confidence = style.confidence.then_some(thing.detection.confidence);
    write_label(&mut marks.label, things.class_name(thing.detection.class), thing.id, confidence);
    marks.write([left, top], color, (style, output), atlas);
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
        assert_eq!(bars[0].at, [200.0, 120.0, 80.0, 0.0]);
        assert_eq!(bars[1].at[1] + bars[1].across[1], 280.0);
        assert_eq!((bars[4].at[1], bars[4].across[1]), (100.0, 20.0));
        assert_eq!(marks.len() - bars.len(), "dog788%".len());
    }

    #[test]
    fn a_mirror_swaps_the_sides_and_not_the_letters() {
        let mirrored = marks(&BoxStyle::default(), Vec4::new(-1.0, 1.0, 1.0, 0.0));
        assert_eq!(mirrored[0].at[0], 520.0);
        let letters: Vec<f32> =
            mirrored.iter().filter(|mark| mark.letter[2] > 0.0).map(|mark| mark.at[0]).collect();
        assert!(letters.len() == 4 && letters.is_sorted(), "{letters:?}");
    }

    #[test]
    fn no_label_without_a_size_and_all_things_where_asked_for() {
        let style = BoxStyle { label: 0.0, unfollowed: true, ..BoxStyle::default() };
        assert_eq!(marks(&style, WHOLE).len(), 8);
    }

    #[test]
    fn a_line_is_as_wide_on_both_sides_and_ends_beyond_its_ends() {
        let line = Mark::line(Vec2::new(10.0, 20.0), Vec2::new(10.0, 60.0), 4.0, [1.0; 4]);
        assert_eq!((line.at, line.across), ([12.0, 18.0, 0.0, 44.0], [-4.0, 0.0, 0.0, 0.0]));
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
