//! `masque models`: list, pull, verify, import.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::progress::TerminalProgress;
use crate::ffmpeg;
use crate::folders::write_atomically;
use crate::models::import::{ImportError, bundle_member, import_tflite};
use crate::models::manifest::{ModelFile, Source};
use crate::models::store::Listing;
use crate::models::{ModelState, ModelStore, Progress, Role, runtime, tools};
use crate::stats::{self, Stats};

/// Files above this are no model that could be converted.
const LARGEST_IMPORT: u64 = 1 << 30;

/// Arguments of `masque models`.
#[derive(Args, Debug)]
pub struct ModelsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Show every model: role, licence, size, whether it is here, where it comes from
    List,
    /// Fetch models, ONNX Runtime (runtime) and ffmpeg; without names the best of each role
    Pull {
        /// Names from `masque models list`, `runtime` or `ffmpeg`
        names: Vec<String>,
        /// Do not try sources again that failed within the last day
        #[arg(long)]
        needed: bool,
    },
    /// Read every cached file again and make those anew that are damaged
    Verify,
    /// Convert a TFLite model to ONNX
    Import {
        /// The .tflite file, or a .task bundle
        file: PathBuf,
        /// Where to write [default: the same name with .onnx in this folder]
        #[arg(short, long)]
        output: Option<PathBuf>,
        /// Which model of a bundle
        #[arg(long)]
        member: Option<String>,
    },
}

/// Runs `masque models`.
pub fn run(args: ModelsArgs) -> anyhow::Result<ExitCode> {
    let store = ModelStore::open(&Stats::default())?;
    match args.action {
        Action::List => list(&store),
        Action::Pull { names, needed } => pull(if needed { store } else { store.forcing() }, &names),
        Action::Verify => verify(&store),
        Action::Import { file, output, member } => import(&file, output, member.as_deref()),
    }
}

