//! What faces wear: paint and parts that are pinned to the mesh, and the mesh itself.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Look;

/// What is painted on a face, in the order in which it is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FacePart {
    /// Everything inside the outline, eyes and mouth left free.
    FaceOval,
    /// A picture in the face's map, over the same surface.
    FaceTexture,
    /// Both brows.
    Brows,
    /// Both eyes between the lids, irises included.
    Eyes,
    /// Both irises, cut by the lids.
    Irises,
    /// Both lips, the open mouth left free.
    Lips,
}

impl FacePart {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// All of them, in the order in which they are painted.
    pub const ALL: [Self; Self::COUNT] =
        [Self::FaceOval, Self::FaceTexture, Self::Brows, Self::Eyes, Self::Irises, Self::Lips];

    /// Its place in [`FacePart::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its table in a look.
    pub fn name(self) -> &'static str {
        match self {
            Self::FaceOval => "face_oval",
            Self::FaceTexture => "face_texture",
            Self::Brows => "brows",
            Self::Eyes => "eyes",
            Self::Irises => "irises",
            Self::Lips => "lips",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::FaceOval => "Face",
            Self::FaceTexture => "Face paint",
            Self::Brows => "Brows",
            Self::Eyes => "Eyes",
            Self::Irises => "Irises",
            Self::Lips => "Lips",
        }
    }
}

/// What one part of the face wears. Its texture is pinned to the face's map and moves with the face; that of
/// the irises to each iris.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FacePartStyle {
    /// Name of a texture or a face paint of the library, or an image file; none wears the tint alone (the
    /// face paint: nothing). Where an image is transparent, the face stays bare.
    pub texture: Option<String>,
    /// Size of one tile in sides of the face's map, which the face just fills; 1 pins the picture to the map.
    /// Of the irises: in diameters of the iris. Range [`Self::SCALE`], default 1.
    pub scale: f32,
    /// Colour that the texture is multiplied with, sRGB, each 0–1. Default white.
    pub tint: [f32; 3],
    /// How much of it is seen over the picture, 0–1. Default 1.
    pub opacity: f32,
    /// How much of the light and shade of the camera's picture stays on it, 0–1. Default 0.8.
    pub shading: f32,
    /// Width of the soft outline in heights of the face. Range [`Self::FEATHER`], default 0.02.
    pub feather: f32,
}

impl FacePartStyle {
    /// Range of [`FacePartStyle::scale`].
    pub const SCALE: RangeInclusive<f32> = 0.05..=4.0;
    /// Range of [`FacePartStyle::feather`].
    pub const FEATHER: RangeInclusive<f32> = 0.0..=0.2;
    /// Range of the other numbers.
    pub const UNIT: RangeInclusive<f32> = 0.0..=1.0;

    /// The picture as it is.
    pub fn bare() -> Self {
        Self { opacity: 0.0, ..Self::default() }
    }

    /// Brings every number into its range; what is no number becomes the default.
    pub fn clamped(self) -> Self {
        let default = Self::default();
        Self {
            texture: self.texture,
            scale: fit(self.scale, Self::SCALE, default.scale),
            tint: self.tint.map(|channel| fit(channel, Self::UNIT, 1.0)),
            opacity: fit(self.opacity, Self::UNIT, default.opacity),
            shading: fit(self.shading, Self::UNIT, default.shading),
            feather: fit(self.feather, Self::FEATHER, default.feather),
        }
    }
}

impl Default for FacePartStyle {
    fn default() -> Self {
        Self { texture: None, scale: 1.0, tint: [1.0; 3], opacity: 1.0, shading: 0.8, feather: 0.02 }
    }
}

/// The mesh drawn as lines over the face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaceMeshStyle {
    /// The edges of all triangles. Default off.
    pub tessellation: bool,
    /// Outlines of face, eyes, brows and lips. Default off.
    pub contours: bool,
    /// Outlines of the irises. Default off.
    pub irises: bool,
    /// Colour of the lines, sRGB, each 0–1. Default white.
    pub color: [f32; 3],
    /// Width of the lines in pixels of a picture of 720 rows. Range [`Self::WIDTH`], default 1.5.
    pub width: f32,
    /// How much of the lines is seen, 0–1. Default 1.
    pub opacity: f32,
}

