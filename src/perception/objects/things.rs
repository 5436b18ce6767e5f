//! What is known of the things in one frame of the live picture.

use std::sync::Arc;

use super::{MOST_ZONES, Zone};
use crate::perception::{Detection, MotionField, PixelBox};

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thing {
    /// Class, confidence and place.
    pub detection: Detection,
    /// Its track; `None` until it was seen twice.
    pub id: Option<u32>,
}

/// The things in one frame: detected there, or moved there from an earlier one. Empty, and for nothing, where nothing
/// detects.
#[derive(Debug, Clone, Default)]
pub struct Things {
    /// The surest first.
    pub list: Vec<Thing>,
    /// Names of the classes.
    pub classes: Arc<[String]>,
    /// Columns and rows of the frame.
    pub frame: [u32; 2],
    /// Things that are followed.
    pub followed: u32,
    /// Where they are counted.
    pub zones: Arc<[Zone]>,
    /// Those of them that stand in each zone.
    pub in_zones: [u32; MOST_ZONES],
}

impl Things {
    /// What a class is called.
    pub fn class_name(&self, class: u16) -> &str {
        self.classes.get(usize::from(class)).map_or("?", String::as_str)
    }

    /// `bounds` of this frame as left, top, right and bottom in 0–1 of the frame; where that is in a newer frame,
    /// given the motion from it back to this one.
    pub fn place(&self, bounds: &PixelBox, motion: Option<&MotionField>) -> [f32; 4] {
        let [width, height] = self.frame.map(|side| side.max(1) as f32);
        let [left, top] = [bounds.x / width, bounds.y / height];
        let [wide, high] = [bounds.width / width, bounds.height / height];
        let middle = [left + wide / 2.0, top + high / 2.0];
        let moved = motion.map_or(middle, |motion| motion.forward(middle));
        let [left, top] = [moved[0] - wide / 2.0, moved[1] - high / 2.0];
        [left, top, left + wide, top + high]
    }

    /// Where `bounds` stands in the picture: the middle of its lower edge, 0–1 of it, or the place in the picture
    /// next to that; on the other side where the picture is shown as a mirror.
    pub fn foot(&self, bounds: &PixelBox, mirrored: bool) -> [f32; 2] {
        let [x, y] = bounds.foot();
        let [x, y] = [x / self.frame[0].max(1) as f32, y / self.frame[1].max(1) as f32];
        // 1 is beyond the last pixel, and so outside of a zone that ends there.
        [if mirrored { 1.0 - x } else { x }, y].map(|part| part.clamp(0.0, 1.0 - f32::EPSILON))
    }

    /// All of them where they are in a newer frame, given the motion from it back to this one.
    pub(in crate::perception) fn go_with(&mut self, motion: &MotionField) {
        let mut list = std::mem::take(&mut self.list);
        for bounds in list.iter_mut().map(|thing| &mut thing.detection.bounds) {
            let [left, top, ..] = self.place(bounds, Some(motion));
            (bounds.x, bounds.y) = (left * self.frame[0] as f32, top * self.frame[1] as f32);
        }
        self.list = list;
    }

    /// Makes this the same; buffers are kept.
    pub(in crate::perception) fn copy(&mut self, other: &Self) {
        let Self { list, classes, frame, followed, zones, in_zones } = other;
        self.list.clone_from(list);
        if !Arc::ptr_eq(&self.classes, classes) {
            self.classes = classes.clone();
        }
        if !Arc::ptr_eq(&self.zones, zones) {
            self.zones = zones.clone();
        }
        (self.frame, self.followed, self.in_zones) = (*frame, *followed, *in_zones);
    }

    pub(in crate::perception) fn clear(&mut self) {
        self.list.clear();
        self.followed = 0;
        self.in_zones = [0; MOST_ZONES];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_cut_off_by_an_edge_stands_in_the_zone_that_ends_there() {
        let things = Things { frame: [400, 200], ..Things::default() };
        let zone = |text: &str| text.parse::<Zone>().unwrap();
        let whole = zone("whole=0,0 1,0 1,1 0,1");
        let bounds = |x: f32, y: f32| PixelBox { x, y, width: 80.0, height: 120.0 };
        for (x, y) in [(100.0, 80.0), (100.0, 130.0), (-60.0, 130.0), (360.0, 80.0), (380.0, -130.0)] {
            assert!(whole.contains(things.foot(&bounds(x, y), false)), "{x}, {y}");
            assert!(whole.contains(things.foot(&bounds(x, y), true)), "{x}, {y} in a mirror");
        }
        let right = zone("right=0.5,0 1,0 1,1 0.5,1");
        assert!(right.contains(things.foot(&bounds(360.0, 90.0), false)));
        assert!(!right.contains(things.foot(&bounds(360.0, 90.0), true)), "the mirror shows it on the left");
        assert!(right.contains(things.foot(&bounds(-60.0, 90.0), true)));
        assert!(!whole.contains(things.foot(&bounds(f32::NAN, 90.0), false)));
    }
}
