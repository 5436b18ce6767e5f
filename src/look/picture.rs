//! The look inside a picture that was taken of it.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use super::file::LONGEST;
use super::save::edit_look;
use super::{Look, LookError, TextureLibrary};

/// The key of the international text (`iTXt`) in a PNG file that holds the look, as the TOML of its file.
pub const LOOK_KEY: &str = "masque:look";

/// `look` as the file `target` would hold it: textures that are files are named from there.
///
/// # Errors
/// The look has something that no file can hold.
pub fn look_text(look: &Look, target: &Path, library: &TextureLibrary) -> Result<String, LookError> {
    edit_look("", look, target, library)
}

/// Writes `rgba` (`width` × `height`, tightly packed, sRGB) as PNG, with `texts` by their keys.
///
/// # Errors
/// What the system says of the file.
pub fn write_picture(
    out: impl Write,
    (width, height): (u32, u32),
    rgba: &[u8],
    texts: &[(&str, &str)],
) -> io::Result<()> {
    let mut encoder = png::Encoder::new(out, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    for (key, text) in texts {
        encoder.add_itxt_chunk((*key).to_owned(), (*text).to_owned())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    Ok(writer.finish()?)
}

/// Whether `path` is named as a picture, which may hold a look.
pub(super) fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"))
}

/// The look in the PNG file `path`.
///
/// # Errors
/// What is wrong with the file, or that there is no look in it.
pub(super) fn look_in_picture(path: &Path) -> io::Result<String> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let reader = png::Decoder::new(BufReader::new(File::open(path)?)).read_info();
    let reader = reader.map_err(|error| invalid(error.to_string()))?;
    let mut texts = reader.info().utf8_text.iter();
    let found = texts.find(|text| text.keyword == LOOK_KEY);
    let found = found.ok_or_else(|| {
        invalid("there is no look in this picture: only Masque's own snapshots have one".to_owned())
    })?;
    let text = found.get_text().map_err(|error| invalid(error.to_string()))?;
    if text.len() as u64 > LONGEST {
        return Err(invalid(format!("{} bytes are no look; it has at most {LONGEST}", text.len())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::load_look;
    use super::super::save::save_look;
    use super::*;

    #[test]
    fn a_look_comes_back_from_the_picture_that_was_taken_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = TextureLibrary::default();
        for name in ["winter", "cabaret", "neon"] {
            let look = load_look(Some(name), &library).expect("a shipped look");
            let path = folder.path().join("me.png");
            let text = look_text(&look, &path, &library).expect("a text");
            let pixels = [200, 30, 40, 255].repeat(6);
            let file = File::create(&path).expect("a file");
            write_picture(file, (3, 2), &pixels, &[(LOOK_KEY, &text)]).expect("a picture");
            assert_eq!(image::open(&path).expect("a PNG").to_rgba8().into_raw(), pixels);
            let again = load_look(path.to_str(), &library).expect("the look in it");
            assert_eq!(again, look, "{name}:\n{text}");
        }
    }

    #[test]
    fn a_picture_is_never_written_over_by_the_look_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("me.png");
        std::fs::write(&path, "picture").expect("a file");
        let error = save_look(&Look::default(), &path, &TextureLibrary::default()).expect_err("a picture");
        assert!(error.to_string().contains("under another name"), "{error}");
        assert_eq!(std::fs::read(&path).expect("still there"), b"picture");
    }

    #[test]
    fn a_picture_without_a_look_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plain.png");
        image::RgbImage::new(2, 2).save(&path).expect("a picture");
        let error = load_look(path.to_str(), &TextureLibrary::default()).expect_err("no look");
        let text = error.to_string();
        assert!(text.contains("plain.png") && text.contains("no look in this picture"), "{text}");
        std::fs::write(&path, "hello").expect("a file");
        assert!(load_look(path.to_str(), &TextureLibrary::default()).is_err());
    }
}
