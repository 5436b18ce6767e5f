//! A small RGB picture that is filled again and again.

/// Tightly packed 8-bit RGB, sRGB-encoded; the buffer is kept between uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RgbImage {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `height` rows of `width` pixels of R, G, B.
    pub pixels: Vec<u8>,
}

impl RgbImage {
    /// Makes room for `width` × `height`; contents are unspecified afterwards.
    pub fn resize(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(width as usize * height as usize * 3, 0);
    }
}
