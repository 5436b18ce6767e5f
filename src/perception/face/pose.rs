//! Which way a head looks.

use bevy::math::{DMat3, DQuat, DVec3, EulerRot};

/// Landmark, weight, and its place in MediaPipe's canonical face (centimetres; x to the person's left,
/// y up, z out of the face). Source: `geometry_pipeline_metadata_landmarks.pbtxt` (the points of its
/// Procrustes fit) and `canonical_face_model.obj`.
const BASIS: [(usize, f64, [f64; 3]); 33] = [
    (4, 0.070910, [0.0, -0.46317, 7.58658]),
    (6, 0.032100, [0.0, 2.473255, 5.788627]),
    (10, 0.008447, [0.0, 8.261778, 4.481535]),
    (33, 0.058724, [-4.445859, 2.663991, 3.173422]),
    (54, 0.007667, [-6.279331, 6.615427, 1.42585]),
    (67, 0.009078, [-3.523964, 8.005976, 3.729163]),
    (117, 0.009792, [-5.258659, 0.945811, 2.974312]),
    (119, 0.014565, [-3.300681, 0.861641, 3.872784]),
    (121, 0.018591, [-1.820731, 1.467954, 4.224124]),
    (127, 0.005198, [-7.743095, 2.364999, -2.005167]),
    (129, 0.120625, [-1.785794, -0.978284, 4.85047]),
    (132, 0.005560, [-7.270895, -2.890917, -2.252455]),
    (133, 0.053286, [-1.856432, 2.585245, 3.757904]),
    (136, 0.066890, [-5.085276, -7.17859, 0.714711]),
    (143, 0.014817, [-6.407571, 2.236021, 1.560843]),
    (147, 0.014263, [-6.234883, -1.94443, 1.663542]),
    (198, 0.025462, [-1.246815, 0.230297, 5.681036]),
    (205, 0.047252, [-3.832928, -1.537326, 4.137731]),
    (263, 0.058724, [4.445859, 2.663991, 3.173422]),
    (284, 0.007667, [6.279331, 6.615427, 1.42585]),
    (297, 0.009078, [3.523964, 8.005976, 3.729163]),
    (346, 0.009792, [5.258659, 0.945811, 2.974312]),
    (348, 0.014565, [3.300681, 0.861641, 3.872784]),
    (350, 0.018591, [1.820731, 1.467954, 4.224124]),
    (356, 0.005198, [7.743095, 2.364999, -2.005167]),
    (358, 0.120625, [1.785794, -0.978284, 4.85047]),
    (361, 0.005560, [7.270895, -2.890917, -2.252455]),
    (362, 0.053286, [1.856432, 2.585245, 3.757904]),
    (365, 0.066890, [5.085276, -7.17859, 0.714711]),
    (372, 0.014817, [6.407571, 2.236021, 1.560843]),
    (376, 0.014263, [6.234883, -1.94443, 1.663542]),
    (420, 0.025462, [1.246815, 0.230297, 5.681036]),
    (425, 0.047252, [3.832928, -1.537326, 4.137731]),
];

/// Steps of the polar decomposition; it converges quadratically once it is near.
const STEPS: usize = 20;
/// Determinant (of a matrix of norm 1) below which points lie in a plane.
const LEAST_VOLUME: f64 = 1e-6;

/// Which way a head looks, in radians; all zero: straight into the camera, upright. The head is first
/// pitched, then yawed, then rolled.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HeadPose {
    /// Positive: the face turns to the right of the picture (the person's left), −π/2 to π/2.
    pub yaw: f32,
    /// Positive: the face looks up.
    pub pitch: f32,
    /// Positive: the head leans clockwise as seen.
    pub roll: f32,
}

