//! How the mattes of a look are refined before they are dressed.

use crate::parameters::{Float, Unit, parameters};

parameters! {
    /// Refinement of all mattes.
    #[derive(Copy)]
    pub struct MatteStyle {
        /// Time in which an unsure edge follows the network where the picture does not change; where it
        /// changes, mattes follow at once. 0 is off.
        smoothing: f32 = Float { default: 0.35, min: 0.0, max: 1.0, unit: Unit::Seconds };
        /// How far edges follow the edges of the full picture instead of the small mask's. 0 is off.
        refinement: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
    }
}

impl MatteStyle {
    /// What the network says, scaled up.
    pub fn raw() -> Self {
        Self { smoothing: 0.0, refinement: 0.0 }
    }
}
