//! Pictures for faces: decoded outside the schedule, with the smaller copies that small faces need.

use std::io::Cursor;
use std::path::Path;

use bevy::asset::RenderAssetUsages;
use bevy::image::Image;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use image::imageops::FilterType;
use image::{ImageReader, Limits, RgbaImage};

/// Longest side that is kept; larger pictures are scaled down. With its smaller copies such a texture has
/// 22 MB.
const LONGEST_SIDE: u32 = 2048;
/// Most bytes that decoding one picture may take.
const DECODE_BYTES: u64 = 512 * 1024 * 1024;

/// A picture that cannot be worn.
#[derive(Debug, thiserror::Error)]
pub(super) enum TextureError {
    #[error("cannot read the texture {path}: {source}")]
    Read { path: String, source: std::io::Error },
    #[error("the texture {name} is not a picture that can be worn: {source}; use a PNG, JPEG or WebP")]
    Decode { name: String, source: image::ImageError },
}

/// Decodes the library's `bytes`, or else the file called `name`, into a texture of premultiplied RGBA in the
/// sRGB encoding, with all its mip levels.
pub(super) fn decode(name: &str, bytes: Option<&'static [u8]>) -> Result<Image, TextureError> {
    let read = |source| TextureError::Read { path: name.to_owned(), source };
    let failed = |source| TextureError::Decode { name: name.to_owned(), source };
    let file;
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => {
            file = std::fs::read(Path::new(name)).map_err(read)?;
            &file
        }
    };
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(read)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES);
    reader.limits(limits);
    let picture = reader.decode().map_err(failed)?;
    let mut picture = if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle).into_rgba8()
    } else {
        picture.into_rgba8()
    };
    for pixel in picture.pixels_mut() {
        let alpha = u16::from(pixel.0[3]);
        for channel in &mut pixel.0[..3] {
            *channel = ((u16::from(*channel) * alpha + 127) / 255) as u8;
        }
    }
    Ok(texture(picture))
}

fn texture(picture: RgbaImage) -> Image {
    let size = Extent3d { width: picture.width(), height: picture.height(), depth_or_array_layers: 1 };
    let levels = size.max_mips(wgpu::TextureDimension::D2);
    let mut texture = Image::new_uninit(
        size,
        TextureDimension::D2,
        TextureFormat::Rgba8Unorm,
        RenderAssetUsages::RENDER_WORLD,
    );
    let mut data = picture.as_raw().clone();
    let mut level = picture;
    for _ in 1..levels {
        let (width, height) = ((level.width() / 2).max(1), (level.height() / 2).max(1));
        level = image::imageops::resize(&level, width, height, FilterType::Triangle);
        data.extend_from_slice(level.as_raw());
    }
    texture.texture_descriptor.mip_level_count = levels;
    texture.data = Some(data);
    texture
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: [u8; 4]) -> &'static [u8] {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, image::Rgba(color));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).expect("encoded");
        bytes.leak()
    }

    #[test]
    fn a_picture_becomes_premultiplied_levels_down_to_one_pixel() {
        let texture = decode("x", Some(png(6, 4, [200, 100, 50, 128]))).expect("a picture");
        assert_eq!(texture.texture_descriptor.mip_level_count, 3);
        let data = texture.data.expect("pixels");
        assert_eq!(data.len(), (6 * 4 + 3 * 2 + 1) * 4);
        assert!(data.chunks_exact(4).all(|pixel| pixel == [100, 50, 25, 128]));
    }

    #[test]
    fn large_pictures_are_scaled_down_and_others_refused_with_a_reason() {
        let texture = decode("x", Some(png(4100, 8, [255; 4]))).expect("a picture");
        assert_eq!(texture.texture_descriptor.size.width, LONGEST_SIDE);
        let broken = decode("x.png", Some(b"no picture")).expect_err("broken").to_string();
        assert!(broken.contains("x.png") && broken.contains("PNG"), "{broken}");
        let missing = decode("no/such.png", None).expect_err("missing").to_string();
        assert!(missing.contains("no/such.png"), "{missing}");
    }
}
