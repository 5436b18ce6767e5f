//! What the results in a folder depend on.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BatchError, Input, JobSettings, ModelRecord};
use crate::folders::write_atomically;
use crate::models::store::sha256_bytes;

/// The file that it is kept in.
const FILE: &str = "job.json";
/// Counted up when results of the same settings change.
const VERSION: u32 = 1;
/// Differences that are told.
const TOLD: usize = 4;

/// What results depend on, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    version: u32,
    model: ModelRecord,
    classes: Vec<String>,
    settings: BTreeMap<String, Value>,
}

impl Identity {
    pub(super) fn of(settings: &JobSettings) -> Self {
        let mut told = settings.told();
        // Into how many parts a job is cut does not change results, but parts of different cuts overlap.
        told.insert("shards".to_owned(), settings.shard.map_or(1, |shard| shard.0.count).into());
        Self {
            version: VERSION,
            model: settings.model.clone(),
            classes: settings.classes.clone(),
            settings: told,
        }
    }

    /// Checks that results that are there are of this, or writes it down where there are none, or others that go. Gives its
    /// digest.
    pub(super) fn settle(
        &self,
        folder: &Path,
        settings: &JobSettings,
        inputs: &[&Input],
    ) -> Result<String, BatchError> {
        let path = folder.join(FILE);
        let digest = sha256_bytes(&serde_json::to_vec(self).unwrap_or_default());
        let known = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        match known {
            Some(known) if known == *self => return Ok(digest),
            Some(known) if !settings.overwrite => {
                let differ = differences(&known, self).join(", ");
                return Err(BatchError::OtherSettings { out: settings.out.clone(), differ });
            }
            None if !settings.overwrite => check_nothing_is_there(settings, inputs)?,
            _ => {}
        }
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_atomically(&path, 0o644, |file| file.write_all(&text)).map_err(BatchError::folder(&path))?;
        Ok(digest)
    }
}

/// A folder without a job holds nothing that this one would write over.
fn check_nothing_is_there(settings: &JobSettings, inputs: &[&Input]) -> Result<(), BatchError> {
    for input in inputs {
        let mut paths = settings.formats.iter().map(|format| settings.result(input, *format));
        if let Some(path) = paths.find(|path| path.exists()) {
            return Err(BatchError::IsThere(path));
        }
    }
    Ok(())
}

fn differences(known: &Identity, now: &Identity) -> Vec<String> {
    let mut differ = Vec::new();
    if known.version != now.version {
        differ.push("they are of another version of masque".to_owned());
    }
    if known.model != now.model {
        differ.push(format!("model {} before, {} now", known.model.name, now.model.name));
    } else if known.classes != now.classes {
        differ.push("other names of classes".to_owned());
    }
    let names =
        known.settings.keys().chain(now.settings.keys().filter(|name| !known.settings.contains_key(*name)));
    let told = |settings: &BTreeMap<String, Value>, name: &str| {
        settings.get(name).unwrap_or(&Value::Null).to_string()
    };
    for name in names {
        let (before, now) = (told(&known.settings, name), told(&now.settings, name));
        if before != now {
            differ.push(format!("--{name} {before} before, {now} now"));
        }
    }
    if differ.len() > TOLD {
        let more = differ.len() - TOLD;
        differ.truncate(TOLD);
        differ.push(format!("and {more} more"));
    }
    differ
}
