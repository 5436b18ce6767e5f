//! `masque doctor`: what this machine can do, what is missing, what to type.

mod measure;
mod recording;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::compositor::probe_gpu;
use crate::ffmpeg;
use crate::models::runtime::{self, RUNTIME_VERSION};
use crate::models::store::{Listing, cache_dir};
use crate::models::{ModelState, ModelStore, Role};
use crate::source::cameras;
use crate::stats::Stats;

/// Arguments of `masque doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Where recordings will go: its disk is measured
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Leave out what takes seconds to measure: disk, camera rate, encoder
    #[arg(long)]
    quick: bool,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Good,
    /// It works, or will come by itself; something would be better.
    Fair,
    /// Masque cannot do its work without it.
    Missing,
}

/// One line of the report.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it is about.
    pub what: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to type to make it better.
    pub advice: Option<String>,
}

impl Finding {
    /// A finding without advice.
    pub fn new(what: &'static str, health: Health, found: impl Into<String>) -> Self {
        Self { what, health, found: found.into(), advice: None }
    }

    /// With what to type.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Runs `masque doctor`: exit code 1 when something is missing that Masque cannot work without.
pub fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let store = ModelStore::open(&Stats::default())?;
    let camera = camera();
    let has_camera = camera.health == Health::Good;
    let mut findings = vec![gpu(), runtime(), ffmpeg_program(), display(), camera];
    findings.extend(models(&store));
    findings.extend(models_folder());
    findings.push(Finding::new("cache", Health::Good, cache_dir().display().to_string()));
    print(&findings);
    if !args.quick {
        // These take seconds, so the rest is said first.
        print(&recording::findings(&args.folder, has_camera));
    }
    let missing = findings.iter().any(|finding| finding.health == Health::Missing);
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(findings: &[Finding]) {
    for finding in findings {
        let mark = match finding.health {
            Health::Good => "ok     ",
            Health::Fair => "fair   ",
            Health::Missing => "MISSING",
        };
        println!("{mark}  {:14}  {}", finding.what, finding.found);
        if let Some(advice) = &finding.advice {
            println!("{:25}type: {advice}", "");
        }
    }
}

fn gpu() -> Finding {
    const WHAT: &str = "GPU";
    match probe_gpu() {
        Ok(gpu) if gpu.software => {
            Finding::new(WHAT, Health::Fair, format!("{} ({}), in software: slow", gpu.name, gpu.backend))
        }
        Ok(gpu) => Finding::new(WHAT, Health::Good, format!("{} ({})", gpu.name, gpu.backend)),
        Err(error) => Finding::new(WHAT, Health::Missing, error.to_string()),
    }
}

fn camera() -> Finding {
    const WHAT: &str = "camera";
    let names: Vec<String> = cameras().into_iter().map(|camera| camera.name).collect();
    if names.is_empty() {
        Finding::new(WHAT, Health::Fair, "none; the demo performer stands in (demo:)")
    } else {
        Finding::new(WHAT, Health::Good, names.join(", "))
    }
}

fn runtime() -> Finding {
    const WHAT: &str = "ONNX Runtime";
    match runtime::find_runtime() {
        Err(error) => Finding::new(WHAT, Health::Missing, error.to_string()),
        Ok(None) => {
            let found = format!("not installed; {RUNTIME_VERSION} is fetched at the first start");
            Finding::new(WHAT, Health::Fair, found).advise("masque models pull runtime")
        }
        Ok(Some(library)) => {
            let version = library.minor.map_or_else(String::new, |minor| format!("1.{minor}, "));
            let found = format!("{version}{} ({})", library.path.display(), library.origin);
            Finding::new(WHAT, Health::Good, found)
        }
    }
}

fn ffmpeg_program() -> Finding {
    const WHAT: &str = "ffmpeg";
    match ffmpeg::locate() {
        Ok(found) => {
            let text = format!("{}, {} ({})", found.version, found.path.display(), found.origin);
            Finding::new(WHAT, Health::Good, text)
        }
        Err(error @ ffmpeg::FfmpegError::Missing { .. }) => {
            let found = format!("no video files, streams or recording ({error})");
            Finding::new(WHAT, Health::Missing, found).advise(ffmpeg::install_line())
        }
        Err(error) => Finding::new(WHAT, Health::Missing, error.to_string()),
    }
}

fn display() -> Finding {
    const WHAT: &str = "display";
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return Finding::new(WHAT, Health::Good, "the desktop");
    }
    match (set("WAYLAND_DISPLAY"), set("DISPLAY")) {
        (Some(name), _) => Finding::new(WHAT, Health::Good, format!("Wayland {name}")),
        (None, Some(name)) => Finding::new(WHAT, Health::Good, format!("X11 {name}")),
        (None, None) => Finding::new(WHAT, Health::Fair, "none: Masque runs headless"),
    }
}

/// The user's own folder of models, when one is named.
fn models_folder() -> Option<Finding> {
    const WHAT: &str = "models folder";
    let folder = PathBuf::from(std::env::var_os("MASQUE_MODELS_DIR")?);
    let shown = folder.display();
    Some(if folder.is_dir() {
        Finding::new(WHAT, Health::Good, shown.to_string())
    } else {
        Finding::new(WHAT, Health::Fair, format!("MASQUE_MODELS_DIR names {shown}, which is not a folder"))
            .advise("unset MASQUE_MODELS_DIR")
    })
}

/// One finding per role: the model that runs, and the better one that does not.
fn models(store: &ModelStore) -> Vec<Finding> {
    let rows = store.list();
    Role::ALL.into_iter().map(|role| of_role(store, &rows, role)).collect()
}

fn of_role(store: &ModelStore, rows: &[Listing], role: Role) -> Finding {
    let ranked = store.manifest().ranked(role);
    let state = |name: &str| rows.iter().find(|row| row.model.name == name).map(|row| &row.state);
    let usable = |name: &str| !matches!(state(name), None | Some(ModelState::Unreachable(_)));
    let Some(best) = ranked.first() else {
        return Finding::new(role.name(), Health::Fair, "no model is known");
    };
    let Some(chosen) = ranked.iter().find(|model| usable(&model.name)) else {
        let reason = match state(&best.name) {
            Some(ModelState::Unreachable(reason)) => reason.as_str(),
            _ => "no source",
        };
        let (health, effect) = match (role.is_required(), role) {
            (true, _) => (Health::Missing, "Masque cannot work without it"),
            (false, Role::Multiclass) => (Health::Fair, "regions are composed of the other models"),
            (false, Role::Blendshapes) => (Health::Fair, "faces come without blendshapes"),
            (false, _) => (Health::Fair, "Masque works without it"),
        };
        return Finding::new(role.name(), health, format!("{effect} ({reason})"))
            .advise(format!("masque models pull {}", best.name));
    };
    let how = match state(&chosen.name) {
        Some(ModelState::Ready) => "ready",
        Some(ModelState::Local(_)) => "at hand, converted at the first start",
        Some(ModelState::Damaged(_)) => "damaged, made again at the next start",
        _ => "fetched at the first start",
    };
    let found = format!("{}: {how}", chosen.name);
    if chosen.name == best.name {
        return Finding::new(role.name(), Health::Good, found);
    }
    Finding::new(role.name(), Health::Fair, format!("{found}; {} would be better", best.name))
        .advise(format!("masque models pull {}", best.name))
}
