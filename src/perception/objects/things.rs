//! What was detected in one frame of the live picture.

use std::sync::Arc;

use super::MOST_ZONES;
use crate::perception::{Detection, MotionField, PixelBox};

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thing {
    /// Class, confidence and place.
    pub detection: Detection,
    /// Its track; `None` until it was seen twice.
    pub id: Option<u32>,
}

/// The things in one frame. Empty, and for nothing, where nothing detects.
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

    pub(in crate::perception) fn clear(&mut self) {
        self.list.clear();
        self.followed = 0;
        self.in_zones = [0; MOST_ZONES];
    }
}
