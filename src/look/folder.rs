//! The user's own textures: which image files there are. Reads headers only, but takes its time on a slow
//! disk: not for the main loop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::library::MOST_TEXTURES;
use super::texture::{TextureError, TextureSource};
use crate::source::is_image;

/// Textures of a folder, or of one file, by name.
#[derive(Debug, Clone)]
pub struct FoundTextures {
    /// Where they are, for messages.
    pub(super) origin: String,
    /// Name, which is the file's without its extension, and where its pixels are.
    pub(super) textures: Vec<(String, TextureSource)>,
    /// Image files that cannot be worn.
    pub(super) skipped: u64,
    /// Why the first of them cannot.
    pub(super) reason: Option<String>,
}

/// The image files right inside the folder `path`, or the one image file `path`. Hidden files and files that
/// are not called like images are passed over; images that are broken, enormous or have the name of
/// another one in the same folder are left out and counted.
///
/// # Errors
/// [`TextureError`] for a folder that cannot be read and a single file that cannot be worn.
pub fn find_textures(path: &Path) -> Result<FoundTextures, TextureError> {
    let origin = path.display().to_string();
    if !path.is_dir() {
        let source = TextureSource::file(path);
        source.check()?;
        return Ok(FoundTextures { origin, textures: vec![(stem(path), source)], skipped: 0, reason: None });
    }
    let read = |source| TextureError::Read { path: origin.clone(), source };
    let (mut skipped, mut reason) = (0, None);
    let mut skip = |why: String| {
        skipped += 1;
        reason.get_or_insert(why);
    };
    let mut found: BTreeMap<String, TextureSource> = BTreeMap::new();
    for file in images(path).map_err(read)? {
        let name = stem(&file);
        if found.contains_key(&name) {
            skip(format!("{} has the name of another one", file.display()));
        } else if found.len() >= MOST_TEXTURES {
            skip(format!("there is room for {MOST_TEXTURES} textures"));
        } else {
            let source = TextureSource::file(&file);
            match source.check() {
                Ok(()) => drop(found.insert(name, source)),
                Err(error) => skip(error.to_string()),
            }
        }
    }
    Ok(FoundTextures { origin, textures: found.into_iter().collect(), skipped, reason })
}

/// The files called like images, in alphabetical order.
fn images(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && is_image(&path) && !path.is_dir() {
            images.push(path);
        }
    }
    images.sort();
    Ok(images)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::TextureLibrary;
    use crate::stats::Stats;

    #[test]
    fn a_folder_brings_its_pictures_by_name_and_leaves_the_rest_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |name: &str| {
            let path = folder.path().join(name);
            image::RgbaImage::new(4, 4).save(path).expect("saved");
        };
        ["bark.png", "silk.png", "bark.webp", "tribal.png", ".hidden.png"].into_iter().for_each(save);
        for (name, bytes) in [("broken.jpg", "no picture"), ("notes.txt", "not called like a picture")] {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        std::fs::create_dir(folder.path().join("folder.png")).expect("made");

        let (mut library, stats) = (TextureLibrary::default(), Stats::default());
        let before = library.clone();
        let found = find_textures(folder.path()).expect("readable");
        let lines = library.add(found.clone(), &stats);
        assert!(library.contains("bark") && !library.contains("broken") && !library.contains(".hidden"));
        assert_ne!(library.source("silk"), before.source("silk"), "the user's own wins");
        assert_eq!(library.names().count(), before.names().count() + 2, "bark and tribal");
        assert_eq!(library.face_paints().collect::<Vec<_>>(), ["filigree"], "tribal is listed once");
        assert_eq!(stats.counter("textures_added"), 3);
        assert_eq!(stats.counter("textures_shadowed"), 2);
        assert_eq!(stats.counter("textures_skipped"), 2);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].contains("silk, tribal"), "{lines:?}");
        assert!(lines[2].contains("2 files"), "{lines:?}");

        library.add(found, &stats);
        assert_eq!(stats.counter("textures_shadowed"), 2, "a clash is counted once");
    }

    #[test]
    fn one_file_is_a_texture_and_what_is_none_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bark.png");
        image::RgbaImage::new(4, 4).save(&path).expect("saved");
        let (mut library, stats) = (TextureLibrary::default(), Stats::default());
        library.add(find_textures(&path).expect("a picture"), &stats);
        assert!(library.contains("bark"));
        let missing = find_textures(&folder.path().join("none")).expect_err("missing").to_string();
        assert!(missing.contains("none"), "{missing}");
    }
}
