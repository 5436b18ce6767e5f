//! The style of one region, and the look that is made of six and of what faces wear.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{FaceMeshStyle, FacePartStyle, MatteStyle};
use crate::frame::Region;

/// What one region wears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionStyle {
    /// Name of a texture of the library; none wears the tint alone.
    pub texture: Option<String>,
    /// Size of one tile in heights of the picture. Range [`Self::SCALE`], default 0.5.
    pub scale: f32,
    /// Colour that the texture is multiplied with, sRGB, each 0–1. Default white.
    pub tint: [f32; 3],
    /// How much of the dress is seen over the camera's picture, 0–1. Default 1.
    pub opacity: f32,
    /// How much of the light and shade of the camera's picture stays on the dress, 0–1. Default 0.8.
    pub shading: f32,
    /// How far the region grows over its neighbours (above 0) or shrinks (below 0), in hundredths of the
    /// picture's height. Range [`Self::DILATION`], default 0.
    pub dilation: f32,
    /// How wide the edge fades, in hundredths of the picture's height. Range [`Self::SOFTNESS`], default 0.
    pub softness: f32,
    /// Dresses everything but the region. Default no.
    pub invert: bool,
}

impl RegionStyle {
    /// Range of [`RegionStyle::scale`].
    pub const SCALE: RangeInclusive<f32> = 0.05..=4.0;
    /// Range of [`RegionStyle::dilation`].
    pub const DILATION: RangeInclusive<f32> = -5.0..=5.0;
    /// Range of [`RegionStyle::softness`].
    pub const SOFTNESS: RangeInclusive<f32> = 0.0..=5.0;
    /// Range of the other numbers.
    pub const UNIT: RangeInclusive<f32> = 0.0..=1.0;

    /// The camera's picture as it is.
    pub fn bare() -> Self {
        Self { opacity: 0.0, ..Self::default() }
    }

    /// Whether the region's matte is another than the network's.
    pub fn is_shaped(&self) -> bool {
        self.dilation != 0.0 || self.softness > 0.0 || self.invert
    }

    /// Brings every number into its range; what is no number becomes the default.
    pub fn clamped(mut self) -> Self {
        let default = Self::default();
        self.scale = fit(self.scale, Self::SCALE, default.scale);
        self.tint = self.tint.map(|channel| fit(channel, Self::UNIT, 1.0));
        self.opacity = fit(self.opacity, Self::UNIT, default.opacity);
        self.shading = fit(self.shading, Self::UNIT, default.shading);
        self.dilation = fit(self.dilation, Self::DILATION, default.dilation);
        self.softness = fit(self.softness, Self::SOFTNESS, default.softness);
        self
    }
}

impl Default for RegionStyle {
    fn default() -> Self {
        Self {
            texture: None,
            scale: 0.5,
            tint: [1.0; 3],
            opacity: 1.0,
            shading: 0.8,
            dilation: 0.0,
            softness: 0.0,
            invert: false,
        }
    }
}

/// `value` within `range`; `default` when it is no number.
pub(super) fn fit(value: f32, range: RangeInclusive<f32>, default: f32) -> f32 {
    if value.is_finite() { value.clamp(*range.start(), *range.end()) } else { default }
}

/// One style per region, and what faces wear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
