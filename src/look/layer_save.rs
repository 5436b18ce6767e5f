//! Writes the effects of a look into its file: tables stay with their layers, and with them order and comments.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value as Toml};

use super::layer_file::KEY;
use super::save::{put, toml};
use super::{EffectLayer, Look, RegionStyle, Stack};
use crate::frame::Region;
use crate::parameters::{Fields, Kind, Slot};

/// Makes `document`, which says `before` of effects and `look` of all else, say the effects of `look`, too.
pub(super) fn save_layers(document: &mut DocumentMut, before: &Look, look: &Look) {
    let picture = Stack::Picture;
    save_stack(document.as_table_mut(), false, before.stack(picture), look.stack(picture));
    for region in Region::ALL {
        let (old, new) = (before.region_effects(region), look.region_effects(region));
        if old.is_empty() && new.is_empty() {
            continue;
        }
        let item = document.entry(region.name()).or_insert_with(|| {
            let mut table = Table::new();
            // No line of its own, so that the region stays bare.
            table.set_implicit(true);
            Item::Table(table)
        });
        let is_inline = item.is_inline_table();
        let Some(table) = item.as_table_like_mut() else { continue };
        save_stack(table, is_inline, old, new);
        let says_nothing = table.iter().all(|(key, _)| key == KEY);
        let is_bare = *look.style(region) == RegionStyle::bare();
        match (new.is_empty(), says_nothing, is_bare) {
            (true, true, true) => drop(document.remove(region.name())),
            // A region that names only effects would be bare.
            (_, true, false) => put(table, "opacity", toml(Slot::Float(&look.style(region).opacity))),
            _ => {}
        }
    }
}

fn save_stack(parent: &mut dyn TableLike, is_inline: bool, old: &[EffectLayer], new: &[EffectLayer]) {
    if old.len() == new.len() && old.iter().zip(new).all(|(old, new)| differing(old, new) == Some(0)) {
        return;
    }
    if new.is_empty() {
        parent.remove(KEY);
        return;
    }
    let origins = origins(old, new);
    let layers = || new.iter().zip(&origins).map(|(layer, origin)| (layer, *origin));
    let before = |origin: Option<usize>| origin.and_then(|at| old.get(at));
    match parent.get_mut(KEY) {
        Some(Item::Value(Toml::Array(array))) => {
            let tables: Vec<_> = layers()
                .map(|(layer, origin)| {
                    let kept = origin.and_then(|at| array.get(at)?.as_inline_table().cloned());
                    let mut table = kept.unwrap_or_default();
                    write(&mut table, before(origin), layer);
                    Toml::InlineTable(table)
                })
                .collect();
            array.clear();
            tables.into_iter().for_each(|table| array.push_formatted(table));
        }
        Some(Item::ArrayOfTables(tables)) => {
            let mut places = tables.iter().map(Table::position).collect::<Vec<_>>().into_iter();
            let written = layers().map(|(layer, origin)| {
                let kept = origin.and_then(|at| tables.get(at).cloned());
                let place = if kept.is_some() { places.next().flatten() } else { None };
                let mut table = kept.unwrap_or_default();
                table.set_position(place);
                write(&mut table, before(origin), layer);
                table
            });
            *tables = written.collect::<Vec<_>>().into_iter().collect::<ArrayOfTables>();
        }
        // What stands in a line can only hold what stands in a line.
        _ if is_inline => {
            let mut array = Array::new();
            for layer in new {
                let mut table = InlineTable::new();
                write(&mut table, None, layer);
                array.push(table);
            }
            parent.insert(KEY, Item::Value(Toml::Array(array)));
        }
        _ => {
            let tables = new.iter().map(|layer| {
                let mut table = Table::new();
                write(&mut table, None, layer);
                table
            });
            parent.insert(KEY, Item::ArrayOfTables(tables.collect()));
        }
    }
}

/// Which of `old` each of `new` was: the same first, then that of the same effect which differs least.
fn origins(old: &[EffectLayer], new: &[EffectLayer]) -> Vec<Option<usize>> {
    let mut origins = vec![None; new.len()];
    let mut free: Vec<usize> = (0..old.len()).collect();
    for changed in [false, true] {
        for (at, layer) in new.iter().enumerate() {
            if origins[at].is_some() {
                continue;
            }
            let fits = |from: &usize| Some((differing(&old[*from], layer)?, from.abs_diff(at), *from));
            let best =
                free.iter().filter_map(fits).min().filter(|(differing, ..)| changed || *differing == 0);
            if let Some((.., from)) = best {
                free.retain(|free| *free != from);
                origins[at] = Some(from);
            }
        }
    }
    origins
}

/// How many parameters are set otherwise, events left out; none for different effects.
fn differing(old: &EffectLayer, new: &EffectLayer) -> Option<usize> {
    let fields = new.effect.fields().iter().filter(|field| !matches!(field.kind, Kind::Event(_)));
    let differs = fields.filter(|field| old.slot(&field.key) != new.slot(&field.key));
    (old.effect.name() == new.effect.name()).then(|| differs.count())
}

