//! YUV to RGB as libswscale does it where speed was asked for, to the bit.

use crate::frame::ColorRange;

/// Luma and chroma have three fraction bits more than bytes, and factors 13; each product loses its lower 16 bits.
#[derive(Debug, Clone, Copy)]
struct Yuv601 {
    black: i16,
    luma: i16,
    cr_red: i16,
    cb_green: i16,
    cr_green: i16,
    cb_blue: i16,
}

/// Source of both: `ff_yuv2rgb_c_init_tables` of libswscale, whose factors for BT.601 are 104597, 132201, 25675 and
/// 53279 of 65536.
const LIMITED: Yuv601 =
    Yuv601 { black: 16 << 3, luma: 9539, cr_red: 13075, cb_green: -3209, cr_green: -6660, cb_blue: 16525 };
const FULL: Yuv601 =
    Yuv601 { black: 0, luma: 8192, cr_red: 11485, cb_green: -2819, cr_green: -5850, cb_blue: 14516 };

/// Y, Cb, Cr (0–255 each, equally many) as R, G, B.
pub(super) fn to_rgb(range: ColorRange, yuv: &[Vec<i16>; 3], rgb: &mut [Vec<i16>; 3]) {
    match range {
        ColorRange::Limited => convert::<true>(yuv, rgb),
        ColorRange::Full => convert::<false>(yuv, rgb),
    }
}

/// Made once for each range: factors that the compiler knows are multiplied eight at a time.
fn convert<const IS_LIMITED: bool>([y, cb, cr]: &[Vec<i16>; 3], rgb: &mut [Vec<i16>; 3]) {
    let numbers = const { if IS_LIMITED { LIMITED } else { FULL } };
    let high = |a: i16, b: i16| ((i32::from(a) * i32::from(b)) >> 16) as i16;
    rgb.iter_mut().for_each(|channel| channel.resize(y.len(), 0));
    let [red, green, blue] = rgb;
    let yuv = y.iter().zip(cb).zip(cr);
    for (((red, green), blue), ((y, cb), cr)) in red.iter_mut().zip(green).zip(blue).zip(yuv) {
        let y = high(*y * 8 - numbers.black, numbers.luma);
        let (cb, cr) = (*cb * 8 - 1024, *cr * 8 - 1024);
        *red = (y + high(cr, numbers.cr_red)).clamp(0, 255);
        *green = (y + high(cb, numbers.cb_green) + high(cr, numbers.cr_green)).clamp(0, 255);
        *blue = (y + high(cb, numbers.cb_blue)).clamp(0, 255);
    }
}
