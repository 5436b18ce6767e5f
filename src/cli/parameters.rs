//! `masque parameters`: the manual of everything that `--set` can set, as it is in `docs/parameters.md`.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use crate::effect::{Effect, EffectLibrary};
use crate::look::{FieldList, Look, Overlay, ParameterGroup};
use crate::parameters::{Field, Kind};

/// Options of `masque parameters`.
#[derive(Args, Debug)]
pub(super) struct ParametersArgs {}

/// Prints the page.
pub(super) fn run(_: ParametersArgs) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(page()?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

const HEAD: &str = "\
# Parameters

Everything in a look that can be set. `masque parameters` prints this page.

The path of a parameter is the name that the command line uses: `masque run --set region/hair/opacity=0.5`. In a look's
file the same parameter is a key of a table: `opacity = 0.5` below `[hair]`. What stands in a table begins with the defaults
below; a region or a part of the face without a table is bare, its `opacity` is 0, so that `--set` has to raise it, too. A
number out of range is brought into it in a file, and refused by `--set`.

Types: a *number*; a *switch*, `true` or `false`; a *colour*, red, green and blue from 0 to 1 in sRGB, `[1, 0.5, 0]` in a
file, `1,0.5,0` or `#ff8000` for `--set`; a *texture*, a name, and for `--set` also `none`; a *choice*, its number, or for `--set`
also its name; a *point* of the picture, across and down from 0 to 1, `[0.5, 0.5]` in a file, `0.5,0.5` for `--set`; an *event*,
`true` for one picture.
";

const OVERLAYS: &str = "
## overlay/…

Each of `[[overlays]]`, counted from below from 1, has its parameters under `overlay/NUMBER/…`.
";

const EFFECTS: &str = "
## Effects

Each layer of `[[effects]]` (over the whole picture) or `[[REGION.effects]]` (in one region) has its parameters under
`effect/EFFECT/…` or `region/REGION/effect/EFFECT/…`; of a second layer of the same effect in one stack they are under
`EFFECT_2`. In a look's file a layer is a table with `effect = \"EFFECT\"` and the keys of that effect. Those of the effects that come with
Masque are below; those of `--effects FOLDER` are in their files. Every layer has, too:
";

/// The manual in Markdown: groups that have the same parameters share a section.
fn page() -> Result<String, std::fmt::Error> {
    let mut page = HEAD.to_owned();
    let look = Look::default();
    let mut told: Vec<FieldList> = Vec::new();
    for first in ParameterGroup::all() {
        let fields = first.fields(&look);
        if told.iter().any(|told| **told == *fields) {
            continue;
        }
        let alike: Vec<_> = ParameterGroup::all().filter(|group| *group.fields(&look) == *fields).collect();
        let path = first.path(&look);
        let title = match path.rsplit_once('/') {
            Some((room, _)) if alike.len() > 1 => format!("{room}/…"),
            _ => path,
        };
        writeln!(page, "\n## {title}\n\n| path | table in a look |\n| --- | --- |")?;
        for group in alike {
            writeln!(page, "| `{}/…` | `[{}]` |", group.path(&look), group.table())?;
        }
        table(&mut page, &fields)?;
        told.push(fields);
    }
    page.push_str(OVERLAYS);
    table(&mut page, Overlay::FIELDS)?;
    page.push_str(EFFECTS);
    table(&mut page, Effect::layer_fields())?;
    for effect in EffectLibrary::default().effects() {
        writeln!(page, "\n### effect/{}/…\n\n{}", effect.name(), effect.description())?;
        let inputs: Vec<_> = effect.inputs().iter().map(|input| input.field.clone()).collect();
        table(&mut page, &inputs)?;
    }
    Ok(page)
}

/// One row per parameter.
fn table(page: &mut String, fields: &[Field]) -> std::fmt::Result {
    writeln!(
        page,
        "\n| key | type | range | default | unit | what |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for field in fields {
        let (range, unit) = match &field.kind {
            Kind::Float(float) => (format!("{} to {}", float.min, float.max), float.unit.name()),
            Kind::Selection(selection) => {
                let name = |(value, label): &(i32, Cow<'static, str>)| format!("{value} {label}");
                (selection.options.iter().map(name).collect::<Vec<_>>().join(", "), "")
            }
            _ => Default::default(),
        };
        let (kind, default) = (field.kind.name(), field.kind.default_value());
        let what = if field.doc().is_empty() { field.label() } else { field.doc().to_owned() };
        writeln!(page, "| `{}` | {kind} | {range} | `{default}` | {unit} | {what} |", field.key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_current() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/parameters.md");
        let written = std::fs::read_to_string(docs).unwrap_or_default();
        assert!(
            written == page().expect("a page"),
            "docs/parameters.md is stale; type: masque parameters > {docs}"
        );
    }
}
