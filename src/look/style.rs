//! The style of one region, and the look that is made of six and of what faces wear.

use serde::Deserialize;

use super::{BoxStyle, EffectLayer, FaceMeshStyle, FacePartStyle, MatteStyle, Overlay, RandomRules};
use crate::frame::Region;
use crate::parameters::{Blend, BlendMode, Choice, Color, Float, Switch, Texture, Unit, parameters};

parameters! {
    /// What one region wears.
    pub struct RegionStyle {
        /// Name of a texture of the library; none wears the tint alone.
        texture: Option<String> = Texture { choice: Choice::Textures };
        /// How much of the dress is seen over the camera's picture.
        opacity: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Size of one tile of the texture.
        scale: f32 = Float { default: 0.5, min: 0.05, max: 4.0, unit: Unit::PictureHeights };
        /// How far the texture is turned, clockwise.
        rotation: f32 = Float { default: 0.0, min: -180.0, max: 180.0, unit: Unit::Degrees };
        /// How fast the texture moves along its rows: to the right where it is not turned.
        scroll_x: f32 = Float { default: 0.0, min: -2.0, max: 2.0, unit: Unit::PictureHeightsPerSecond };
        /// How fast the texture moves along its columns: down where it is not turned.
        scroll_y: f32 = Float { default: 0.0, min: -2.0, max: 2.0, unit: Unit::PictureHeightsPerSecond };
        /// How the dress lies over the camera's picture.
        blend: BlendMode = Blend;
        /// Colour that the texture is multiplied with, sRGB.
        tint: [f32; 3] = Color { default: [1.0; 3] };
        /// How much of the light and shade of the camera's picture stays on the dress.
        shading: f32 = Float { default: 0.8, min: 0.0, max: 1.0, unit: Unit::Share };
        /// How far the region grows over its neighbours (above 0) or shrinks (below 0).
        dilation: f32 = Float { default: 0.0, min: -5.0, max: 5.0, unit: Unit::PicturePercent };
        /// How wide the edge fades.
        softness: f32 = Float { default: 0.0, min: 0.0, max: 5.0, unit: Unit::PicturePercent };
        /// Dresses everything but the region.
        invert: bool = Switch { default: false };
    }
}

impl RegionStyle {
    /// The camera's picture as it is.
    pub fn bare() -> Self {
        Self { opacity: 0.0, ..Self::default() }
    }

    /// Whether the region's matte is another than the network's.
    pub fn is_shaped(&self) -> bool {
        self.dilation != 0.0 || self.softness > 0.0 || self.invert
    }
}

/// One style per region, and what faces wear.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Look {
    /// Shown in the panel.
    pub name: String,
    /// How mattes are refined.
    pub matte: MatteStyle,
    /// See [`Region::Background`].
    pub background: RegionStyle,
    /// See [`Region::Hair`].
    pub hair: RegionStyle,
    /// See [`Region::BodySkin`].
    pub body_skin: RegionStyle,
    /// See [`Region::FaceSkin`].
    pub face_skin: RegionStyle,
    /// See [`Region::Clothes`].
    pub clothes: RegionStyle,
    /// See [`Region::Accessories`].
    pub accessories: RegionStyle,
    /// See [`FacePart::FaceOval`](super::FacePart::FaceOval).
    pub face_oval: FacePartStyle,
    /// See [`FacePart::FaceTexture`](super::FacePart::FaceTexture).
    pub face_texture: FacePartStyle,
    /// See [`FacePart::Brows`](super::FacePart::Brows).
    pub brows: FacePartStyle,
    /// See [`FacePart::Eyes`](super::FacePart::Eyes).
    pub eyes: FacePartStyle,
    /// See [`FacePart::Irises`](super::FacePart::Irises).
    pub irises: FacePartStyle,
    /// See [`FacePart::Lips`](super::FacePart::Lips).
    pub lips: FacePartStyle,
    /// The lines of the mesh.
    pub face_mesh: FaceMeshStyle,
    /// Boxes around what is detected.
    pub boxes: BoxStyle,
    /// Effects over the whole picture, from below; see [`Look::stack_mut`].
    #[serde(skip)]
    pub effects: Vec<EffectLayer>,
    /// Effects of each region, in the order of their ids, each from below.
    #[serde(skip)]
    pub region_effects: [Vec<EffectLayer>; Region::COUNT],
    /// What is drawn over everything, from below.
    pub overlays: Vec<Overlay>,
    /// What chance may change.
    pub randomise: RandomRules,
}

impl Default for Look {
    fn default() -> Self {
        let bare = RegionStyle::bare;
        Self {
            name: "Bare".into(),
            matte: MatteStyle::default(),
            background: bare(),
            hair: bare(),
            body_skin: bare(),
            face_skin: bare(),
            clothes: bare(),
            accessories: bare(),
            face_oval: FacePartStyle::bare(),
            face_texture: FacePartStyle::bare(),
            brows: FacePartStyle::bare(),
            eyes: FacePartStyle::bare(),
            irises: FacePartStyle::bare(),
            lips: FacePartStyle::bare(),
            face_mesh: FaceMeshStyle::default(),
            boxes: BoxStyle::default(),
            effects: Vec::new(),
            region_effects: Default::default(),
            overlays: Vec::new(),
            randomise: RandomRules::default(),
        }
    }
}

impl Look {
    /// The style of `region`.
    pub fn style(&self, region: Region) -> &RegionStyle {
        match region {
            Region::Background => &self.background,
            Region::Hair => &self.hair,
            Region::BodySkin => &self.body_skin,
            Region::FaceSkin => &self.face_skin,
            Region::Clothes => &self.clothes,
            Region::Accessories => &self.accessories,
        }
    }

    /// The style of `region`, to change it.
    pub fn style_mut(&mut self, region: Region) -> &mut RegionStyle {
        match region {
            Region::Background => &mut self.background,
            Region::Hair => &mut self.hair,
            Region::BodySkin => &mut self.body_skin,
            Region::FaceSkin => &mut self.face_skin,
            Region::Clothes => &mut self.clothes,
            Region::Accessories => &mut self.accessories,
        }
    }
}
