//! How YUV numbers become light.

/// Coefficients of the YCbCr → RGB matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum ColorMatrix {
    /// ITU-R BT.601: standard definition video, webcams, JPEG.
    #[default]
    Bt601,
    /// ITU-R BT.709: high definition video.
    Bt709,
}

/// Which byte values black and white have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum ColorRange {
    /// Luma 16–235, chroma 16–240 ("TV", "MPEG").
    #[default]
    Limited,
    /// All of 0–255 ("PC", "JPEG").
    Full,
}

/// Matrix and range of a YUV picture; without meaning for RGB formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct ColorSpace {
    /// Conversion coefficients.
    pub matrix: ColorMatrix,
    /// Byte range.
    pub range: ColorRange,
}

impl ColorSpace {
    /// What a stream that says nothing is taken for: BT.709 from 720 lines up, else BT.601; limited
    /// range. The convention of FFmpeg, mpv and VLC.
    pub fn guess(height: u32) -> Self {
        let matrix = if height >= 720 { ColorMatrix::Bt709 } else { ColorMatrix::Bt601 };
        Self { matrix, range: ColorRange::Limited }
    }

    /// Rows of the YCbCr → RGB conversion as `rgb = m · (y, cb, cr) + offset`, for inputs and outputs
    /// in 0–1. Source: ITU-R BT.601-7 and BT.709-6, section 3.
    pub fn to_rgb(self) -> ([[f32; 3]; 3], [f32; 3]) {
        let (kr, kb) = match self.matrix {
            ColorMatrix::Bt601 => (0.299_f32, 0.114_f32),
            ColorMatrix::Bt709 => (0.2126, 0.0722),
        };
        let kg = 1.0 - kr - kb;
        let (black, luma, chroma) = match self.range {
            ColorRange::Limited => (16.0 / 255.0, 255.0 / 219.0, 255.0 / 224.0),
            ColorRange::Full => (0.0, 1.0, 1.0),
        };
        let neutral = 128.0 / 255.0;
        let cr_r = 2.0 * (1.0 - kr) * chroma;
        let cb_b = 2.0 * (1.0 - kb) * chroma;
        let cb_g = -2.0 * kb * (1.0 - kb) / kg * chroma;
        let cr_g = -2.0 * kr * (1.0 - kr) / kg * chroma;
        let rows = [[luma, 0.0, cr_r], [luma, cb_g, cr_g], [luma, cb_b, 0.0]];
        let offset = rows.map(|[y, cb, cr]| -y * black - (cb + cr) * neutral);
        (rows, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(space: ColorSpace, yuv: [u8; 3]) -> [u8; 3] {
        let (rows, offset) = space.to_rgb();
        let yuv = yuv.map(|v| f32::from(v) / 255.0);
        std::array::from_fn(|i| {
            let v: f32 = (0..3).map(|k| rows[i][k] * yuv[k]).sum::<f32>() + offset[i];
            (v.clamp(0.0, 1.0) * 255.0).round() as u8
        })
    }

    #[test]
    fn black_white_and_primaries_come_out_right() {
        for matrix in [ColorMatrix::Bt601, ColorMatrix::Bt709] {
            let tv = ColorSpace { matrix, range: ColorRange::Limited };
            assert_eq!(convert(tv, [16, 128, 128]), [0, 0, 0]);
            assert_eq!(convert(tv, [235, 128, 128]), [255, 255, 255]);
            let pc = ColorSpace { matrix, range: ColorRange::Full };
            assert_eq!(convert(pc, [0, 128, 128]), [0, 0, 0]);
            assert_eq!(convert(pc, [255, 128, 128]), [255, 255, 255]);
        }
        // 100 % red in BT.709 limited range is Y 63, Cb 102, Cr 240 (BT.709 colour bars).
        let red =
            convert(ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited }, [63, 102, 240]);
        assert!(red[0] >= 253 && red[1] <= 3 && red[2] <= 3, "{red:?}");
    }
}