/// The turn that brings the canonical face closest to the points that `metric` gives (x to the right of
/// the picture, y down, z away from the camera, one unit for all three), seen without perspective:
/// weighted orthogonal Procrustes. `None` when a point is missing or they lie in one plane.
pub(super) fn fit(metric: impl Fn(usize) -> Option<[f32; 3]>) -> Option<HeadPose> {
    let mut places = [DVec3::ZERO; BASIS.len()];
    for (place, (index, ..)) in places.iter_mut().zip(BASIS) {
        *place = DVec3::from(metric(index)?.map(f64::from));
    }
    // The picture's axes: y and z point the other way.
    let canonical = |[x, y, z]: [f64; 3]| DVec3::new(x, -y, -z);
    let total: f64 = BASIS.iter().map(|(_, weight, _)| weight).sum();
    let pairs = || places.iter().zip(BASIS);
    let to = pairs().map(|(place, (_, weight, _))| *place * weight).sum::<DVec3>() / total;
    let from = BASIS.iter().map(|(_, weight, at)| canonical(*at) * *weight).sum::<DVec3>() / total;
    let spread = pairs().fold(DMat3::ZERO, |sum, (place, (_, weight, at))| {
        let (p, c) = (*place - to, (canonical(at) - from) * weight);
        sum + DMat3::from_cols(p * c.x, p * c.y, p * c.z)
    });
    let (z, y, x) = DQuat::from_mat3(&nearest_rotation(spread)?).to_euler(EulerRot::ZYX);
    let [roll, yaw, pitch] = [z, -y, -x].map(|angle| angle as f32);
    Some(HeadPose { yaw, pitch, roll })
}

/// The orthogonal polar factor of `matrix` by Newton's iteration; `None` when it is no turn. Source:
/// Higham, "Computing the polar decomposition", 1986.
fn nearest_rotation(matrix: DMat3) -> Option<DMat3> {
    let scale = matrix.to_cols_array().iter().map(|v| v * v).sum::<f64>().sqrt();
    let mut turn = matrix * (1.0 / scale);
    for _ in 0..STEPS {
        let volume = turn.determinant();
        if volume.is_nan() || volume < LEAST_VOLUME {
            return None;
        }
        turn = (turn + turn.inverse().transpose()) * 0.5;
    }
    turn.is_finite().then_some(turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical face turned by Rz(roll) · Ry(−yaw) · Rx(−pitch), then scaled and moved.
    fn turned(pose: HeadPose) -> impl Fn(usize) -> Option<[f32; 3]> {
        let [z, y, x] = [pose.roll, -pose.yaw, -pose.pitch].map(f64::from);
        let turn = DMat3::from_rotation_z(z) * DMat3::from_rotation_y(y) * DMat3::from_rotation_x(x);
        move |index| {
            let [x, y, z] = BASIS.iter().find(|(known, ..)| *known == index)?.2;
            let at = turn * DVec3::new(x, -y, -z) * 0.02 + DVec3::new(0.4, 0.3, 0.0);
            Some([at.x as f32, at.y as f32, at.z as f32])
        }
    }

    #[test]
    fn the_pose_that_a_face_was_given_is_found() {
        for (yaw, pitch, roll) in [(0.0, 0.0, 0.0), (0.5, -0.3, 0.2), (-0.9, 0.4, -1.5), (0.1, 0.0, 3.0)] {
            let given = HeadPose { yaw, pitch, roll };
            let found = fit(turned(given)).expect("a pose");
            for (a, b) in [(found.yaw, yaw), (found.pitch, pitch), (found.roll, roll)] {
                assert!((a - b).abs() < 1e-3, "{found:?} instead of {given:?}");
            }
        }
    }

    #[test]
    fn signs_are_those_of_the_picture() {
        let nose = |pose: HeadPose| {
            let (tip, bridge) = (turned(pose)(4).expect("tip"), turned(pose)(6).expect("bridge"));
            [tip[0] - bridge[0], tip[1] - bridge[1]]
        };
        let straight = nose(HeadPose::default());
        assert!(nose(HeadPose { yaw: 0.4, ..HeadPose::default() })[0] > straight[0], "to the right");
        assert!(nose(HeadPose { pitch: 0.4, ..HeadPose::default() })[1] < straight[1], "up");
        assert!(nose(HeadPose { roll: 0.4, ..HeadPose::default() })[0] < straight[0], "clockwise");
    }

    #[test]
    fn what_is_no_face_has_no_pose() {
        assert_eq!(fit(|_| None), None);
        assert_eq!(fit(|_| Some([0.5, 0.5, 0.0])), None);
        assert_eq!(fit(|index| Some([index as f32, 1.0, 0.0])), None);
        assert_eq!(fit(|_| Some([f32::NAN; 3])), None);
    }
}
