//! The looks that are part of the program.

/// One look that comes with Masque.
struct Shipped {
    name: &'static str,
    text: &'static str,
    /// JPEG, rendered by `make gallery`.
    thumbnail: &'static [u8],
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../assets/looks/", $name, ".toml")),
            thumbnail: include_bytes!(concat!("../../assets/looks/thumbnails/", $name, ".jpg")),
        }),*]
    };
}

/// The first is the default.
const SHIPPED: &[Shipped] = shipped![
    "gallery",
    "cabaret",
    "gilded",
    "warrior",
    "winter",
    "wireframe",
    "neon",
    "stardust",
    "halo",
    "chrome",
    "cathedral",
    "old_master",
    "sketchbook",
    "comic",
    "terminal",
    "arcade",
    "dream",
    "attract",
];

/// The shipped look that hides the picture: for hours in which there is none.
pub const ATTRACT: &str = "attract";

/// Names of the shipped looks, the default first.
pub fn shipped_looks() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|look| look.name)
}

/// What the shipped look `name` says.
pub(super) fn shipped_text(name: &str) -> Option<&'static str> {
    shipped(name).map(|look| look.text)
}

/// A small picture of the shipped look `name`, as JPEG of at most 6 kB.
pub fn thumbnail(name: &str) -> Option<&'static [u8]> {
    shipped(name).map(|look| look.thumbnail)
}

fn shipped(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|look| look.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::look::{TextureLibrary, load_look};

    #[test]
    fn every_look_of_the_folder_is_shipped_with_a_picture_of_its_own() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/looks");
        let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        let names: BTreeSet<_> =
            files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        assert_eq!(shipped_looks().map(str::to_owned).collect::<BTreeSet<_>>(), names);
        assert!(names.len() >= 10);
        let mut titles = BTreeSet::new();
        let mut pictures = BTreeSet::new();
        for name in shipped_looks() {
            titles.insert(load_look(Some(name), &TextureLibrary::default()).expect(name).name);
            let thumbnail = thumbnail(name).expect(name);
            assert!(thumbnail.len() <= 6144, "{name}: {} bytes", thumbnail.len());
            let picture = image::load_from_memory(thumbnail).expect(name);
            assert!(picture.width() >= 160, "{name}");
            pictures.insert(thumbnail);
        }
        assert_eq!((titles.len(), pictures.len()), (names.len(), names.len()));
    }

    #[test]
    fn the_gallery_shows_every_look() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let page = std::fs::read_to_string(docs.join("gallery.md")).expect("docs/gallery.md");
        for name in shipped_looks() {
            let picture = format!("gallery/{name}.jpg");
            assert!(page.contains(&picture), "docs/gallery.md does not show {picture}");
            let bytes = std::fs::metadata(docs.join(&picture)).expect(&picture).len();
            assert!(bytes <= 40_960, "{picture}: {bytes} bytes; type: make gallery");
        }
    }
}
