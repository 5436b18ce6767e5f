//! Smaller copies of premultiplied pictures.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::texture::TexturePixels;

/// `pixels` at another size. A box of whole pixels does not mix what is left and right of a tile's seam.
pub(super) fn scale(pixels: &TexturePixels, (width, height): (u32, u32)) -> TexturePixels {
    let mut rgba = vec![0; width as usize * height as usize * 4];
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box)).use_alpha(false);
    let from = TypedImageRef::<U8x4>::from_buffer(pixels.width, pixels.height, &pixels.rgba);
    let to = TypedImage::<U8x4>::from_buffer(width, height, &mut rgba);
    if let (Ok(from), Ok(mut to)) = (from, to) {
        // Both pictures are as large as they say, so there is nothing that could fail.
        let _ = Resizer::new().resize_typed(&from, &mut to, &options);
    }
    TexturePixels { width, height, rgba }
}
