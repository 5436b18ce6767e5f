//! Pictures that are worn: decoded outside the schedule, with the smaller copies that small tiles need.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bevy::asset::RenderAssetUsages;
use bevy::image::Image;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::library::embedded;
use super::scale::scale;
use crate::source::jpeg_reaches_its_end;

/// Longest side that is kept; larger pictures are scaled down. With its smaller copies such a texture has
/// 22 MB.
pub(super) const LONGEST_SIDE: u32 = 2048;
/// Bytes of a texture of that size: its smaller copies are a third more.
pub(super) const LARGEST_TEXTURE: u64 = LONGEST_SIDE as u64 * LONGEST_SIDE as u64 * 4 * 4 / 3;
/// Longest side of a picture that is decoded.
const SIDE_LIMIT: u32 = 16_384;
/// Most bytes that a decoded picture may have: 8K × 8K with 16 bits for each of four channels.
pub(super) const DECODED_LIMIT: u64 = 512 << 20;
/// Most bytes that a file may have.
const FILE_LIMIT: u64 = 256 << 20;

/// A picture that cannot be worn.
#[derive(Debug, thiserror::Error)]
pub enum TextureError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// File or folder.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is no picture.
    #[error("{name} is not a picture that can be worn: {reason}; use a PNG, JPEG or WebP")]
    Decode {
        /// File or name.
        name: String,
        /// What the decoder says.
        reason: String,
    },
    /// The picture is larger than anybody needs.
    #[error(
        "{name} is too large: {what}; a texture has at most {SIDE_LIMIT} pixels a side, 512 MiB decoded and \
         256 MiB as a file"
    )]
    TooLarge {
        /// File or name.
        name: String,
        /// Its size.
        what: String,
    },
}

/// Where a texture comes from. Two that are equal have the same pixels, as far as can be told without
/// reading them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextureSource(Origin);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Origin {
    /// Part of the program.
    Embedded(&'static str),
    /// A file, and when it was last written.
    File(Arc<Path>, Option<SystemTime>),
}

/// Premultiplied RGBA in the sRGB encoding, upright, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TexturePixels {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Four bytes per pixel.
    pub rgba: Vec<u8>,
}

impl TextureSource {
    pub(super) fn embedded(name: &'static str) -> Self {
        Self(Origin::Embedded(name))
    }

    pub(super) fn file(path: &Path) -> Self {
        let modified = path.metadata().and_then(|metadata| metadata.modified()).ok();
        Self(Origin::File(path.into(), modified))
    }

    /// A file that was never looked at.
    pub(super) fn unseen(path: &str) -> Self {
        Self(Origin::File(Path::new(path).into(), None))
    }

    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.0, Origin::Embedded(_))
    }

    /// Reads the header only.
    pub(super) fn check(&self) -> Result<(), TextureError> {
        let Origin::File(path, _) = &self.0 else { return Ok(()) };
        let name = self.name();
        file_size(path, &name)?;
        let read = |source| TextureError::Read { path: name.clone(), source };
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(read)?;
        open(reader, &name).map(drop)
    }

    /// The picture, at most `longest` pixels a side. Takes its time: not for the main loop.
    ///
    /// # Errors
    /// [`TextureError`] for a file that is missing, broken or enormous.
    pub fn pixels(&self, longest: u32) -> Result<TexturePixels, TextureError> {
        let name = self.name();
        let bytes = self.bytes()?;
        let failed = |reason: &str| TextureError::Decode { name: name.clone(), reason: reason.to_owned() };
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && !jpeg_reaches_its_end(&mut &*bytes).unwrap_or_default() {
            return Err(failed("the JPEG is truncated"));
        }
        let read = |source| TextureError::Read { path: name.clone(), source };
        let reader = ImageReader::new(Cursor::new(&*bytes)).with_guessed_format().map_err(read)?;
        let mut decoder = open(reader, &name)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let picture = DynamicImage::from_decoder(decoder).map_err(|error| failed(&error.to_string()))?;
        let mut picture = picture.into_rgba8();
        for pixel in picture.pixels_mut() {
            let alpha = u16::from(pixel.0[3]);
            for channel in &mut pixel.0[..3] {
                *channel = ((u16::from(*channel) * alpha + 127) / 255) as u8;
            }
        }
        let (width, height) = picture.dimensions();
        let pixels = TexturePixels { width, height, rgba: picture.into_raw() };
        let fits = width.max(height) <= longest;
        let pixels = if fits { pixels } else { scale(&pixels, within(width, height, longest)) };
        Ok(turned(pixels, orientation))
    }

    /// The picture as a texture with all its mip levels, only for the GPU.
    pub(super) fn texture(&self, longest: u32) -> Result<Image, TextureError> {
        let mut level = self.pixels(longest)?;
        let size = Extent3d { width: level.width, height: level.height, depth_or_array_layers: 1 };
        let levels = size.max_mips(wgpu::TextureDimension::D2);
        let (dimension, format) = (TextureDimension::D2, TextureFormat::Rgba8Unorm);
        let mut texture = Image::new_uninit(size, dimension, format, RenderAssetUsages::RENDER_WORLD);
        let mut data = level.rgba.clone();
        for _ in 1..levels {
            level = scale(&level, ((level.width / 2).max(1), (level.height / 2).max(1)));
            data.extend_from_slice(&level.rgba);
        }
        texture.texture_descriptor.mip_level_count = levels;
        texture.data = Some(data);
        Ok(texture)
    }

    fn name(&self) -> String {
        match &self.0 {
            Origin::Embedded(name) => (*name).to_owned(),
            Origin::File(path, _) => path.display().to_string(),
        }
    }

    fn bytes(&self) -> Result<Cow<'static, [u8]>, TextureError> {
        let path = match &self.0 {
            Origin::Embedded(name) => return Ok(Cow::Borrowed(embedded(name))),
            Origin::File(path, _) => path,
        };
        let name = self.name();
        let expected = file_size(path, &name)?;
        let read = |source| TextureError::Read { path: name.clone(), source };
        let mut bytes = Vec::with_capacity(expected as usize);
        File::open(path).map_err(read)?.take(FILE_LIMIT).read_to_end(&mut bytes).map_err(read)?;
        Ok(Cow::Owned(bytes))
    }
}

