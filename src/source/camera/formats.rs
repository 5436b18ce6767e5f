//! The pixel formats of cameras, by the codes that drivers use.

use crate::frame::PixelFormat;

/// A format that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawFormat {
    /// 4:2:2 in one plane: where Y₀, Cb, Y₁ and Cr lie in each four bytes.
    Packed422([usize; 4]),
    /// A plane of Y, a plane of pairs of Cb and Cr.
    SemiPlanar(Chroma),
    /// A plane each of Y, Cb, Cr.
    Planar(Chroma),
    /// Motion JPEG.
    Mjpeg,
    /// Red, green, blue in bits of a word.
    Rgb(Packing),
    /// Y, Cb, Cr in bits of a word.
    Yuv(Packing),
    /// Brightness alone.
    Grey(Sample),
    /// One colour per pixel: red at this column and row of each 2 × 2 block, blue at the opposite corner.
    Bayer(Sample, (usize, usize)),
}

/// How often there is chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chroma {
    /// Columns of luma per column of chroma.
    pub(super) across: usize,
    /// Rows of luma per row of chroma.
    pub(super) down: usize,
    /// Cr comes before Cb.
    pub(super) swapped: bool,
}

/// Where three components lie in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    /// Bytes of the word, 1–4.
    pub(super) bytes: usize,
    pub(super) big_endian: bool,
    /// Lowest bit and number of bits (at most 8) of each component.
    pub(super) parts: [(u32, u32); 3],
}

/// A number of one or two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Byte,
    /// Little-endian, with so many bits over eight.
    Word(u32),
    /// Big-endian, sixteen bits.
    WordBigEndian,
}

impl Sample {
    pub(super) fn bytes(self) -> usize {
        if self == Self::Byte { 1 } else { 2 }
    }
}

const fn chroma(across: usize, down: usize, swapped: bool) -> Chroma {
    Chroma { across, down, swapped }
}

const fn rgb(bytes: usize, parts: [(u32, u32); 3]) -> RawFormat {
    RawFormat::Rgb(Packing { bytes, big_endian: false, parts })
}

const fn rgb_big(bytes: usize, parts: [(u32, u32); 3]) -> RawFormat {
    RawFormat::Rgb(Packing { bytes, big_endian: true, parts })
}

const fn yuv(bytes: usize, parts: [(u32, u32); 3]) -> RawFormat {
    RawFormat::Yuv(Packing { bytes, big_endian: false, parts })
}

const fn bayer(sample: Sample, red: (usize, usize)) -> RawFormat {
    RawFormat::Bayer(sample, red)
}

const NV12: RawFormat = RawFormat::SemiPlanar(chroma(2, 2, false));
const I420: RawFormat = RawFormat::Planar(chroma(2, 2, false));
const GREY: RawFormat = RawFormat::Grey(Sample::Byte);
/// The red pixel of BGGR, GBRG, GRBG and RGGB.
const BGGR: (usize, usize) = (1, 1);
const GBRG: (usize, usize) = (0, 1);
const GRBG: (usize, usize) = (1, 0);
const RGGB: (usize, usize) = (0, 0);
const X444: [(u32, u32); 3] = [(8, 4), (4, 4), (0, 4)];
const X555: [(u32, u32); 3] = [(10, 5), (5, 5), (0, 5)];
/// Bytes in the order R G B, and the others named likewise; `x` is a byte that means nothing here.
const RGBX: [(u32, u32); 3] = [(0, 8), (8, 8), (16, 8)];
const BGRX: [(u32, u32); 3] = [(16, 8), (8, 8), (0, 8)];
const XRGB: [(u32, u32); 3] = [(8, 8), (16, 8), (24, 8)];
const XBGR: [(u32, u32); 3] = [(24, 8), (16, 8), (8, 8)];

