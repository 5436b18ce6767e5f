//! What the results of inputs are called.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Input;
use crate::models::store::sha256_bytes;

/// Gives each the stem of its file, and digits besides where others have the same stem.
pub(super) fn name_all(inputs: Vec<(PathBuf, OsString)>) -> Vec<Input> {
    let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    // Upper and lower case are one on some disks.
    let mut owners: BTreeMap<String, u32> = BTreeMap::new();
    let mut identities: BTreeMap<OsString, u32> = BTreeMap::new();
    for (path, identity) in &inputs {
        *owners.entry(stem(path).to_lowercase()).or_default() += 1;
        *identities.entry(identity.clone()).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut input = |(path, identity): (PathBuf, OsString)| {
        let is_alone = identities.get(&identity).is_none_or(|owners| *owners == 1);
        let identity = if is_alone { identity } else { path.clone().into_os_string() };
        let digest = sha256_bytes(identity.as_encoded_bytes());
        let stem = stem(&path);
        let is_alone = owners.get(&stem.to_lowercase()).is_none_or(|owners| *owners == 1);
        let mut name = if is_alone { stem.clone() } else { format!("{stem}-{}", &digest[..12]) };
        // A file may be called as another one's name and digits.
        while !taken.insert(name.to_lowercase()) {
            name.push_str("-2");
        }
        Input { path, name, key: digest[..6].to_owned(), identity }
    };
    inputs.into_iter().map(&mut input).collect()
}