/// Bytes of a regular file.
fn file_size(path: &Path, name: &str) -> Result<u64, TextureError> {
    let read = |source| TextureError::Read { path: name.to_owned(), source };
    let metadata = path.metadata().map_err(read)?;
    if !metadata.is_file() {
        return Err(TextureError::Decode { name: name.to_owned(), reason: "it is no file".into() });
    }
    if metadata.len() > FILE_LIMIT {
        let what = format!("{} MiB", metadata.len() >> 20);
        return Err(TextureError::TooLarge { name: name.to_owned(), what });
    }
    Ok(metadata.len())
}

/// A decoder that has read the header and will not take more than it may.
fn open<'a, R: std::io::BufRead + std::io::Seek + 'a>(
    mut reader: ImageReader<R>,
    name: &str,
) -> Result<impl ImageDecoder + 'a, TextureError> {
    let failed = |error: image::ImageError| TextureError::Decode {
        name: name.to_owned(),
        reason: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    };
    reader.no_limits();
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > SIDE_LIMIT || decoder.total_bytes() > DECODED_LIMIT {
        let what = format!("{width} × {height} pixels");
        return Err(TextureError::TooLarge { name: name.to_owned(), what });
    }
    if width == 0 || height == 0 {
        return Err(TextureError::Decode { name: name.to_owned(), reason: "it has no pixels".into() });
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODED_LIMIT);
    decoder.set_limits(limits).map_err(failed)?;
    Ok(decoder)
}

/// The size of a picture of the same shape, its longer side `longest`.
fn within(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let factor = f64::from(longest) / f64::from(width.max(height));
    let side = |side: u32| ((f64::from(side) * factor).round() as u32).clamp(1, longest);
    (side(width), side(height))
}

fn turned(pixels: TexturePixels, orientation: Orientation) -> TexturePixels {
    if orientation == Orientation::NoTransforms {
        return pixels;
    }
    let TexturePixels { width, height, rgba } = pixels;
    let Some(picture) = image::RgbaImage::from_raw(width, height, rgba) else {
        return TexturePixels { width: 1, height: 1, rgba: vec![0; 4] };
    };
    let mut picture = DynamicImage::ImageRgba8(picture);
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    TexturePixels { width, height, rgba: picture.into_rgba8().into_raw() }
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn saved(name: &str, picture: &RgbaImage) -> (tempfile::TempDir, TextureSource) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        picture.save(&path).expect("saved");
        (folder, TextureSource::file(&path))
    }

    #[test]
    fn a_picture_becomes_premultiplied_levels_down_to_one_pixel() {
        let color = image::Rgba([200, 100, 50, 128]);
        let (_folder, source) = saved("x.png", &RgbaImage::from_pixel(6, 4, color));
        let texture = source.texture(LONGEST_SIDE).expect("a picture");
        assert_eq!(texture.texture_descriptor.mip_level_count, 3);
        let data = texture.data.expect("pixels");
        assert_eq!(data.len(), (6 * 4 + 3 * 2 + 1) * 4);
        assert!(data.chunks_exact(4).all(|pixel| pixel == [100, 50, 25, 128]));
    }

    #[test]
    fn large_pictures_are_scaled_down_and_keep_their_shape_and_colour() {
        let (_folder, source) =
            saved("x.png", &RgbaImage::from_pixel(8200, 4100, image::Rgba([9, 8, 7, 255])));
        source.check().expect("can be worn");
        let pixels = source.pixels(LONGEST_SIDE).expect("a picture");
        assert_eq!((pixels.width, pixels.height), (2048, 1024));
        assert!(pixels.rgba.chunks_exact(4).all(|pixel| pixel == [9, 8, 7, 255]));
    }

    #[test]
    fn enormous_and_broken_files_are_refused_with_a_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            let source = TextureSource::file(&path);
            source.pixels(64).expect_err(name).to_string()
        };
        let broken = refused("x.png", b"no picture");
        assert!(broken.contains("x.png") && broken.contains("PNG"), "{broken}");
        assert!(refused("empty.jpg", b"").contains("empty.jpg"));
        let whole = embedded("silk");
        assert!(refused("half.jpg", &whole[..whole.len() / 2]).contains("truncated"));
        // A header that promises 65535 × 65535 pixels: refused before anything is allocated.
        let bomb = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\0\0\xff\xff\0\0\x01\0\x18\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert!(refused("bomb.bmp", bomb).contains("too large"));
        let missing = TextureSource::unseen("no/such.png").pixels(64).expect_err("missing").to_string();
        assert!(missing.contains("no/such.png"), "{missing}");
        let folder = TextureSource::file(folder.path()).pixels(64).expect_err("a folder").to_string();
        assert!(folder.contains("no file"), "{folder}");
    }
}
