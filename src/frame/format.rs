//! Pixel formats a frame can have, and where their planes lie.

/// The formats that travel through Masque. Others are converted when they are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum PixelFormat {
    /// 4:2:0, a luma plane and one plane of interleaved Cb, Cr.
    Nv12,
    /// 4:2:0, planes Y, Cb, Cr.
    I420,
    /// 4:2:2 packed as Y0 Cb Y1 Cr; the width is even.
    Yuyv,
    /// 8-bit RGBA, sRGB-encoded, alpha ignored.
    Rgba8,
}

/// One plane: `rows` rows of `stride` bytes from `offset` on, tightly packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaneLayout {
    /// First byte of the plane in the frame's buffer.
    pub offset: usize,
    /// Bytes per row.
    pub stride: usize,
    /// Number of rows.
    pub rows: usize,
}

impl PlaneLayout {
    /// Bytes of the plane.
    pub fn len(&self) -> usize {
        self.stride * self.rows
    }

    /// Whether the plane has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl PixelFormat {
    /// The planes of a `width` × `height` picture, in order; odd sizes round chroma up.
    pub fn planes(self, width: u32, height: u32) -> Vec<PlaneLayout> {
        self.plane_array(width, height).0[..self.plane_count()].to_vec()
    }

    /// Number of planes: 1 to 3.
    pub fn plane_count(self) -> usize {
        match self {
            Self::Nv12 => 2,
            Self::I420 => 3,
            Self::Yuyv | Self::Rgba8 => 1,
        }
    }

    /// Plane `index` without an allocation.
    pub fn plane(self, index: usize, width: u32, height: u32) -> PlaneLayout {
        self.plane_array(width, height).0[index.min(self.plane_count() - 1)]
    }

    /// Bytes of a whole picture.
    pub fn bytes(self, width: u32, height: u32) -> usize {
        self.plane_array(width, height).1
    }

    fn plane_array(self, width: u32, height: u32) -> ([PlaneLayout; 3], usize) {
        let (w, h) = (width as usize, height as usize);
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        let shapes: [(usize, usize); 3] = match self {
            Self::Nv12 => [(w, h), (half_w * 2, half_h), (0, 0)],
            Self::I420 => [(w, h), (half_w, half_h), (half_w, half_h)],
            Self::Yuyv => [(half_w * 4, h), (0, 0), (0, 0)],
            Self::Rgba8 => [(w * 4, h), (0, 0), (0, 0)],
        };
        let mut offset = 0;
        let planes = shapes.map(|(stride, rows)| {
            let plane = PlaneLayout { offset, stride, rows };
            offset += plane.len();
            plane
        });
        (planes, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_sizes_keep_every_pixel() {
        assert_eq!(PixelFormat::Nv12.bytes(5, 3), 15 + 6 * 2);
        assert_eq!(PixelFormat::I420.bytes(5, 3), 15 + 2 * (3 * 2));
        assert_eq!(PixelFormat::Yuyv.bytes(5, 3), 12 * 3);
        assert_eq!(PixelFormat::Rgba8.bytes(5, 3), 60);
    }

    #[test]
    fn planes_follow_one_another() {
        let planes = PixelFormat::I420.planes(640, 480);
        assert_eq!(planes.len(), 3);
        assert_eq!(planes[1].offset, 640 * 480);
        assert_eq!(planes[2].offset, 640 * 480 + 320 * 240);
    }
}
