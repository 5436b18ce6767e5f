//! Which parts there are, whether they are of one job, and whether they are all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::MergeError;
use crate::batch::{JobState, Manifest, ShardRecord};

/// Differences that are told.
const TOLD: usize = 4;

/// A manifest and the folder of its results.
pub(super) struct Part {
    pub(super) folder: PathBuf,
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
}

/// The manifests of `folders`: of each those of its shards, else the one of all.
pub(super) fn read(folders: &[PathBuf]) -> Result<Vec<Part>, MergeError> {
    let mut parts: Vec<Part> = Vec::new();
    for folder in folders {
        let found =
            Manifest::find(folder).map_err(|error| MergeError::Unreadable { path: folder.clone(), error })?;
        let whole = folder.join(Manifest::file_name(None));
        // What was merged here before is made of the others.
        let has_shards = found.iter().any(|path| *path != whole);
        let found: Vec<PathBuf> = found.into_iter().filter(|path| !has_shards || *path != whole).collect();
        if found.is_empty() {
            return Err(MergeError::NoManifest(folder.clone()));
        }
        for path in found {
            let manifest = Manifest::read(&path)
                .map_err(|error| MergeError::Unreadable { path: path.clone(), error })?;
            // A folder that is given twice is one.
            let is_known = parts.iter().any(|part| same_file(&part.path, &path));
            if !is_known {
                parts.push(Part { folder: folder.clone(), path, manifest });
            }
        }
    }
    // Whatever the order in which they were typed.
    parts.sort_by(|a, b| (a.manifest.shard, &a.path).cmp(&(b.manifest.shard, &b.path)));
    Ok(parts)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one == other || (real(one).is_some() && real(one) == real(other))
}

/// The first part's manifest without its inputs.
pub(super) fn first(parts: &[Part]) -> Manifest {
    let Manifest {
        masque,
        state,
        model,
        classes,
        settings,
        shard,
        totals,
        memory,
        pool,
        timing,
        counters,
        ..
    } = &parts[0].manifest;
    Manifest {
        masque: masque.clone(),
        state: *state,
        model: model.clone(),
        classes: classes.clone(),
        settings: settings.clone(),
        shard: *shard,
        totals: *totals,
        memory: *memory,
        pool: *pool,
        timing: *timing,
        counters: counters.clone(),
        inputs: Vec::new(),
    }
}

/// Whether all are parts of one job; what a person should know of them.
pub(super) fn agree(parts: &[Part]) -> Result<Vec<String>, MergeError> {
    let (first, others) = (&parts[0], &parts[1..]);
    let mut remarks = Vec::new();
    for other in others {
        let mut differ = differences(&first.manifest, &other.manifest);
        let count = |part: &Part| part.manifest.shard.map(|shard| shard.count);
        if count(first) != count(other) {
            let told = |part| match count(part) {
                Some(count) => format!("one of {count} shards"),
                None => "no shard".to_owned(),
            };
            differ.push(format!("{} and {}", told(first), told(other)));
        }
        if !differ.is_empty() {
            let more = differ.len().saturating_sub(TOLD);
            differ.truncate(TOLD);
            if more > 0 {
                differ.push(format!("{more} more"));
            }
            let (one, other) = (first.path.clone(), other.path.clone());
            return Err(MergeError::Differ { one, other, differ: differ.join("; ") });
        }
        if first.manifest.masque != other.manifest.masque && remarks.is_empty() {
            let (one, two) = (&first.manifest.masque, &other.manifest.masque);
            remarks.push(format!("written by different versions of the program: {one} and {two}"));
        }
    }
    Ok(remarks)
}

/// Results of something else are not mixed with.
pub(super) fn agree_with_results_in(out: &Path, parts: &[Part]) -> Result<(), MergeError> {
    let path = out.join(Manifest::file_name(None));
    if !path.exists() {
        return Ok(());
    }
    let there =
        Manifest::read(&path).map_err(|error| MergeError::Unreadable { path: path.clone(), error })?;
    let differ = differences(&parts[0].manifest, &there);
    if differ.is_empty() {
        return Ok(());
    }
    Err(MergeError::Differ { one: parts[0].path.clone(), other: path, differ: differ.join("; ") })
}

/// What results depend on and is not the same.
fn differences(one: &Manifest, other: &Manifest) -> Vec<String> {
    let mut differ = Vec::new();
    if one.model != other.model {
        let short = |sha256: &str| sha256.chars().take(12).collect::<String>();
        let told = |manifest: &Manifest| format!("{} {}", manifest.model.name, short(&manifest.model.sha256));
        differ.push(format!("model {} and {}", told(one), told(other)));
    }
    if one.classes != other.classes {
        differ.push("other classes".to_owned());
    }
    let none = serde_json::Value::Null;
    let names = one.settings.keys().chain(other.settings.keys());
    let values: BTreeMap<&String, _> = names
        .map(|name| (name, [one, other].map(|manifest| manifest.settings.get(name).unwrap_or(&none))))
        .collect();
    let values = values.into_iter().filter(|(_, [one, other])| one != other);
    differ.extend(values.map(|(name, [one, other])| format!("--{name} {one} and {other}")));
    differ
}

/// The shards that are not there, and the parts that are not complete.
pub(super) fn missing(parts: &[Part]) -> Option<String> {
    let shards: Vec<ShardRecord> = parts.iter().filter_map(|part| part.manifest.shard).collect();
    let count = shards.first().map_or(0, |shard| shard.count);
    let absent: Vec<u32> =
        (0..count).filter(|index| shards.iter().all(|shard| shard.index != *index)).collect();
    let mut told = Vec::new();
    if !absent.is_empty() {
        told.push(match absent.as_slice() {
            [one] => format!("shard {one} of {count} is missing"),
            several => format!("shards {} of {count} are missing", listed(several)),
        });
    }
    for part in parts.iter().filter(|part| part.manifest.state != JobState::Complete) {
        let totals = part.manifest.totals;
        let ended = totals.done + totals.incomplete + totals.failed;
        told.push(format!(
            "{} is of a job that was interrupted ({ended} of {} inputs)",
            part.path.display(),
            totals.inputs
        ));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// Numbers for people: `1, 3–7, 9`.
fn listed(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let told = runs.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn runs_of_numbers_are_short() {
        assert_eq!(listed(&[1, 3, 4, 5, 6, 9, 10]), "1, 3–6, 9, 10");
    }
}
