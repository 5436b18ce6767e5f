//! What looks and effects ask of a face.

use super::indices::{EyeIndices, INNER_LIPS, LEFT_EYE, MOUTH_CORNERS, RIGHT_EYE};
use super::pose::{self, HeadPose};
use crate::perception::Face;

/// Height to width of an eye's opening at which it counts as closed and as open. Source: Soukupová and
/// Čech, "Real-time eye blink detection using facial landmarks", 2016; of this net, closed eyes have
/// about 0.1 and open ones 0.3.
const EYE_RATIO: [f32; 2] = [0.1, 0.3];

/// An iris; x and y are 0–1 of the frame, z has the scale of x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iris {
    /// Its middle.
    pub centre: [f32; 3],
    /// Four points of its rim.
    pub ring: [[f32; 3]; 4],
}

/// Left and right are the person's own; everything is 0–1 of the frame unless it says otherwise.
impl Face {
    /// The iris of the right eye; `None` from nets of 468 landmarks.
    pub fn right_iris(&self) -> Option<Iris> {
        self.iris(&RIGHT_EYE)
    }

    /// The iris of the left eye; `None` from nets of 468 landmarks.
    pub fn left_iris(&self) -> Option<Iris> {
        self.iris(&LEFT_EYE)
    }

    /// Middle of the right eye's opening, wherever the iris is.
    pub fn right_eye(&self) -> Option<[f32; 3]> {
        self.middle(RIGHT_EYE.outer, RIGHT_EYE.inner)
    }

    /// Middle of the left eye's opening.
    pub fn left_eye(&self) -> Option<[f32; 3]> {
        self.middle(LEFT_EYE.outer, LEFT_EYE.inner)
    }

    /// Middle of the mouth, between its corners.
    pub fn mouth(&self) -> Option<[f32; 3]> {
        self.middle(MOUTH_CORNERS[0], MOUTH_CORNERS[1])
    }

    /// Distance between the middles of the eyes, in depth too, in widths of the frame.
    pub fn interocular_distance(&self) -> Option<f32> {
        Some(distance(self.metric_of(self.right_eye()?), self.metric_of(self.left_eye()?)))
    }

    /// 0: the lips touch; 1: the mouth is open as high as it is wide, or higher.
    pub fn mouth_openness(&self) -> Option<f32> {
        let height = self.distance(INNER_LIPS[0], INNER_LIPS[1])?;
        let width = self.distance(MOUTH_CORNERS[0], MOUTH_CORNERS[1])?;
        ratio(height, width).map(|ratio| ratio.min(1.0))
    }

    /// How open the right eye is: 0 closed, 1 open.
    pub fn right_eye_openness(&self) -> Option<f32> {
        self.eye_openness(&RIGHT_EYE)
    }

    /// How open the left eye is: 0 closed, 1 open.
    pub fn left_eye_openness(&self) -> Option<f32> {
        self.eye_openness(&LEFT_EYE)
    }

    /// Which way the head looks: the canonical face fitted to the landmarks, perspective left out.
    pub fn head_pose(&self) -> Option<HeadPose> {
        pose::fit(|index| self.metric(index))
    }

    /// Landmark `index` with one unit for all three axes: widths of the frame.
    pub fn metric(&self, index: usize) -> Option<[f32; 3]> {
        self.landmarks().get(index).map(|point| self.metric_of(*point))
    }

    fn metric_of(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        [x, y / self.aspect, z]
    }

    fn iris(&self, eye: &EyeIndices) -> Option<Iris> {
        let points = self.landmarks();
        let centre = *points.get(eye.iris)?;
        let mut ring = [[0.0; 3]; 4];
        for (point, index) in ring.iter_mut().zip(eye.iris_ring) {
            *point = *points.get(index)?;
        }
        Some(Iris { centre, ring })
    }

    fn eye_openness(&self, eye: &EyeIndices) -> Option<f32> {
        let [first, second] = [0, 1].map(|lid| self.distance(eye.upper[lid], eye.lower[lid]));
        let ratio = ratio((first? + second?) / 2.0, self.distance(eye.outer, eye.inner)?)?;
        Some(((ratio - EYE_RATIO[0]) / (EYE_RATIO[1] - EYE_RATIO[0])).clamp(0.0, 1.0))
    }