fn list(store: &ModelStore) -> anyhow::Result<ExitCode> {
    let mut rows = store.list();
    rows.sort_by_key(|row| (row.model.role, std::cmp::Reverse(row.model.rank)));
    let width = rows.iter().map(|row| row.model.name.len()).max().unwrap_or(0);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:width$}  {:14}  {:10}  {:>8}  {:11}  SOURCE",
        "NAME", "ROLE", "LICENCE", "SIZE", "STATE"
    )?;
    for row in &rows {
        let (state, source) = describe(row);
        let size = megabytes(row.file.bytes);
        let (name, role, licence) = (&row.model.name, row.model.role, &row.file.licence);
        writeln!(out, "{name:width$}  {role:14}  {licence:10}  {size:>8}  {state:11}  {source}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(row: &Listing) -> (&'static str, String) {
    match &row.state {
        ModelState::Ready => ("ready", origin(&row.file)),
        ModelState::Local(path) => ("local", path.display().to_string()),
        ModelState::Remote(source) => ("to fetch", source.clone()),
        ModelState::Unreachable(reason) => ("unreachable", reason.clone()),
        ModelState::Damaged(path) => ("damaged", path.display().to_string()),
    }
}

fn origin(file: &ModelFile) -> String {
    file.sources.first().map(Source::to_string).unwrap_or_default()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn pull(store: ModelStore, names: &[String]) -> anyhow::Result<ExitCode> {
    let progress = TerminalProgress::default();
    if names.is_empty() {
        return pull_best(&store, &progress);
    }
    // An unknown name is said before anything is fetched for the others.
    for name in names.iter().filter(|name| !matches!(name.as_str(), "runtime" | "ffmpeg")) {
        store.lookup(name)?;
    }
    let mut failed = false;
    for name in names {
        let outcome = match name.as_str() {
            "runtime" => runtime::ensure_runtime(&progress).map_err(anyhow::Error::from),
            "ffmpeg" => ensure_ffmpeg(&progress),
            name => store.ensure(name, &progress).map_err(anyhow::Error::from),
        };
        failed |= !report(name, &outcome);
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Everything Masque needs is an error when it does not come; what would only be better is said.
fn pull_best(store: &ModelStore, progress: &TerminalProgress) -> anyhow::Result<ExitCode> {
    let runtime = runtime::ensure_runtime(progress).map_err(anyhow::Error::from);
    let mut complete = report("runtime", &runtime);
    for role in Role::ALL {
        let outcome = store.best(role, progress);
        let label = outcome.as_ref().map_or(role.name(), |model| &model.name).to_owned();
        let outcome = outcome.map(|model| model.onnx).map_err(anyhow::Error::from);
        match &outcome {
            Err(error) if !role.is_required() => println!("{label}: none: {}", describe_error(error)),
            _ => complete &= report(&label, &outcome),
        }
    }
    complete &= report("ffmpeg", &ensure_ffmpeg(progress));
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ensure_ffmpeg(progress: &TerminalProgress) -> anyhow::Result<PathBuf> {
    match ffmpeg::locate() {
        Err(ffmpeg::FfmpegError::Missing { .. }) => {
            progress.note("ffmpeg is not installed: fetching a static build into the cache.");
            tools::fetch_ffmpeg(&ffmpeg::cached_program(), progress)?;
            Ok(ffmpeg::locate()?.path)
        }
        found => Ok(found?.path),
    }
}

/// `stats::describe` leaves out causes that the message names already.
fn describe_error(error: &anyhow::Error) -> String {
    stats::describe(error.as_ref())
}

fn report(name: &str, outcome: &anyhow::Result<PathBuf>) -> bool {
    match outcome {
        Ok(path) => println!("{name}: {}", path.display()),
        Err(error) => eprintln!("masque: {name}: {}", describe_error(error)),
    }
    outcome.is_ok()
}

fn verify(store: &ModelStore) -> anyhow::Result<ExitCode> {
    let progress = TerminalProgress::default();
    let (mut whole, mut repaired, mut lost) = (0, 0, 0);
    let mut tell = |name: &str, was_repaired: bool, outcome: Result<PathBuf, anyhow::Error>| match outcome {
        Ok(path) if was_repaired => {
            repaired += 1;
            println!("{name}: was damaged, made again: {}", path.display());
        }
        Ok(path) => {
            whole += 1;
            println!("{name}: whole: {}", path.display());
        }
        Err(error) => {
            lost += 1;
            eprintln!("masque: {name}: damaged, not repaired: {}", describe_error(&error));
        }
    };
    match runtime::repair_runtime(&progress) {
        Ok(None) => {}
        Ok(Some((path, was_repaired))) => tell("runtime", was_repaired, Ok(path)),
        Err(error) => tell("runtime", false, Err(error.into())),
    }
    for model in store.verify(&progress) {
        tell(&model.name, model.repaired, model.outcome.map_err(anyhow::Error::from));
    }
    println!("{whole} whole, {repaired} repaired, {lost} lost");
    Ok(if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn import(file: &Path, output: Option<PathBuf>, member: Option<&str>) -> anyhow::Result<ExitCode> {
    let shown = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("cannot read {shown}"))?.len();
    if size > LARGEST_IMPORT {
        bail!("{shown} has {}, more than any model; give a .tflite file", megabytes(size));
    }
    let mut bytes = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    if let Some(member) = member {
        bytes = bundle_member(&bytes, member).with_context(|| shown.to_string())?;
    } else if let Some(members) = members_of_bundle(&bytes) {
        bail!("{shown} is a bundle; choose a model of it with --member: {members}");
    }
    let imported = import_tflite(&bytes).with_context(|| shown.to_string())?;
    let name = PathBuf::from(member.map_or(file.as_os_str(), |member| member.as_ref()));
    let default = || PathBuf::from(name.with_extension("onnx").file_name().unwrap_or_default());
    let output = output.unwrap_or_else(default);
    write_atomically(&output, 0o644, |out| out.write_all(&imported.onnx))
        .with_context(|| format!("cannot write {}", output.display()))?;
    println!("{} ({})", output.display(), megabytes(imported.onnx.len() as u64));
    for (kind, tensors) in [("input", &imported.inputs), ("output", &imported.outputs)] {
        for tensor in tensors {
            println!("  {kind} {} {:?} float32", tensor.name, tensor.shape);
        }
    }
    if let Some(normalization) = &imported.normalization {
        println!("  pixels 0–255: mean {:?}, std {:?}", normalization.mean, normalization.std);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a bundle holds; `None` for a model, which may have a zip archive of labels at its end.
fn members_of_bundle(bytes: &[u8]) -> Option<String> {
    if bytes.get(4..8) == Some(b"TFL3") {
        return None;
    }
    match bundle_member(bytes, "") {
        Err(ImportError::NoSuchMember { present, .. }) => Some(present),
        _ => None,
    }
}
