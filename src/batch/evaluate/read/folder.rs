//! A folder of results: which of its files are read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Form, file, form_of};
use crate::batch::Manifest;
use crate::batch::evaluate::detections::Intake;
use crate::batch::evaluate::error::EvaluateError;

/// Reads the best file of every input, in the order of their names.
pub(super) fn read(folder: &Path, intake: &mut Intake<'_>) -> Result<(), EvaluateError> {
    let unreadable = |cause| EvaluateError::Unreadable { path: folder.to_owned(), cause };
    let mut inputs: BTreeMap<String, (Form, PathBuf)> = BTreeMap::new();
    let (mut others, mut beside) = (BTreeMap::new(), 0);
    let manifests = Manifest::find(folder).map_err(unreadable)?;
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if manifests.contains(&path) || name.starts_with('.') || path.is_dir() {
            continue;
        }
        let Some(form) = form_of(&path) else {
            *others.entry(other(&name)).or_default() += 1;
            continue;
        };
        let input = input(&name).to_owned();
        match inputs.get_mut(&input) {
            None => {
                inputs.insert(input, (form, path));
            }
            Some(kept) => {
                beside += 1;
                if form < kept.0 {
                    *kept = (form, path);
                }
            }
        }
    }
    if inputs.is_empty() {
        let found: Vec<&str> = others.keys().copied().collect();
        let found = if found.is_empty() {
            "it is empty".to_owned()
        } else {
            format!("there are {}", found.join(", "))
        };
        return Err(EvaluateError::NoResults { folder: folder.to_owned(), found });
    }
    others.insert("the same in another form", beside);
    for (why, many) in others {
        if many > 0 {
            *intake.tally.passed_over.entry(why).or_default() += many;
        }
    }
    inputs.into_values().try_for_each(|(form, path)| file(&path, form, intake))
}

/// The input that a file of results is about.
fn input(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if name.ends_with(".json") { stem.strip_suffix(".coco").unwrap_or(stem) } else { stem }
}

/// Why a file is not read.
fn other(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("partial") => "half-written files",
        _ => "files of other kinds",
    }
}

/// Names of the classes as a manifest beside a file has them; none where there is no such thing.
pub(super) fn classes_beside(path: &Path) -> Vec<String> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        classes: Vec<String>,
    }
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let manifests = Manifest::find(folder).unwrap_or_default();
    let head = manifests.iter().find_map(|manifest| {
        let file = BufReader::new(File::open(manifest).ok()?);
        serde_json::from_reader::<_, Head>(file).ok()
    });
    head.map_or_else(Vec::new, |head| head.classes)
}
