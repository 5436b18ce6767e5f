//! How things that are detected are drawn. `[boxes]`.

use crate::parameters::{Float, Switch, Unit, parameters};

parameters! {
    /// Boxes with labels around what is detected and followed; nothing where nothing detects (`--detect`).
    #[derive(Copy)]
    pub struct BoxStyle {
        /// Draws them.
        on: bool = Switch { default: true };
        /// How much of them is seen.
        opacity: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Width of the lines in a picture of 720 lines; it grows with the picture.
        width: f32 = Float { default: 2.0, min: 0.5, max: 16.0, unit: Unit::Pixels };
        /// Height of the labels; 0 is none.
        label: f32 = Float { default: 0.028, min: 0.0, max: 0.2, unit: Unit::PictureHeights };
        /// Labels say how sure the detector is.
        confidence: bool = Switch { default: false };
        /// Draws also what is not followed (yet): what was seen once only.
        unfollowed: bool = Switch { default: false };
        /// Draws the zones in which things are counted, with how many stand in each.
        zones: bool = Switch { default: false };
    }
}

impl BoxStyle {
    /// Whether anything of them is seen.
    pub fn is_drawn(&self) -> bool {
        self.on && self.opacity > 0.0
    }
}
