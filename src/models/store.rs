//! The store: from a model's name to a verified ONNX file in the cache, whatever it takes.
//!
//! A converted model lies in `<cache>/models/<name>-<sha256 prefix>.onnx` beside a small record
//! (`….onnx.json`) of what it was made from; what was fetched to make it is kept in
//! `<cache>/models/sources/`. A file that no longer is what its record says is made again.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::cache::CacheLock;
pub use super::cache::{sha256_bytes, sha256_file};
use super::convert::{self, Record};
use super::failures::Failures;
use super::manifest::{InputContract, Manifest, Model, ModelFile, Role};
use super::obtain;
use super::{ModelError, Progress, SessionLimits, SessionManager};
pub use crate::folders::cache_dir;
use crate::stats::Stats;

/// Where the store keeps things and how hard it tries.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The cache folder.
    pub cache: PathBuf,
    /// Local folders with model files, looked through before any source.
    pub folders: Vec<PathBuf>,
    /// Never use the network. Default: whether `MASQUE_OFFLINE` is `1`.
    pub offline: bool,
    /// Try sources again that failed within the last day. Default: no.
    pub force: bool,
}

impl StoreConfig {
    /// The user's cache and folders.
    pub fn from_environment(manifest: &Manifest) -> Self {
        Self {
            cache: cache_dir(),
            folders: manifest.local_folders(),
            offline: std::env::var_os("MASQUE_OFFLINE").is_some_and(|value| value == "1"),
            force: false,
        }
    }
}

/// A model that can be loaded now.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyModel {
    /// Its name in the manifest.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Higher is better.
    pub rank: u32,
    /// The ONNX file; pictures go in and come out as NCHW.
    pub onnx: PathBuf,
    /// What it expects; the range is the one that the file itself states where it does.
    pub input: InputContract,
}

/// How far away a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// Converted and whole.
    Ready,
    /// Its file is at hand, to be converted at first use.
    Local(PathBuf),
    /// To be fetched from there at first use.
    Remote(String),
    /// No source worked within the last day.
    Unreachable(String),
    /// The cached file was changed; it is made again at next use.
    Damaged(PathBuf),
}

/// One row of the list of models.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The model.
    pub model: Model,
    /// The file it is in.
    pub file: ModelFile,
    /// How far away it is.
    pub state: ModelState,
}

/// What `verify` found about one cached file.
#[derive(Debug)]
pub struct Verified {
    /// The model.
    pub name: String,
    /// Whether it was damaged and has been made again.
    pub repaired: bool,
    /// The path when it is whole now.
    pub outcome: Result<PathBuf, ModelError>,
}

/// Finds, fetches, verifies and converts models.
#[derive(Debug)]
pub struct ModelStore {
    pub(super) manifest: Manifest,
    pub(super) config: StoreConfig,
    pub(super) stats: Stats,
    pub(super) failures: Mutex<Failures>,
    sessions: SessionManager,
}

impl ModelStore {
    /// The user's store with the built-in manifest.
    pub fn open(stats: &Stats) -> Result<Self, ModelError> {
        let manifest = Manifest::builtin()?;
        Ok(Self::new(manifest.clone(), StoreConfig::from_environment(manifest), stats))
    }

    /// A store of one's own choosing.
    pub fn new(manifest: Manifest, config: StoreConfig, stats: &Stats) -> Self {
        let failures = Mutex::new(Failures::load(&config.cache));
        let sessions = SessionManager::new(SessionLimits::default(), stats);
        Self { manifest, config, stats: stats.clone(), failures, sessions }
    }

    /// Loads its models with `sessions`, which others may load with, too.
    pub fn with_sessions(mut self, sessions: SessionManager) -> Self {
        self.sessions = sessions;
        self
    }

    /// What its models are loaded with.
    pub fn sessions(&self) -> &SessionManager {
        &self.sessions
    }

    /// The manifest it works from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its settings.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Tries sources again although they failed within the last day.
    pub fn forcing(mut self) -> Self {
        self.config.force = true;
        self
    }

    /// The ONNX file of model `name`, fetched and converted if need be.
    pub fn ensure(&self, name: &str, progress: &dyn Progress) -> Result<PathBuf, ModelError> {
        self.ready(name, progress).map(|model| model.onnx)
    }

    /// As [`ensure`](Self::ensure), with what the model expects.
    pub fn ready(&self, name: &str, progress: &dyn Progress) -> Result<ReadyModel, ModelError> {
        self.make_ready(self.lookup(name)?, self.config.force, progress)
    }

    /// The best model of a role that can be had.
    ///
    /// A better one that cannot be had is said and counted (`model_fallbacks`), not waited for.
    pub fn best(&self, role: Role, progress: &dyn Progress) -> Result<ReadyModel, ModelError> {
        let mut result = self.best_of(role, self.config.force, progress);
        if result.is_err() && role.is_required() && !self.config.force {
            progress.note(&format!("Nothing does the role {role}: trying sources that failed before."));
            result = self.best_of(role, true, progress);
        }
        result
    }

    fn best_of(&self, role: Role, force: bool, progress: &dyn Progress) -> Result<ReadyModel, ModelError> {
        let mut tried = Vec::new();
        for model in self.manifest.ranked(role) {
            match self.make_ready(model, force, progress) {
                Ok(ready) => {
                    if !tried.is_empty() {
                        self.stats.count("model_fallbacks");
                        tracing::warn!("role {role}: {} runs because {}", model.name, tried.join("; "));
                    }
                    return Ok(ready);
                }
                Err(error) => tried.push(error.reason()),
            }
        }
        let mut files: Vec<&str> = self.manifest.ranked(role).iter().map(|model| &*model.file).collect();
        files.dedup();
        Err(ModelError::NoneForRole { role: role.name(), files: files.join(" or "), tried: tried.join("; ") })
    }