impl FaceMeshStyle {
    /// Range of [`FaceMeshStyle::width`].
    pub const WIDTH: RangeInclusive<f32> = 0.25..=16.0;
    /// Range of the other numbers.
    pub const UNIT: RangeInclusive<f32> = 0.0..=1.0;

    /// Whether any line is seen.
    pub fn is_drawn(&self) -> bool {
        (self.tessellation || self.contours || self.irises) && self.opacity > 0.0
    }

    /// Brings every number into its range; what is no number becomes the default.
    pub fn clamped(self) -> Self {
        let default = Self::default();
        Self {
            color: self.color.map(|channel| fit(channel, Self::UNIT, 1.0)),
            width: fit(self.width, Self::WIDTH, default.width),
            opacity: fit(self.opacity, Self::UNIT, default.opacity),
            ..self
        }
    }
}

impl Default for FaceMeshStyle {
    fn default() -> Self {
        Self {
            tessellation: false,
            contours: false,
            irises: false,
            color: [1.0; 3],
            width: 1.5,
            opacity: 1.0,
        }
    }
}

fn fit(value: f32, range: RangeInclusive<f32>, default: f32) -> f32 {
    if value.is_finite() { value.clamp(*range.start(), *range.end()) } else { default }
}

impl Look {
    /// The style of `part`.
    pub fn face_part(&self, part: FacePart) -> &FacePartStyle {
        match part {
            FacePart::FaceOval => &self.face_oval,
            FacePart::FaceTexture => &self.face_texture,
            FacePart::Brows => &self.brows,
            FacePart::Eyes => &self.eyes,
            FacePart::Irises => &self.irises,
            FacePart::Lips => &self.lips,
        }
    }

    /// The style of `part`, to change it.
    pub fn face_part_mut(&mut self, part: FacePart) -> &mut FacePartStyle {
        match part {
            FacePart::FaceOval => &mut self.face_oval,
            FacePart::FaceTexture => &mut self.face_texture,
            FacePart::Brows => &mut self.brows,
            FacePart::Eyes => &mut self.eyes,
            FacePart::Irises => &mut self.irises,
            FacePart::Lips => &mut self.lips,
        }
    }

    /// Whether `part` is painted at all.
    pub fn paints(&self, part: FacePart) -> bool {
        let style = self.face_part(part);
        style.opacity > 0.0 && (part != FacePart::FaceTexture || style.texture.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_paints_no_face_unless_it_says_so() {
        let look = Look::default();
        assert!(FacePart::ALL.iter().all(|part| !look.paints(*part)) && !look.face_mesh.is_drawn());
        for (at, part) in FacePart::ALL.into_iter().enumerate() {
            assert_eq!(part.index(), at);
            let text = format!("[{}]\ntexture = \"silk\"\n", part.name());
            let look: Look = toml::from_str(&text).expect("a table of a look");
            assert!(look.paints(part), "{}", part.name());
            assert!(FacePart::ALL.iter().all(|other| *other == part || !look.paints(*other)));
        }
    }

    #[test]
    fn numbers_out_of_range_are_brought_in() {
        let part =
            FacePartStyle { feather: 9.0, scale: f32::NAN, tint: [-1.0, 2.0, 0.5], ..Default::default() };
        let part = part.clamped();
        assert_eq!((part.feather, part.scale, part.tint), (0.2, 1.0, [0.0, 1.0, 0.5]));
        let mesh = FaceMeshStyle { width: 1e9, opacity: f32::INFINITY, irises: true, ..Default::default() };
        let mesh = mesh.clamped();
        assert_eq!((mesh.width, mesh.opacity, mesh.irises), (16.0, 1.0, true));
    }
}
