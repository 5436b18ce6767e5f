//! Meshes and paints of the figure, made once.

use super::arm::{self, Sleeve};
use super::body::{self, Body};
use super::hair::{self, Hair};
use super::hand::{self, Hand};
use super::head::{self, Head};
use super::math::V3;
use super::mesh::Mesh;
use super::raster::Texture;
use super::{face, trinkets};

/// Everything that does not depend on the picture.
pub(super) struct Cast {
    pub head: Head,
    pub ears: [Mesh; 2],
    pub earrings: Mesh,
    pub necklace: Mesh,
    pub hair: Hair,
    pub body: Body,
    pub sleeves: [Sleeve; 2],
    pub circle: Vec<(f32, f32)>,
    pub hand: Hand,
    pub face_paint: Texture,
    pub skin_paint: Texture,
    pub hand_paint: Texture,
    pub hair_paint: Texture,
    pub knit_paint: Texture,
    pub gold_paint: Texture,
}

impl Cast {
    pub fn new() -> Cast {
        let shoulders = |p: V3| head::head(p).min(hair::shade_solid(p));
        Cast {
            head: Head::new(&hair::shade_solid),
            ears: [trinkets::ear(-1.0), trinkets::ear(1.0)],
            earrings: trinkets::earrings(),
            necklace: trinkets::necklace(),
            hair: Hair::new(),
            body: Body::new(&shoulders),
            sleeves: [Sleeve::new(0.0), Sleeve::new(31.0)],
            circle: arm::circle(),
            hand: Hand::new(),
            face_paint: face::texture(),
            skin_paint: body::skin_texture(),
            hand_paint: hand::texture(),
            hair_paint: hair::texture(),
            knit_paint: body::knit_texture(),
            gold_paint: Texture::paint(0, 0, |_, _| ([0.93, 0.74, 0.40], 1.0)),
        }
    }
}
