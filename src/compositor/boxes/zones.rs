//! Zones as lines with their names and how many things stand in them.

use bevy::math::Vec2;

use super::marks::{Mark, Marks, View};
use crate::glyphs::{Atlas, write_label};
use crate::look::BoxStyle;
use crate::perception::Things;

/// Zones are no things: their lines are white.
const WHITE: [f32; 3] = [1.0; 3];

/// Adds the zones of `things` to `marks` as far as there is room.
pub(super) fn add(things: &Things, style: &BoxStyle, view: &View<'_>, atlas: &Atlas, marks: &mut Marks) {
    let [red, green, blue] = WHITE;
    let color = [red, green, blue, style.opacity];
    for (zone, count) in things.zones.iter().zip(things.in_zones) {
        if !marks.has_room(zone.corners.len() + 1) {
            return;
        }
        // Zones are where they are seen, also in a mirror.
        let seen = |[x, y]: [f32; 2]| view.pixel([if view.is_mirror() { 1.0 - x } else { x }, y]);
        let corners = || zone.corners.iter().copied().map(seen);
        let line = view.line(style);
        let pairs = corners().zip(corners().cycle().skip(1));
        marks.list.extend(pairs.map(|(a, b)| Mark::line(a, b, line, color)));
        let (least, most) =
            corners().fold((Vec2::MAX, Vec2::MIN), |(least, most), at| (least.min(at), most.max(at)));
        let output = view.output.as_vec2();
        if most.cmplt(Vec2::ZERO).any() || least.cmpgt(output).any() {
            continue;
        }
        let highest = corners().reduce(|a, b| if b.y < a.y { b } else { a }).unwrap_or(Vec2::ZERO);
        write_label(&mut marks.label, &zone.name, Some(count), None);
        marks.write(highest.to_array(), color, (style, output), atlas);
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::{UVec2, Vec4};

    use super::*;

    #[test]
    fn a_zone_is_where_it_is_seen_also_in_a_mirror() {
        let zone = "door=0.1,0.5 0.4,0.5 0.4,1".parse().expect("a zone");
        let mut things = Things { zones: [zone].into(), ..Things::default() };
        things.in_zones[0] = 3;
        let style = BoxStyle { zones: true, width: 7.2, label: 0.05, ..BoxStyle::default() };
        for uv in [Vec4::new(1.0, 1.0, 0.0, 0.0), Vec4::new(-1.0, 1.0, 1.0, 0.0)] {
            let (mut marks, view) =
                (Marks::default(), View { uv, output: UVec2::new(1000, 400), motion: None });
            add(&things, &style, &view, &Atlas::drawn(), &mut marks);
            let (lines, label) = marks.list.split_at(3);
            assert_eq!(lines[0].at.map(f32::round), [98.0, 198.0, 304.0, 0.0]);
            assert_eq!(lines[0].across.map(f32::round), [0.0, 4.0, 0.0, 0.0]);
            assert_eq!(lines[1].at.map(f32::round), [402.0, 198.0, 0.0, 204.0]);
            assert_eq!([label[0].at[0].round(), label[0].at[1].round()], [100.0, 180.0]);
            assert_eq!((label.len() - 1, marks.label.as_str()), ("door3".len(), "door 3"));
        }
    }
}
