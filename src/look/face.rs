//! What faces wear: paint and parts that are pinned to the mesh, and the mesh itself.

use super::Look;
use crate::parameters::{Choice, Color, Float, Switch, Texture, Unit, parameters};

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

parameters! {
    /// What one part of the face wears. Its texture is pinned to the face's map and moves with the face; that of
    /// the irises to each iris.
    pub struct FacePartStyle {
        /// Name of a texture or a face paint of the library, or an image file; none wears the tint alone (the
        /// face paint: nothing). Where an image is transparent, the face stays bare.
        texture: Option<String> = Texture { choice: Choice::FacePaints };
        /// How much of it is seen over the picture.
        opacity: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Size of one tile in sides of the face's map, which the face just fills; 1 pins the picture to the
        /// map. Of the irises: in diameters of the iris.
        scale: f32 = Float { default: 1.0, min: 0.05, max: 4.0, unit: Unit::MapSides };
        /// Colour that the texture is multiplied with, sRGB.
        tint: [f32; 3] = Color { default: [1.0; 3] };
        /// How much of the light and shade of the camera's picture stays on it.
        shading: f32 = Float { default: 0.8, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Width of the soft outline; 0 is as sharp as a pixel.
        feather: f32 = FacePartStyle::FEATHER;
    }
}

impl FacePartStyle {
    /// Of [`FacePartStyle::feather`]: the mesh is laid out for the widest one.
    pub const FEATHER: Float = Float { default: 0.02, min: 0.0, max: 0.2, unit: Unit::FaceHeights };

    /// The picture as it is.
    pub fn bare() -> Self {
        Self { opacity: 0.0, ..Self::default() }
    }
}

parameters! {
    /// The mesh drawn as lines over the face.
    pub struct FaceMeshStyle {
        /// The edges of all triangles.
        tessellation: bool = Switch { default: false };
        /// Outlines of face, eyes, brows and lips.
        contours: bool = Switch { default: false };
        /// Outlines of the irises.
        irises: bool = Switch { default: false };
        /// How much of the lines is seen.
        opacity: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Width of the lines.
        width: f32 = Float { default: 1.5, min: 0.25, max: 16.0, unit: Unit::Pixels };
        /// Colour of the lines, sRGB.
        color: [f32; 3] = Color { default: [1.0; 3] };
    }
}

impl FaceMeshStyle {
    /// Whether any line is seen.
    pub fn is_drawn(&self) -> bool {
        (self.tessellation || self.contours || self.irises) && self.opacity > 0.0
    }
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
