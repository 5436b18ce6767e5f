//! How a frame lies in the picture that a network looks at, and the way back.

use super::PixelBox;
use crate::frame::{PixelNumbers, Place};

/// How frames of another shape than the network's picture are put into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As large as it can be, in the upper left corner; sides cut to whole pixels.
    TopLeft,
    /// As large as it can be, in the middle; sides rounded to whole pixels.
    Centred,
    /// Over all of it, its shape not kept.
    Stretch,
}

/// What a family of networks is fed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feeding {
    pub fit: Fit,
    pub numbers: PixelNumbers,
}

/// From the network's picture to the frame: `(p - start) / scale`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Mapping {
    start: [f32; 2],
    scale: [f32; 2],
    /// Columns and rows of the frame.
    pub frame: [u32; 2],
}

impl Fit {
    /// Where a frame of `frame` pixels lies in a picture of `picture` pixels, and the way back.
    pub fn place(self, frame: (u32, u32), picture: (u32, u32)) -> (Place, Mapping) {
        let sides = [f64::from(frame.0.max(1)), f64::from(frame.1.max(1))];
        let room = [f64::from(picture.0), f64::from(picture.1)];
        let scale = (room[0] / sides[0]).min(room[1] / sides[1]);
        let frame = [frame.0, frame.1];
        let pixels = |side: f64, room: f64| (side.max(1.0) as u32).min(room as u32);
        let whole = |round: fn(f64) -> f64| [0, 1].map(|i| pixels(round(sides[i] * scale), room[i]));
        match self {
            Self::TopLeft => {
                let [width, height] = whole(f64::floor);
                let mapping = Mapping { start: [0.0; 2], scale: [scale as f32; 2], frame };
                (Place { left: 0, top: 0, width, height }, mapping)
            }
            Self::Centred => {
                let [width, height] = whole(f64::round_ties_even);
                let half = |room: f64, side: u32| ((room - f64::from(side)) / 2.0 - 0.1).round().max(0.0);
                let (left, top) = (half(room[0], width), half(room[1], height));
                let start = [left as f32, top as f32];
                let place = Place { left: left as u32, top: top as u32, width, height };
                (place, Mapping { start, scale: [scale as f32; 2], frame })
            }
            Self::Stretch => {
                let scale = [0, 1].map(|i| (room[i] / sides[i]) as f32);
                let place = Place { left: 0, top: 0, width: picture.0, height: picture.1 };
                (place, Mapping { start: [0.0; 2], scale, frame })
            }
        }
    }
}

impl Mapping {
    /// The box in the frame whose centre and sides in the network's picture are these.
    pub fn centred(&self, [x, y, width, height]: [f32; 4]) -> PixelBox {
        self.cornered([x - width / 2.0, y - height / 2.0], [width, height])
    }

    /// The box in the frame between two corners in the network's picture.
    pub fn between(&self, [left, top, right, bottom]: [f32; 4]) -> PixelBox {
        self.cornered([left, top], [right - left, bottom - top])
    }

    fn cornered(&self, [x, y]: [f32; 2], [width, height]: [f32; 2]) -> PixelBox {
        PixelBox {
            x: (x - self.start[0]) / self.scale[0],
            y: (y - self.start[1]) / self.scale[1],
            width: width / self.scale[0],
            height: height / self.scale[1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_come_back_to_where_they_are_in_the_frame() {
        for fit in [Fit::TopLeft, Fit::Centred, Fit::Stretch] {
            for frame in [(1280, 720), (720, 1280), (333, 77), (1, 900), (100, 100)] {
                let picture = (416, 320);
                let (place, mapping) = fit.place(frame, picture);
                assert!(place.left + place.width <= 416 && place.top + place.height <= 320, "{place:?}");
                let corners = [
                    place.left as f32,
                    place.top as f32,
                    (place.left + place.width) as f32,
                    (place.top + place.height) as f32,
                ];
                let found = mapping.between(corners);
                // Whole pixels of the small picture: off by less than two of them.
                let pixel = 2.0 / mapping.scale[0].min(mapping.scale[1]);
                let off = [found.x, found.y, found.width - frame.0 as f32, found.height - frame.1 as f32];
                assert!(off.iter().all(|off| off.abs() <= pixel), "{fit:?} {frame:?}: {found:?}");
            }
        }
    }

    #[test]
    fn bars_are_where_the_networks_were_trained_to_have_them() {
        let place = |fit: Fit| fit.place((1280, 720), (416, 416)).0;
        assert_eq!(place(Fit::TopLeft), Place { left: 0, top: 0, width: 416, height: 234 });
        assert_eq!(place(Fit::Centred), Place { left: 0, top: 91, width: 416, height: 234 });
        assert_eq!(place(Fit::Stretch), Place { left: 0, top: 0, width: 416, height: 416 });
    }
}
