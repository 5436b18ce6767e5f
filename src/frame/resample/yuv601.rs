//! YUV to RGB as libswscale does it where speed was asked for, to the bit.

use crate::frame::ColorRange;

/// Luma and chroma have three fraction bits more than bytes, and factors 13; each product loses its lower 16 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Yuv601 {
    black: i16,
    luma: i16,
    cr_red: i16,
    cb_green: i16,
    cr_green: i16,
    cb_blue: i16,
}

impl Yuv601 {
    /// The numbers for a range. Source: `ff_yuv2rgb_c_init_tables` of libswscale, whose factors for BT.601 are
    /// 104597, 132201, 25675 and 53279 of 65536.
    pub(super) const fn of(range: ColorRange) -> Self {
        match range {
            ColorRange::Limited => Self {
                black: 16 << 3,
                luma: 9539,
                cr_red: 13075,
                cb_green: -3209,
                cr_green: -6660,
                cb_blue: 16525,
            },
            ColorRange::Full => {
                Self { black: 0, luma: 8192, cr_red: 11485, cb_green: -2819, cr_green: -5850, cb_blue: 14516 }
            }
        }
    }

    /// Y, Cb, Cr (0–255 each) become R, G, B in place.
    pub(super) fn to_rgb(self, [first, second, third]: &mut [Vec<i16>; 3]) {
        let high = |a: i16, b: i16| ((i32::from(a) * i32::from(b)) >> 16) as i16;
        for ((first, second), third) in first.iter_mut().zip(second.iter_mut()).zip(third.iter_mut()) {
            let y = high(*first * 8 - self.black, self.luma);
            let (cb, cr) = (*second * 8 - 1024, *third * 8 - 1024);
            *first = (y + high(cr, self.cr_red)).clamp(0, 255);
            *second = (y + high(cb, self.cb_green) + high(cr, self.cr_green)).clamp(0, 255);
            *third = (y + high(cb, self.cb_blue)).clamp(0, 255);
        }
    }
}