    /// Every model with how far away it is. Reads cached files, uses no network.
    pub fn list(&self) -> Vec<Listing> {
        let models = self.manifest.models.iter();
        models
            .filter_map(|model| {
                let file = self.manifest.file(model)?;
                let state = self.state(model, file);
                Some(Listing { model: model.clone(), file: file.clone(), state })
            })
            .collect()
    }

    /// The models that run without the network, best first within each role.
    pub fn available(&self) -> Vec<Model> {
        let mut models: Vec<Model> = self
            .list()
            .into_iter()
            .filter(|row| matches!(row.state, ModelState::Ready | ModelState::Local(_)))
            .map(|row| row.model)
            .collect();
        models.sort_by_key(|model| (model.role, std::cmp::Reverse(model.rank)));
        models
    }

    /// Reads every cached file again and makes those anew that are damaged.
    pub fn verify(&self, progress: &dyn Progress) -> Vec<Verified> {
        let mut results = Vec::new();
        for model in &self.manifest.models {
            let Some(file) = self.manifest.file(model) else { continue };
            if !convert::record_path(&self.onnx_path(model, file)).exists() {
                continue;
            }
            let damaged_source = self.drop_damaged_source(file);
            let damaged = self.record(model, file).is_none();
            let outcome = self.make_ready(model, true, progress).map(|ready| ready.onnx);
            results.push(Verified {
                name: model.name.clone(),
                repaired: (damaged || damaged_source) && outcome.is_ok(),
                outcome,
            });
        }
        results
    }

    /// The manifest's entry called `name`.
    pub fn lookup(&self, name: &str) -> Result<&Model, ModelError> {
        self.manifest.model(name).ok_or_else(|| {
            let names: Vec<&str> = self.manifest.models.iter().map(|model| &*model.name).collect();
            ModelError::Unknown { name: name.to_owned(), known: names.join(", ") }
        })
    }

    fn make_ready(
        &self,
        model: &Model,
        force: bool,
        progress: &dyn Progress,
    ) -> Result<ReadyModel, ModelError> {
        let file = self.manifest.file(model).ok_or_else(|| ModelError::Manifest {
            reason: format!("model {} names no known file", model.name),
        })?;
        let onnx = self.onnx_path(model, file);
        if let Some(record) = self.record(model, file) {
            return Ok(ready(model, onnx, &record));
        }
        let lock = CacheLock::take(&self.config.cache, progress)
            .map_err(ModelError::disk("lock", &self.config.cache))?;
        // Another process may have made it while this one waited.
        if let Some(record) = self.record(model, file) {
            return Ok(ready(model, onnx, &record));
        }
        if onnx.exists() && convert::is_damaged(&onnx) {
            self.stats.count("model_cache_repaired");
            tracing::warn!("{} is damaged, making it again", onnx.display());
            progress.note(&format!("{} is damaged, making it again.", onnx.display()));
        }
        let source = obtain::source_file(self, model, file, force, &lock, progress)?;
        let record = convert::to_onnx(model, file, &source, &onnx)?;
        Ok(ready(model, onnx, &record))
    }

    fn onnx_path(&self, model: &Model, file: &ModelFile) -> PathBuf {
        let prefix = &file.sha256[..12.min(file.sha256.len())];
        self.config.cache.join("models").join(format!("{}-{prefix}.onnx", model.name))
    }

    /// Where a fetched file is kept.
    pub(super) fn source_path(&self, file: &ModelFile) -> PathBuf {
        self.config.cache.join("models").join("sources").join(&file.name)
    }

    /// The record of a conversion that is current and whole.
    fn record(&self, model: &Model, file: &ModelFile) -> Option<Record> {
        Record::read(&self.onnx_path(model, file)).filter(|record| record.is_current(file))
    }

    fn drop_damaged_source(&self, file: &ModelFile) -> bool {
        let path = self.source_path(file);
        let damaged = sha256_file(&path).is_ok_and(|found| found != file.sha256);
        if damaged {
            self.stats.count("model_cache_repaired");
            tracing::warn!("{} is damaged, removing it", path.display());
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
        damaged
    }

    fn state(&self, model: &Model, file: &ModelFile) -> ModelState {
        let onnx = self.onnx_path(model, file);
        if self.record(model, file).is_some() {
            return ModelState::Ready;
        }
        if onnx.exists() && convert::is_damaged(&onnx) {
            return ModelState::Damaged(onnx);
        }
        if let Some(local) = obtain::at_hand(self, file) {
            return ModelState::Local(local);
        }
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reasons = Vec::new();
        for source in &file.sources {
            let keys = obtain::failure_keys(source);
            match keys.iter().find_map(|key| failures.reason(key, false)) {
                None => return ModelState::Remote(source.to_string()),
                Some(reason) => reasons.push(reason),
            }
        }
        ModelState::Unreachable(reasons.join("; "))
    }
}

fn ready(model: &Model, onnx: PathBuf, record: &Record) -> ReadyModel {
    let mut input = model.input.clone();
    input.range = record.range.or(input.range);
    ReadyModel { name: model.name.clone(), role: model.role, rank: model.rank, onnx, input }
}