/// Makes `table`, which says `old`, say `new`. Events are not kept.
fn write(table: &mut dyn TableLike, old: Option<&EffectLayer>, new: &EffectLayer) {
    if old.is_none() {
        put(table, "effect", new.effect.name().into());
    }
    for field in new.effect.fields() {
        let Some(slot) = new.slot(&field.key) else { continue };
        let changed = match old {
            Some(old) => old.slot(&field.key) != Some(slot),
            None => !field.kind.is_default(slot),
        };
        match slot {
            _ if !changed || matches!(field.kind, Kind::Event(_)) => {}
            Slot::Texture(None) => drop(table.remove(&field.key)),
            _ => put(table, &field.key, toml(slot)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::parse_look;
    use super::super::registry::tests::library;
    use super::super::save::edit_look;
    use super::super::{MOST_EFFECTS, get, parameters, set};
    use super::*;
    use crate::parameters::Value;

    const TEXT: &str = "\
name = \"Mine\"

# Over all.
[[effects]]
effect = \"invert\" # first
amount = 0.5

# The second.
[[effects]]
effect = \"all\"

[hair]
scale = 0.4

# In the hair.
[[hair.effects]]
effect = \"invert\"
opacity = 0.5 # half
";

    #[track_caller]
    fn edited(text: &str, change: impl FnOnce(&mut Look)) -> String {
        let library = library();
        let mut look = parse_look("x.toml", text, &library).expect("a look");
        change(&mut look);
        let text = edit_look(text, &look, Path::new("x.toml"), &library).expect("edited");
        let again = parse_look("x.toml", &text, &library).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(again, look, "{text}");
        text
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        for text in [TEXT, "effects = [{ effect = \"invert\" }]\n", "[[hair.effects]]\neffect = \"invert\"\n"]
        {
            assert_eq!(edited(text, |_| {}), text);
        }
    }

    #[test]
    fn values_change_in_place() {
        let text = edited(TEXT, |look| {
            look.effects[0].values[0] = Value::Float(0.25);
            look.region_effects[1][0].opacity = 0.75;
        });
        assert_eq!(text, TEXT.replace("amount = 0.5", "amount = 0.25").replace("0.5 # half", "0.75 # half"));
        let text = edited(TEXT, |look| look.region_effects[1][0].on = false);
        assert_eq!(text, format!("{TEXT}on = false\n"));
    }

    #[test]
    fn moved_layers_take_their_comments_with_them() {
        let text = edited(TEXT, |look| look.move_effect(Stack::Picture, 0, 1));
        let (second, first) =
            (text.find("# The second.").expect("kept"), text.find("# Over all.").expect("kept"));
        assert!(second < first && text.contains("effect = \"invert\" # first\namount = 0.5\n"), "{text}");
        assert!(first < text.find("[hair]").expect("kept"), "{text}");
    }

    #[test]
    fn layers_come_and_go() {
        let invert = library().effects().get("invert").expect("shipped");
        let all = library().effects().get("all").expect("there");
        for text in [
            "",
            TEXT,
            "hair = { scale = 3 }\n",
            "[hair]\n",
            "[hair]\n[lips]\n",
            "effects = [{ effect = \"all\" }]\n",
        ] {
            for stack in Stack::all() {
                let more = edited(text, |look| {
                    look.add_effect(stack, all.clone());
                    look.add_effect(stack, invert.clone());
                    let top = look.stack(stack).len() - 1;
                    look.stack_mut(stack)[top].opacity = 0.5;
                });
                edited(&more, |look| look.move_effect(stack, 1, 0));
                edited(&more, |look| look.remove_effect(stack, 0));
                edited(&more, |look| {
                    look.remove_effect(stack, 0);
                    look.add_effect(stack, invert.clone());
                    look.move_effect(stack, 0, MOST_EFFECTS);
                });
                let none = edited(&more, |look| look.stack_mut(stack).clear());
                assert!(!none.contains("0.5") || stack != Stack::Picture || text == TEXT, "{none}");
                // A region that was bare below its effects, or is now.
                for opacity in [0.0, 0.5, 1.0] {
                    let dressed = edited(&more, |look| look.hair.opacity = opacity);
                    edited(&dressed, |look| look.hair = RegionStyle::bare());
                    edited(&dressed, |look| look.stack_mut(stack).clear());
                    edited(&dressed, |look| look.hair = RegionStyle::default());
                }
            }
        }
    }

    #[test]
    fn every_parameter_comes_back() {
        let look = super::super::registry::tests::effects();
        for parameter in parameters(&look).filter(|parameter| parameter.path().contains("effect/")) {
            let value = match &parameter.field.kind {
                Kind::Float(float) => Value::Float(float.min + (float.max - float.min) * 0.37),
                Kind::Switch(switch) => Value::Switch(!switch.default),
                Kind::Color(_) => Value::Color([0.1, 0.7, 0.3]),
                Kind::Texture(_) => Value::Texture(Some("lava".into())),
                Kind::Point(_) => Value::Point([0.25, 0.75]),
                Kind::Selection(selection) => Value::Selection(selection.options[1].0),
                Kind::Event(_) => continue,
                Kind::Blend(_) => panic!("effects have none"),
            };
            let text = edited("", |worn| {
                *worn = look.clone();
                set(worn, &parameter.path(), value.clone()).expect("fits");
            });
            let again = parse_look("x.toml", &text, &library()).expect("a look");
            assert_eq!(get(&again, &parameter.path()), Ok(value), "{text}");
        }
    }
}
