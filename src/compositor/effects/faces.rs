//! Faces as effects see them.

use bevy::math::{Vec2, Vec4};

use crate::compositor::program::FACES;
use crate::perception::{Face, MotionField, indices};

/// Four values for one face: eyes; mouth and nose; size, openness of mouth, blinks; yaw, pitch and roll.
type FaceValues = [[f32; 4]; 4];

/// From the frame to the output.
pub(super) struct View {
    /// From output to frame coordinates: scale in `xy`, offset in `zw`.
    pub(super) uv: Vec4,
    /// Width of the output over its height.
    pub(super) aspect: f32,
}

impl View {
    fn place(&self, [x, y, _]: [f32; 3]) -> Vec2 {
        (Vec2::new(x, y) - Vec2::new(self.uv.z, self.uv.w)) / Vec2::new(self.uv.x, self.uv.y)
    }
}

/// The first faces, and how many there are.
pub(super) fn values(
    faces: &[Face],
    motion: Option<&MotionField>,
    view: &View,
) -> ([FaceValues; FACES], usize) {
    let mut values = [FaceValues::default(); FACES];
    let mut count = 0;
    for face in faces {
        let moved = motion.map(|motion| face.moved(motion));
        let Some(face) = face_values(moved.as_ref().unwrap_or(face), view) else { continue };
        if let Some(slot) = values.get_mut(count) {
            *slot = face;
            count += 1;
        }
    }
    (values, count)
}

fn face_values(face: &Face, view: &View) -> Option<FaceValues> {
    let left = view.place(face.left_eye()?);
    let right = view.place(face.right_eye()?);
    let mouth = view.place(face.mouth()?);
    let nose = view.place(*face.landmarks().get(indices::NOSE_TIP)?);
    let size = ((left - right) * Vec2::new(view.aspect, 1.0)).length();
    let blink = |openness: Option<f32>| 1.0 - openness.unwrap_or(1.0);
    let pose = face.head_pose();
    // In a mirror, what turns to the left turns to the right.
    let side = view.uv.x.signum();
    let values = [
        [left.x, left.y, right.x, right.y],
        [mouth.x, mouth.y, nose.x, nose.y],
        [
            size,
            face.mouth_openness().unwrap_or(0.0),
            blink(face.left_eye_openness()),
            blink(face.right_eye_openness()),
        ],
        pose.map_or([0.0; 4], |pose| [pose.yaw * side, pose.pitch, pose.roll * side, 0.0]),
    ];
    values.iter().flatten().all(|value| value.is_finite()).then_some(values)
}
