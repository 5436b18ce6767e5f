//! What is drawn over everything: a logo, a frame, a picture. `[[overlays]]`.

use std::path::Path;

use toml_edit::{ArrayOfTables, Item, Table};

use super::save::write;
use super::{Look, TextureLibrary};
use crate::parameters::{Blend, BlendMode, Choice, Fields, Float, Texture, Unit, parameters};

/// Most overlays of a look.
pub const MOST_OVERLAYS: usize = 4;

parameters! {
    /// A picture over everything, at a fixed place. Where it is transparent, what is below shows.
    pub struct Overlay {
        /// Name of a texture or a face paint of the library, or an image file; without one nothing is drawn.
        texture: Option<String> = Texture { choice: Choice::FacePaints };
        /// How much of it is seen.
        opacity: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Its height; the width follows.
        size: f32 = Float { default: 0.15, min: 0.01, max: 2.0, unit: Unit::PictureHeights };
        /// Where it stands between the left edge, 0, and the right one, 1.
        x: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// Where it stands between the upper edge, 0, and the lower one, 1.
        y: f32 = Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share };
        /// How far it stays away from the edges.
        margin: f32 = Float { default: 0.03, min: 0.0, max: 0.5, unit: Unit::PictureHeights };
        /// How far it is turned around its middle, clockwise.
        rotation: f32 = Float { default: 0.0, min: -180.0, max: 180.0, unit: Unit::Degrees };
        /// How it lies over what is below.
        blend: BlendMode = Blend;
    }
}

impl Overlay {
    /// Whether anything of it is seen.
    pub fn is_drawn(&self) -> bool {
        self.texture.is_some() && self.opacity > 0.0
    }

    /// Left, top, width and height in pixels of an output of `width` × `height` pixels before it is turned;
    /// `aspect` is the width of its picture by the height.
    pub fn place(&self, (width, height): (f32, f32), aspect: f32) -> [f32; 4] {
        let size = [self.size * height * aspect, self.size * height];
        let margin = self.margin * height;
        let room = [width - size[0] - 2.0 * margin, height - size[1] - 2.0 * margin];
        [margin + self.x * room[0], margin + self.y * room[1], size[0], size[1]]
    }
}

/// Writes the overlays of `new` into `document`, which says those of `old`; order and comments stay.
pub(super) fn save(
    (old, new): (&Look, &Look),
    document: &mut Table,
    target: &Path,
    library: &TextureLibrary,
) {
    if old.overlays == new.overlays {
        return;
    }
    let item = document.entry("overlays").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Item::Value(value) = item {
        // Written in one line: rewritten as tables.
        let tables = value.as_array().into_iter().flatten().filter_map(|value| value.as_inline_table());
        *item = Item::ArrayOfTables(tables.cloned().map(|table| table.into_table()).collect());
    }
    let Item::ArrayOfTables(tables) = item else { return };
    while tables.len() > new.overlays.len() {
        tables.remove(tables.len() - 1);
    }
    for (at, overlay) in new.overlays.iter().enumerate() {
        let before = old.overlays.get(at).filter(|_| at < tables.len()).cloned().unwrap_or_default();
        if at >= tables.len() {
            tables.push(Table::new());
        }
        if let Some(table) = tables.get_mut(at) {
            write(table, Overlay::FIELDS, (&before, overlay), target, library);
        }
    }
    if tables.is_empty() {
        document.remove("overlays");
    }
}

/// Brings numbers into their ranges.
pub(super) fn clamp(look: &mut Look) {
    look.overlays.iter_mut().for_each(Fields::clamp);
}

#[cfg(test)]
mod tests {
    use super::super::file::parse_look;
    use super::super::save::edit_look;
    use super::*;

    const TEXT: &str = "\
[[overlays]]
texture = \"filigree\" # the house's
size = 9

# second
[[overlays]]
texture = \"moss\"
blend = \"screen\"
x = 0
";

    #[test]
    fn overlays_are_read_placed_and_saved_with_their_comments() {
        let library = TextureLibrary::default();
        let mut look = parse_look("x.toml", TEXT, &library).expect("a look");
        let [first, second] = &look.overlays[..] else { panic!("{:?}", look.overlays) };
        assert_eq!((first.size, second.blend, second.x), (2.0, BlendMode::Screen, 0.0));
        let save = |look: &Look, text: &str| {
            let saved = edit_look(text, look, Path::new("x.toml"), &library).expect("saved");
            assert_eq!(
                parse_look("x.toml", &saved, &library).expect("a look").overlays,
                look.overlays,
                "{saved}"
            );
            saved
        };
        assert_eq!(save(&look, TEXT), TEXT);
        look.overlays[1].opacity = 0.5;
        look.overlays.push(Overlay { texture: Some("silk".into()), ..Overlay::default() });
        let saved = save(&look, TEXT);
        assert!(saved.contains("# the house's") && saved.contains("# second"), "{saved}");
        save(&look, "overlays = [{ texture = \"moss\" }]\n");
        save(&look, "");
        look.overlays.truncate(1);
        assert!(!save(&look, TEXT).contains("screen"));
        look.overlays.clear();
        assert!(!save(&look, TEXT).contains("overlays"));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let library = TextureLibrary::default();
        let five = "[[overlays]]\ntexture = \"moss\"\n".repeat(5);
        for (text, word) in [
            (five.as_str(), "at most 4"),
            ("[[overlays]]\ntexture = \"no-such\"\n", "no-such"),
            ("[[overlays]]\ntextur = \"moss\"\n", "line 2"),
        ] {
            let error = parse_look("x.toml", text, &library).expect_err(text).in_one_line();
            assert!(error.contains(word) && error.contains("x.toml"), "\"{word}\": {error}");
        }
    }

    #[test]
    fn an_overlay_stands_between_the_edges_whatever_its_shape() {
        let mut overlay = Overlay { size: 0.5, margin: 0.1, ..Overlay::default() };
        assert_eq!(overlay.place((400.0, 200.0), 2.0), [180.0, 80.0, 200.0, 100.0], "lower right");
        (overlay.x, overlay.y) = (0.0, 0.0);
        assert_eq!(overlay.place((400.0, 200.0), 2.0), [20.0, 20.0, 200.0, 100.0], "upper left");
        (overlay.x, overlay.y, overlay.margin) = (0.5, 0.5, 0.0);
        assert_eq!(overlay.place((400.0, 200.0), 1.0), [150.0, 50.0, 100.0, 100.0], "in the middle");
    }
}
