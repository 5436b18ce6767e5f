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

impl PixelBox {
    /// Square pixels; 0 for a box without any.
    pub fn area(&self) -> f32 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// Square pixels that it shares with `other`.
    pub fn shared_area(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }

    /// Intersection over union with `other`, 0–1.
    pub fn overlap(&self, other: &Self) -> f32 {
        let shared = self.shared_area(other);
        if shared > 0.0 { shared / (self.area() + other.area() - shared) } else { 0.0 }
    }

    /// The middle of its lower edge: where a person stands.
    pub fn foot(&self) -> [f32; 2] {
        [self.x + self.width / 2.0, self.y + self.height]
    }

    /// Whether all its numbers are finite and it has pixels.
    pub(in crate::perception) fn is_real(&self) -> bool {
        [self.x, self.y, self.width, self.height].iter().all(|number| number.is_finite())
            && self.width > 0.0
            && self.height > 0.0
    }
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

impl Detection {
    /// Surest first; ties by class, then from the top, then from the left.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let place = |one: &Self| (one.class, one.bounds);
        let ((class, bounds), (other_class, other_bounds)) = (place(self), place(other));
        other
            .confidence
            .total_cmp(&self.confidence)
            .then(class.cmp(&other_class))
            .then(bounds.y.total_cmp(&other_bounds.y))
            .then(bounds.x.total_cmp(&other_bounds.x))
    }
}
