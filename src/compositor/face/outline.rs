//! The outlines that parts are cut along: rings of landmarks, made smooth.

use bevy::math::Vec2;

use crate::face_mesh::{
    FACE_OVAL, LEFT_EYE, LEFT_EYEBROW, LEFT_IRIS, LIPS_INNER, LIPS_OUTER, RIGHT_EYE, RIGHT_EYEBROW,
    RIGHT_IRIS,
};

/// Points around an iris.
const IRIS_POINTS: usize = 16;

/// One closed outline; its number is its place in [`Outline::ALL`], in the shader as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outline {
    Oval,
    LipsOuter,
    LipsInner,
    LeftEye,
    RightEye,
    LeftBrow,
    RightBrow,
    LeftIris,
    RightIris,
}

impl Outline {
    pub(super) const COUNT: usize = 9;
    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Oval,
        Self::LipsOuter,
        Self::LipsInner,
        Self::LeftEye,
        Self::RightEye,
        Self::LeftBrow,
        Self::RightBrow,
        Self::LeftIris,
        Self::RightIris,
    ];

    /// The landmarks it goes through.
    pub(super) fn ring(self) -> &'static [usize] {
        match self {
            Self::Oval => &FACE_OVAL,
            Self::LipsOuter => &LIPS_OUTER,
            Self::LipsInner => &LIPS_INNER,
            Self::LeftEye => &LEFT_EYE,
            Self::RightEye => &RIGHT_EYE,
            Self::LeftBrow => &LEFT_EYEBROW,
            Self::RightBrow => &RIGHT_EYEBROW,
            Self::LeftIris => &LEFT_IRIS,
            Self::RightIris => &RIGHT_IRIS,
        }
    }

    pub(super) fn is_iris(self) -> bool {
        matches!(self, Self::LeftIris | Self::RightIris)
    }

    /// How many points it has once it is smooth.
    pub(super) const fn points(self) -> usize {
        match self {
            Self::Oval => 2 * FACE_OVAL.len(),
            Self::LipsOuter => 2 * LIPS_OUTER.len(),
            Self::LipsInner => 2 * LIPS_INNER.len(),
            Self::LeftEye => 2 * LEFT_EYE.len(),
            Self::RightEye => 2 * RIGHT_EYE.len(),
            Self::LeftBrow => 2 * LEFT_EYEBROW.len(),
            Self::RightBrow => 2 * RIGHT_EYEBROW.len(),
            Self::LeftIris | Self::RightIris => IRIS_POINTS,
        }
    }

    /// Its first point when all outlines stand one after the other.
    pub(super) const fn first(self) -> usize {
        let (mut first, mut i) = (0, 0);
        while i < self as usize {
            first += Self::ALL[i].points();
            i += 1;
        }
        first
    }

    /// Points of all outlines.
    pub(super) const TOTAL: usize = Self::RightIris.first() + Self::RightIris.points();

    /// Writes the smooth outline through `landmarks` into `points`.
    ///
    /// Between two landmarks comes the middle of the Catmull-Rom spline through four (Catmull and Rom, 1974);
    /// an iris becomes the ellipse through its four.
    pub(super) fn draw(self, landmarks: &[Vec2], points: &mut [[f32; 2]]) {
        let ring = self.ring();
        let at =
            |i: usize| ring.get(i % ring.len()).and_then(|n| landmarks.get(*n)).copied().unwrap_or_default();
        if self.is_iris() {
            let (center, across, down) = iris_axes([at(0), at(1), at(2), at(3)]);
            for (i, point) in points.iter_mut().enumerate() {
                let angle = i as f32 / IRIS_POINTS as f32 * std::f32::consts::TAU;
                *point = (center + across * angle.cos() + down * angle.sin()).to_array();
            }
            return;
        }
        for (i, pair) in points.chunks_exact_mut(2).enumerate() {
            let [a, b, c, d] = [at(i + ring.len() - 1), at(i), at(i + 1), at(i + 2)];
            pair[0] = b.to_array();
            pair[1] = (((b + c) * 9.0 - a - d) / 16.0).to_array();
        }
    }
}

/// Centre and both half axes of the iris through four points.
pub(super) fn iris_axes([a, b, c, d]: [Vec2; 4]) -> (Vec2, Vec2, Vec2) {
    ((a + b + c + d) / 4.0, (a - c) / 2.0, (d - b) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_stand_one_after_the_other_and_go_through_their_landmarks() {
        let mut first = 0;
        for (number, outline) in Outline::ALL.into_iter().enumerate() {
            assert_eq!((outline as usize, outline.first()), (number, first));
            first += outline.points();
        }
        assert_eq!(Outline::TOTAL, first);
        // Landmarks on a circle: the points between lie on it as well, closely.
        let mut landmarks = vec![Vec2::ZERO; 478];
        for (i, number) in LEFT_EYE.into_iter().enumerate() {
            landmarks[number] = Vec2::from_angle(i as f32 / 16.0 * std::f32::consts::TAU) * 10.0;
        }
        let mut points = [[0.0; 2]; Outline::LeftEye.points()];
        Outline::LeftEye.draw(&landmarks, &mut points);
        for point in points {
            assert!((Vec2::from(point).length() - 10.0).abs() < 0.05, "{point:?}");
        }
    }

    #[test]
    fn an_iris_is_round() {
        let mut landmarks = vec![Vec2::ZERO; 478];
        let center = Vec2::new(30.0, 20.0);
        for (number, offset) in RIGHT_IRIS.into_iter().zip([Vec2::X, -Vec2::Y, -Vec2::X, Vec2::Y]) {
            landmarks[number] = center + offset * 4.0;
        }
        let mut points = [[0.0; 2]; IRIS_POINTS];
        Outline::RightIris.draw(&landmarks, &mut points);
        assert!(points.iter().all(|p| ((Vec2::from(*p) - center).length() - 4.0).abs() < 1e-4));
    }
}
