//! Writes a look back into its file: what changed is changed, order and comments stay.

use std::io::Write;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value as Toml, value};

use super::layer_file::KEY;
use super::layer_save::save_layers;
use super::picture::is_picture;
use super::{Look, LookError, ParameterGroup, TextureLibrary, overlay};
use crate::folders::write_atomically;
use crate::parameters::{Choice, Field, Fields, Slot};

/// Writes `look` into the file `target`, or a new one, and gives what the file holds then.
///
/// # Errors
/// Says which file cannot be read or written, or is no look.
pub(super) fn save_look(look: &Look, target: &Path, library: &TextureLibrary) -> Result<String, LookError> {
    if is_picture(target) {
        let reason = "it is a picture; save the look under another name".to_owned();
        return Err(LookError::Edit { origin: target.display().to_string(), reason });
    }
    let text = match std::fs::read_to_string(target) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.map_err(|source| LookError::Read { path: target.into(), source })?,
    };
    let text = edit_look(&text, look, target, library)?;
    write_atomically(target, 0o644, |file| file.write_all(text.as_bytes()))
        .map_err(|source| LookError::Write { path: target.into(), source })?;
    Ok(text)
}

/// `text` with all that `look` says otherwise; `target` is where it will stand, so that image files can be named
/// from there.
///
/// # Errors
/// `text` is no look.
pub(super) fn edit_look(
    text: &str,
    look: &Look,
    target: &Path,
    library: &TextureLibrary,
) -> Result<String, LookError> {
    let origin = target.to_string_lossy();
    let before = super::file::read_look(&origin, text, library)?;
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| LookError::Edit {
        origin: origin.clone().into(),
        reason: error.message().to_owned(),
    })?;
    if before.name != look.name {
        put(document.as_table_mut(), "name", look.name.as_str().into());
    }
    for group in ParameterGroup::all() {
        let (old, new) = (group.style(&before), group.style(look));
        let name = group.table();
        let table = document.get(&name).and_then(Item::as_table_like);
        // A region that names only effects is bare, as one that is not there.
        let is_new = table.is_none_or(|table| !table.is_empty() && table.iter().all(|(key, _)| key == KEY));
        let fields = group.fields(look);
        if is_new && same(&fields, old, new) {
            continue;
        }
        let item = document.entry(&name).or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = item.as_table_like_mut() else { continue };
        for field in fields.iter() {
            let (Some(old), Some(new)) = (old.slot(&field.key), new.slot(&field.key)) else { continue };
            // A table that was not there begins with the defaults, not with what was bare.
            let changed = if is_new { !field.kind.is_default(new) } else { old != new };
            match new {
                Slot::Texture(texture) => put_texture(table, &field.key, texture.as_deref(), target, library),
                _ if changed => put(table, &field.key, toml(new)),
                _ => {}
            }
        }
    }
    save_layers(&mut document, &before, look);
    overlay::save((&before, look), document.as_table_mut(), target, library);
    look.randomise.save(&before.randomise, document.as_table_mut());
    Ok(document.to_string())
}

/// `text` with another name; text that is no TOML stays as it is.
pub(super) fn with_name(text: &str, name: &str) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    put(document.as_table_mut(), "name", name.into());
    document.to_string()
}

/// Writes into `table` what of `new` is otherwise than in `old`.
pub(super) fn write(
    table: &mut dyn TableLike,
    fields: &[Field],
    (old, new): (&dyn Fields, &dyn Fields),
    target: &Path,
    library: &TextureLibrary,
) {
    for field in fields {
        let (Some(old), Some(new)) = (old.slot(&field.key), new.slot(&field.key)) else { continue };
        match new {
            Slot::Texture(texture) => put_texture(table, &field.key, texture.as_deref(), target, library),
            _ if old != new => put(table, &field.key, toml(new)),
            _ => {}
        }
    }
}

fn same(fields: &[Field], old: &dyn Fields, new: &dyn Fields) -> bool {
    fields.iter().all(|field| old.slot(&field.key) == new.slot(&field.key))
}

fn put_texture(
    table: &mut dyn TableLike,
    key: &str,
    texture: Option<&str>,
    target: &Path,
    library: &TextureLibrary,
) {
    let Some(texture) = texture else {
        table.remove(key);
        return;
    };
    let named = if library.choices(Choice::FacePaints).any(|name| name == texture) {
        texture.to_owned()
    } else {
        from(target, texture)
    };
    if table.get(key).and_then(Item::as_str) != Some(&named) {
        put(table, key, named.into());
    }
}

