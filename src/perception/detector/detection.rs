//! One thing that was found.

/// An upright box in pixels of the frame, its edges at fractions of them; may leave the frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PixelBox {
    /// Left edge, 0 is the frame's.
    pub x: f32,
    /// Upper edge, 0 is the frame's.
    pub y: f32,
    /// Columns.
    pub width: f32,
    /// Rows.
    pub height: f32,
}

/// One thing that was found in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Number of its class, 0 is the first of the model's list.
    pub class: u16,
    /// How sure the model is, 0–1.
    pub confidence: f32,
    /// Where it is.
    pub bounds: PixelBox,
}