/// All, with the codes of Video4Linux, and of other systems where they differ.
const CODES: &[(&str, RawFormat)] = &[
    ("YUYV", RawFormat::YUYV),
    ("YUY2", RawFormat::YUYV),
    ("UYVY", RawFormat::UYVY),
    ("YVYU", RawFormat::Packed422([0, 3, 2, 1])),
    ("VYUY", RawFormat::Packed422([1, 2, 3, 0])),
    ("NV12", NV12),
    ("NV21", RawFormat::SemiPlanar(chroma(2, 2, true))),
    ("NV16", RawFormat::SemiPlanar(chroma(2, 1, false))),
    ("NV61", RawFormat::SemiPlanar(chroma(2, 1, true))),
    ("NV24", RawFormat::SemiPlanar(chroma(1, 1, false))),
    ("NV42", RawFormat::SemiPlanar(chroma(1, 1, true))),
    ("YU12", I420),
    ("I420", I420),
    ("YV12", RawFormat::Planar(chroma(2, 2, true))),
    ("422P", RawFormat::Planar(chroma(2, 1, false))),
    ("MJPG", RawFormat::Mjpeg),
    ("JPEG", RawFormat::Mjpeg),
    ("MJPEG", RawFormat::Mjpeg),
    ("RGB3", RawFormat::RGB),
    ("RAWRGB", RawFormat::RGB),
    ("BGR3", RawFormat::BGR),
    ("RAWBGR", RawFormat::BGR),
    ("XB24", rgb(4, RGBX)),
    ("AB24", rgb(4, RGBX)),
    ("BGR4", rgb(4, BGRX)),
    ("XR24", rgb(4, BGRX)),
    ("AR24", rgb(4, BGRX)),
    ("RGB4", rgb(4, XRGB)),
    ("BX24", rgb(4, XRGB)),
    ("BA24", rgb(4, XRGB)),
    ("RX24", rgb(4, XBGR)),
    ("RA24", rgb(4, XBGR)),
    ("BGRH", rgb_big(4, [(14, 6), (20, 6), (26, 6)])),
    ("RGB1", rgb(1, [(5, 3), (2, 3), (0, 2)])),
    ("RGBP", rgb(2, [(11, 5), (5, 6), (0, 5)])),
    ("RGBR", rgb_big(2, [(11, 5), (5, 6), (0, 5)])),
    ("R444", rgb(2, X444)),
    ("XR12", rgb(2, X444)),
    ("AR12", rgb(2, X444)),
    ("RX12", rgb(2, [(12, 4), (8, 4), (4, 4)])),
    ("RA12", rgb(2, [(12, 4), (8, 4), (4, 4)])),
    ("XB12", rgb(2, [(0, 4), (4, 4), (8, 4)])),
    ("AB12", rgb(2, [(0, 4), (4, 4), (8, 4)])),
    ("BX12", rgb(2, [(4, 4), (8, 4), (12, 4)])),
    ("GA12", rgb(2, [(4, 4), (8, 4), (12, 4)])),
    ("RGBO", rgb(2, X555)),
    ("XR15", rgb(2, X555)),
    ("AR15", rgb(2, X555)),
    ("RGBQ", rgb_big(2, X555)),
    ("XR15-BE", rgb_big(2, X555)),
    ("AR15-BE", rgb_big(2, X555)),
    ("RX15", rgb(2, [(11, 5), (6, 5), (1, 5)])),
    ("RA15", rgb(2, [(11, 5), (6, 5), (1, 5)])),
    ("XB15", rgb(2, [(0, 5), (5, 5), (10, 5)])),
    ("AB15", rgb(2, [(0, 5), (5, 5), (10, 5)])),
    ("BX15", rgb(2, [(1, 5), (6, 5), (11, 5)])),
    ("BA15", rgb(2, [(1, 5), (6, 5), (11, 5)])),
    ("YUV4", yuv(4, XRGB)),
    ("AYUV", yuv(4, XRGB)),
    ("XYUV", yuv(4, XRGB)),
    ("VUYA", yuv(4, BGRX)),
    ("VUYX", yuv(4, BGRX)),
    ("YUVA", yuv(4, RGBX)),
    ("YUVX", yuv(4, RGBX)),
    ("YUVO", yuv(2, X555)),
    ("YUVP", yuv(2, [(11, 5), (5, 6), (0, 5)])),
    ("Y444", yuv(2, X444)),
    ("GREY", GREY),
    ("GRAY", GREY),
    ("Y10", RawFormat::Grey(Sample::Word(2))),
    ("Y12", RawFormat::Grey(Sample::Word(4))),
    ("Y16", RawFormat::Grey(Sample::Word(8))),
    ("Y16-BE", RawFormat::Grey(Sample::WordBigEndian)),
    ("BA81", bayer(Sample::Byte, BGGR)),
    ("GBRG", bayer(Sample::Byte, GBRG)),
    ("GRBG", bayer(Sample::Byte, GRBG)),
    ("RGGB", bayer(Sample::Byte, RGGB)),
    ("BG10", bayer(Sample::Word(2), BGGR)),
    ("GB10", bayer(Sample::Word(2), GBRG)),
    ("BA10", bayer(Sample::Word(2), GRBG)),
    ("RG10", bayer(Sample::Word(2), RGGB)),
    ("BG12", bayer(Sample::Word(4), BGGR)),
    ("GB12", bayer(Sample::Word(4), GBRG)),
    ("BA12", bayer(Sample::Word(4), GRBG)),
    ("RG12", bayer(Sample::Word(4), RGGB)),
    ("BYR2", bayer(Sample::Word(8), BGGR)),
    ("GB16", bayer(Sample::Word(8), GBRG)),
    ("GR16", bayer(Sample::Word(8), GRBG)),
    ("RG16", bayer(Sample::Word(8), RGGB)),
];