/// The file `path` as it is named in `target`: beside it or below by the rest of the path, else in full.
fn from(target: &Path, path: &str) -> String {
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (file, target) = (full(Path::new(path)), full(target));
    let beside = target.parent().and_then(|folder| file.strip_prefix(folder).ok());
    beside.unwrap_or(&file).to_string_lossy().into_owned()
}

/// Changes the value of `key`; what stands around it stays.
pub(super) fn put(table: &mut dyn TableLike, key: &str, new: Toml) {
    let mut new = new;
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(new),
        None => {
            table.insert(key, value(new));
        }
    }
}

pub(super) fn toml(slot: Slot<'_>) -> Toml {
    match slot {
        Slot::Float(number) => float(*number).into(),
        Slot::Switch(on) => (*on).into(),
        Slot::Color(channels) => Toml::Array(channels.iter().map(|channel| float(*channel)).collect()),
        Slot::Texture(name) => name.as_deref().unwrap_or_default().into(),
        Slot::Blend(mode) => mode.name().into(),
        Slot::Point(point) => Toml::Array(point.iter().map(|at| float(*at)).collect()),
        Slot::Selection(value) => i64::from(*value).into(),
    }
}

/// The shortest number that is `value` again when it is read.
pub(super) fn float(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::super::file::parse_look;
    use super::super::{parameters, set};
    use super::*;
    use crate::parameters::{BlendMode, Kind, Value};

    const TEXT: &str = "\
# My look.
name = \"Mine\"   # shown in the panel

[lips]
feather = 0.025
tint = [0.75, 0.02, 0.12] # red

# Hair comes second.
[hair]
scale = 0.4  # small
texture = \"moss\"

[face_mesh]
";

    fn edited(text: &str, change: impl FnOnce(&mut Look)) -> String {
        let library = TextureLibrary::default();
        let mut look = parse_look("x.toml", text, &library).expect("a look");
        change(&mut look);
        let text = edit_look(text, &look, Path::new("x.toml"), &library).expect("edited");
        let again = parse_look("x.toml", &text, &library).expect("a look");
        assert_eq!(again, look, "{text}");
        text
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        assert_eq!(edited(TEXT, |_| {}), TEXT);
        for text in
            [include_str!("../../assets/looks/cabaret.toml"), "", "hair = { scale = 3 }\nlips.opacity = 1\n"]
        {
            assert_eq!(edited(text, |_| {}), text);
        }
    }

    #[test]
    fn what_changed_is_written_and_order_and_comments_stay() {
        let text = edited(TEXT, |look| {
            look.hair.scale = 0.35;
            look.lips.tint = [0.1, 0.2, 0.3];
            look.name = "Yours".into();
        });
        let wanted = TEXT
            .replace("0.4  # small", "0.35  # small")
            .replace("[0.75, 0.02, 0.12] # red", "[0.1, 0.2, 0.3] # red")
            .replace("\"Mine\"   #", "\"Yours\"   #");
        assert_eq!(text, wanted);
        let bare = edited(TEXT, |look| look.hair.texture = None);
        assert_eq!(bare, TEXT.replace("texture = \"moss\"\n", ""));
        let more = edited(TEXT, |look| look.clothes.opacity = 0.5);
        assert!(more.starts_with(TEXT) && more.ends_with("[clothes]\nopacity = 0.5\n"), "{more}");
        edited("hair = { scale = 3 }\n", |look| look.hair.invert = true);
    }

    #[test]
    fn every_parameter_comes_back() {
        for parameter in parameters(&Look::default()) {
            let value = match &parameter.field.kind {
                Kind::Float(float) => Value::Float(float.min + (float.max - float.min) * 0.37),
                Kind::Switch(switch) => Value::Switch(!switch.default),
                Kind::Color(_) => Value::Color([0.1, 0.7, 0.3]),
                Kind::Texture(_) => Value::Texture(Some("lava".into())),
                Kind::Blend(_) => Value::Blend(BlendMode::Screen),
                Kind::Point(_) => Value::Point([0.25, 0.75]),
                Kind::Selection(selection) => Value::Selection(selection.options[0].0),
                Kind::Event(_) => Value::Switch(true),
            };
            for before in ["", TEXT] {
                let text = edited(before, |look| set(look, &parameter.path(), value.clone()).expect("fits"));
                assert!(text.contains(&*parameter.field.key), "{text}");
            }
        }
    }

    #[test]
    fn an_image_is_named_from_where_the_look_stands() {
        assert_eq!(from(Path::new("/a/b/mine.toml"), "/a/b/paints/x.png"), "paints/x.png");
        assert_eq!(from(Path::new("/a/b/mine.toml"), "/a/x.png"), "/a/x.png");
        assert_eq!(from(Path::new("mine.toml"), "x.png"), "x.png");
    }
}
