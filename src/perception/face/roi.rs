//! The turned square that the landmarks net looks at.

use super::detector::Detection;
use super::indices::{LEFT_EYE, RIGHT_EYE};
use crate::frame::Roi;

/// The square is this much longer than the face. Source: MediaPipe's face landmarker graphs.
const MARGIN: f32 = 1.5;

/// From a detection: around its box, turned so that the eyes are level.
pub(super) fn from_detection(face: &Detection) -> Roi {
    let [left, top, right, bottom] = face.bbox;
    Roi {
        cx: (left + right) / 2.0,
        cy: (top + bottom) / 2.0,
        size: (right - left).max(bottom - top) * MARGIN,
        angle: angle(face.eyes[0], face.eyes[1]),
    }
}

/// From the landmarks of the frame before, in pixels.
pub(super) fn from_landmarks(points: &[[f32; 3]]) -> Option<Roi> {
    let eye = |index: usize| points.get(index).map(|p| [p[0], p[1]]);
    let angle = angle(eye(RIGHT_EYE.outer)?, eye(LEFT_EYE.outer)?);
    let (sin, cos) = angle.sin_cos();
    let mut low = [f32::MAX; 2];
    let mut high = [f32::MIN; 2];
    for [x, y, _] in points {
        let turned = [x * cos + y * sin, y * cos - x * sin];
        for axis in 0..2 {
            low[axis] = low[axis].min(turned[axis]);
            high[axis] = high[axis].max(turned[axis]);
        }
    }
    let [u, v] = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
    let size = (high[0] - low[0]).max(high[1] - low[1]) * MARGIN;
    Some(Roi { cx: u * cos - v * sin, cy: u * sin + v * cos, size, angle })
}

fn angle(right_eye: [f32; 2], left_eye: [f32; 2]) -> f32 {
    (left_eye[1] - right_eye[1]).atan2(left_eye[0] - right_eye[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_follows_a_tilted_face() {
        let mut points = vec![[100.0, 100.0, 0.0]; 468];
        // A face lying on its side: the eyes are above one another.
        points[RIGHT_EYE.outer] = [100.0, 80.0, 0.0];
        points[LEFT_EYE.outer] = [100.0, 120.0, 0.0];
        points[0] = [130.0, 100.0, 0.0];
        let roi = from_landmarks(&points).expect("has eyes");
        assert!((roi.angle - std::f32::consts::FRAC_PI_2).abs() < 1e-5);
        assert!((roi.size - 60.0).abs() < 1e-3, "{roi:?}");
        assert!((roi.cx - 115.0).abs() < 1e-3 && (roi.cy - 100.0).abs() < 1e-3, "{roi:?}");
        assert_eq!(from_landmarks(&points[..10]), None);
    }
}
