//! `masque parameters`: the manual of everything that `--set` can set, as it is in `docs/parameters.md`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use crate::look::ParameterGroup;
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
file, `1,0.5,0` or `#ff8000` for `--set`; a *texture*, a name, and for `--set` also `none`.
";

/// The manual in Markdown: groups that have the same parameters share a section.
fn page() -> Result<String, std::fmt::Error> {
    let mut page = HEAD.to_owned();
    let mut told: Vec<&[Field]> = Vec::new();
    for first in ParameterGroup::all() {
        if told.contains(&first.fields()) {
            continue;
        }
        told.push(first.fields());
        let alike: Vec<_> = ParameterGroup::all().filter(|group| group.fields() == first.fields()).collect();
        let path = first.path();
        let title = match path.rsplit_once('/') {
            Some((room, _)) if alike.len() > 1 => format!("{room}/…"),
            _ => path,
        };
        writeln!(page, "\n## {title}\n\n| path | table in a look |\n| --- | --- |")?;
        for group in alike {
            writeln!(page, "| `{}/…` | `[{}]` |", group.path(), group.table())?;
        }
        writeln!(
            page,
            "\n| key | type | range | default | unit | what |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        for field in first.fields() {
            let (range, unit) = match &field.kind {
                Kind::Float(float) => (format!("{} to {}", float.min, float.max), float.unit.name()),
                _ => Default::default(),
            };
            let (kind, default) = (field.kind.name(), field.kind.default_value());
            writeln!(
                page,
                "| `{}` | {kind} | {range} | `{default}` | {unit} | {} |",
                field.key,
                field.doc()
            )?;
        }
    }
    Ok(page)
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
