//! Parts of the picture in which things are counted.

use std::str::FromStr;

/// Most zones of a run.
pub const MOST_ZONES: usize = 8;
/// Most corners of a zone.
const MOST_CORNERS: usize = 64;
/// Most characters of its name.
const LONGEST_NAME: usize = 32;

/// A polygon with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its name, letters, digits, `-` and `_`.
    pub name: String,
    /// Corners, 0–1 of the frame from the left and from the top.
    pub corners: Vec<[f32; 2]>,
}

/// Text that is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no zone: {reason}. Type: --zone \"door=0.1,0.5 0.4,0.5 0.4,1 0.1,1\"")]
pub struct ZoneError {
    text: String,
    reason: &'static str,
}

impl Zone {
    /// Whether a point, in parts of the frame, lies inside (by the even–odd rule).
    pub fn contains(&self, [x, y]: [f32; 2]) -> bool {
        let Some(mut before) = self.corners.last() else { return false };
        let mut inside = false;
        for corner in &self.corners {
            let ([x1, y1], [x2, y2]) = (*before, *corner);
            if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                inside = !inside;
            }
            before = corner;
        }
        inside
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    /// `NAME=X,Y X,Y X,Y …`.
    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let fault = |reason| ZoneError { text: text.to_owned(), reason };
        let (name, points) = text.split_once('=').ok_or_else(|| fault("it has no name"))?;
        let name = name.trim();
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(fault("a name has letters, digits, - and _, at most 32"));
        }
        let corner = |point: &str| {
            let (x, y) = point.split_once(',')?;
            let part = |text: &str| text.parse().ok().filter(|part: &f32| (-1.0..=2.0).contains(part));
            Some([part(x)?, part(y)?])
        };
        let corners: Option<Vec<[f32; 2]>> = points.split_whitespace().map(corner).collect();
        let corners = corners.ok_or_else(|| fault("a corner is two numbers from 0 to 1, as 0.25,0.5"))?;
        if !(3..=MOST_CORNERS).contains(&corners.len()) {
            return Err(fault("it has 3 to 64 corners"));
        }
        Ok(Self { name: name.to_owned(), corners })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_inside_or_outside_of_any_shape() {
        // An L.
        let zone: Zone = "l=0,0 0.2,0 0.2,0.8 1,0.8 1,1 0,1".parse().unwrap();
        for inside in [[0.1, 0.1], [0.1, 0.9], [0.9, 0.9]] {
            assert!(zone.contains(inside), "{inside:?}");
        }
        for outside in [[0.5, 0.5], [0.3, 0.1], [-0.1, 0.5], [0.5, 1.1], [f32::NAN, 0.5]] {
            assert!(!zone.contains(outside), "{outside:?}");
        }
    }

    #[test]
    fn text_that_is_no_zone_is_told_what_to_type() {
        for text in [
            "door",
            "=0,0 1,0 1,1",
            "a b=0,0 1,0 1,1",
            "a=0,0 1,1",
            "a=0,0 1,0 1",
            "a=0,0 1,0 x,1",
            "a=0,0 1,0 9,9",
        ] {
            let error = text.parse::<Zone>().unwrap_err().to_string();
            assert!(error.contains("--zone") && error.contains(text), "{error}");
        }
    }
}