    fn middle(&self, a: usize, b: usize) -> Option<[f32; 3]> {
        let (a, b) = (self.landmarks().get(a)?, self.landmarks().get(b)?);
        Some(std::array::from_fn(|axis| (a[axis] + b[axis]) / 2.0))
    }

    fn distance(&self, a: usize, b: usize) -> Option<f32> {
        Some(distance(self.metric(a)?, self.metric(b)?))
    }
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1]).hypot(a[2] - b[2])
}

fn ratio(a: f32, b: f32) -> Option<f32> {
    (b > f32::EPSILON).then(|| a / b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perception::MAX_LANDMARKS;

    /// A face in a frame twice as wide as high, with the named points set.
    fn face(count: usize, points: &[(usize, [f32; 3])]) -> Face {
        let mut all = vec![[0.5, 0.5, 0.0]; count];
        for (index, point) in points {
            all[*index] = *point;
        }
        Face::new(0, 1.0, &all).in_frame(2000, 1000)
    }

    #[test]
    fn distances_do_not_depend_on_the_shape_of_the_frame() {
        let eyes = [(33, [0.4, 0.5, 0.0]), (133, [0.45, 0.5, 0.0]), (362, [0.55, 0.5, 0.0])];
        let mut level = face(478, &[eyes.as_slice(), &[(263, [0.6, 0.5, 0.0])]].concat());
        assert!((level.interocular_distance().expect("eyes") - 0.15).abs() < 1e-6);
        // The same eyes above one another: 0.15 widths are 0.3 heights.
        let upright = [(33, 0.2), (133, 0.3), (362, 0.5), (263, 0.6)].map(|(i, y)| (i, [0.5, y, 0.0]));
        level = face(478, &upright);
        assert!((level.interocular_distance().expect("eyes") - 0.15).abs() < 1e-6);
    }

    #[test]
    fn mouth_and_eyes_open_and_close() {
        let corners = [(78, [0.4, 0.5, 0.0]), (308, [0.5, 0.5, 0.0])];
        let mouth = |gap: f32| {
            let lips = [(13, [0.45, 0.5 - gap, 0.0]), (14, [0.45, 0.5 + gap, 0.0])];
            face(478, &[corners, lips].concat()).mouth_openness().expect("a mouth")
        };
        assert_eq!(mouth(0.0), 0.0);
        assert!((mouth(0.05) - 0.5).abs() < 1e-5, "a gap of 0.05 widths, 0.1 wide");
        assert_eq!(mouth(0.5), 1.0);
        let eye = |gap: f32| {
            let lids =
                [(160, -gap), (158, -gap), (144, gap), (153, gap)].map(|(i, y)| (i, [0.45, 0.5 + y, 0.0]));
            let corners = [(33, [0.4, 0.5, 0.0]), (133, [0.5, 0.5, 0.0])];
            face(478, &[corners.as_slice(), &lids].concat()).right_eye_openness().expect("an eye")
        };
        assert_eq!((eye(0.005), eye(0.04)), (0.0, 1.0));
        assert!((eye(0.02) - 0.5).abs() < 1e-4);
    }

    #[test]
    fn irises_are_where_the_net_gives_them() {
        let full = face(MAX_LANDMARKS, &[(468, [0.1, 0.2, 0.3]), (471, [0.4, 0.5, 0.6]), (473, [0.7; 3])]);
        let right = full.right_iris().expect("an iris");
        assert_eq!((right.centre, right.ring[2]), ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6]));
        assert_eq!(full.left_iris().expect("an iris").centre, [0.7; 3]);
        let bare = face(468, &[]);
        assert_eq!((bare.left_iris(), bare.right_iris()), (None, None));
        assert_eq!(bare.mouth_openness(), None, "all points are one: no width");
        assert_eq!(Face::new(0, 0.0, &[]).head_pose(), None);
    }
}