impl RawFormat {
    pub(super) const YUYV: Self = Self::Packed422([0, 1, 2, 3]);
    pub(super) const UYVY: Self = Self::Packed422([1, 0, 3, 2]);
    pub(super) const RGB: Self = rgb(3, RGBX);
    pub(super) const BGR: Self = rgb(3, BGRX);
    /// Bytes R G B and one more.
    pub(super) const RGBX: Self = rgb(4, RGBX);
    /// Bytes B G R and one more.
    pub(super) const BGRX: Self = rgb(4, BGRX);

    pub(super) fn from_code(code: &str) -> Option<Self> {
        let code = code.trim();
        CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, format)| *format)
    }

    /// What the frame will be.
    pub(super) fn becomes(self) -> PixelFormat {
        match self {
            Self::Packed422(_) => PixelFormat::Yuyv,
            Self::SemiPlanar(_) | Self::Yuv(_) | Self::Grey(_) => PixelFormat::Nv12,
            Self::Planar(_) => PixelFormat::I420,
            Self::Mjpeg | Self::Rgb(_) | Self::Bayer(..) => PixelFormat::Rgba8,
        }
    }

    /// Rank by work and bytes per pixel, the cheapest first. What has no colour comes last.
    pub(super) fn cost(self) -> u32 {
        match self {
            NV12 | I420 => 0,
            Self::YUYV => 1,
            Self::Packed422(_) => 2,
            Self::SemiPlanar(_) | Self::Planar(_) => 3,
            Self::RGBX | Self::BGRX => 4,
            Self::RGB | Self::BGR => 5,
            Self::Mjpeg => 6,
            Self::Rgb(packing) | Self::Yuv(packing) if packing.bytes == 4 => 7,
            Self::Rgb(_) | Self::Yuv(_) => 8,
            Self::Bayer(..) => 9,
            Self::Grey(_) => 10,
        }
    }

    /// Bytes of the first plane's rows without padding.
    pub(super) fn row_bytes(self, width: u32) -> usize {
        let width = width as usize;
        match self {
            Self::Packed422(_) => width.div_ceil(2) * 4,
            Self::SemiPlanar(_) | Self::Planar(_) => width,
            Self::Rgb(packing) | Self::Yuv(packing) => width * packing.bytes,
            Self::Grey(sample) | Self::Bayer(sample, _) => width * sample.bytes(),
            Self::Mjpeg => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_there_once_and_fits_a_word() {
        for (i, (code, format)) in CODES.iter().enumerate() {
            assert!(CODES[..i].iter().all(|(other, _)| other != code), "{code} twice");
            assert_eq!(RawFormat::from_code(&format!("{code} ")), Some(*format));
            if let RawFormat::Rgb(packing) | RawFormat::Yuv(packing) = format {
                let top = packing.parts.iter().map(|(low, bits)| low + bits).max().unwrap_or_default();
                assert!(top as usize <= packing.bytes * 8, "{code}");
            }
        }
        assert_eq!(RawFormat::from_code("H264"), None);
    }

    #[test]
    fn less_work_is_cheaper() {
        let order = ["NV12", "YUYV", "UYVY", "422P", "XB24", "RGB3", "MJPG", "RGB4", "RGBP", "RGGB", "GREY"];
        let costs = order.map(|code| RawFormat::from_code(code).map(RawFormat::cost));
        assert!(costs.windows(2).all(|pair| pair[0] < pair[1]), "{costs:?}");
    }
}
