//! One loaded network: an ONNX Runtime session with the settings that measured best on a CPU that
//! also has a picture to draw, timed and counted under the model's name.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{SessionInputValue, SessionOutputs};
use ort::value::{Outlet, TensorElementType, TensorRef};
use thiserror::Error;

use super::runtime::{self, RuntimeError};
use crate::stats::Stats;

/// More threads than this make small nets slower, and the renderer wants cores too.
const MOST_INTRA_THREADS: usize = 4;

/// How a session runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads inside one operator, 1 or more. Default: the physical cores, at most 4.
    pub intra_threads: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        let cores = sysinfo::System::physical_core_count()
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1);
        Self { intra_threads: cores.clamp(1, MOST_INTRA_THREADS) }
    }
}

/// Why a network could not be loaded or run.
#[derive(Debug, Error)]
pub enum SessionError {
    /// ONNX Runtime itself is missing.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// ONNX Runtime refused the file.
    #[error(
        "model {model}: ONNX Runtime cannot load {}: {reason}. Type: masque models verify",
        path.display()
    )]
    Load {
        /// Name of the model.
        model: String,
        /// The ONNX file.
        path: PathBuf,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// A run failed.
    #[error("model {model}: inference failed: {reason}")]
    Run {
        /// Name of the model.
        model: String,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// The caller asked for an output that the network does not have as float32.
    #[error("model {model} has no float32 output {output}; it has {known}")]
    NoOutput {
        /// Name of the model.
        model: String,
        /// What was asked for.
        output: String,
        /// The outputs there are.
        known: String,
    },
}

/// Name, shape and element type of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Name in the graph.
    pub name: String,
    /// Dimensions; -1 where the graph leaves one open.
    pub shape: Vec<i64>,
    /// Whether the elements are float32.
    pub is_f32: bool,
}

impl From<&Outlet> for TensorInfo {
    fn from(outlet: &Outlet) -> Self {
        Self {
            name: outlet.name().to_owned(),
            shape: outlet.dtype().tensor_shape().map(|shape| shape.to_vec()).unwrap_or_default(),
            is_f32: outlet.dtype().tensor_type() == Some(TensorElementType::Float32),
        }
    }
}

/// A loaded network.
#[derive(Debug)]
pub struct Session {
    inner: ort::session::Session,
    name: String,
    path: PathBuf,
    inputs: Vec<TensorInfo>,
    outputs: Vec<TensorInfo>,
    runs: u64,
    last_run: Duration,
    stage: &'static str,
    stats: Stats,
}

impl Session {
    /// Loads the ONNX file `path` as model `name`, timings going to `stats` as stage `model:NAME`.
    ///
    /// Starts ONNX Runtime when it does not run yet (see [`runtime::init_runtime`]).
    pub fn load(
        path: &Path,
        name: &str,
        options: &SessionOptions,
        stats: &Stats,
    ) -> Result<Self, SessionError> {
        let environment = runtime::init_runtime()?;
        let refused = |error: ort::Error| SessionError::Load {
            model: name.to_owned(),
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let inner = configured(&environment.environment, options)
            .and_then(|mut builder| builder.commit_from_file(path))
            .map_err(refused)?;
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
            inputs: inner.inputs().iter().map(TensorInfo::from).collect(),
            outputs: inner.outputs().iter().map(TensorInfo::from).collect(),
            runs: 0,
            last_run: Duration::ZERO,
            stage: stage_name(name),
            stats: stats.clone(),
            inner,
        })
    }

    /// Runs the network. Each input is (name, shape, row-major float32 data of that shape).
    ///
    /// The data is read in place; the outputs live in ONNX Runtime's arena until they are dropped.
    pub fn run(&mut self, inputs: &[(&str, &[usize], &[f32])]) -> Result<Outputs<'_>, SessionError> {
        let failed = |model: &str, error: ort::Error| SessionError::Run {
            model: model.to_owned(),
            reason: error.to_string(),
        };
        let mut values: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::with_capacity(inputs.len());
        for (name, shape, data) in inputs {
            let tensor =
                TensorRef::from_array_view((*shape, *data)).map_err(|error| failed(&self.name, error))?;
            values.push((Cow::Borrowed(*name), tensor.into()));
        }
        let start = Instant::now();
        let outputs = self.inner.run(values).map_err(|error| failed(&self.name, error))?;
        self.last_run = start.elapsed();
        self.runs += 1;
        self.stats.stage(self.stage, self.last_run);
        Ok(Outputs { model: &self.name, outputs })
    }

    /// The name it was loaded under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ONNX file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Inputs in the graph's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.inputs
    }

    /// Outputs in the graph's order.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.outputs
    }

    /// Runs that succeeded.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Wall time of the last run that succeeded.
    pub fn last_run(&self) -> Duration {
        self.last_run
    }

    /// What the network runs on.
    pub fn provider(&self) -> &'static str {
        "CPU"
    }

    /// The name of its stage in the statistics.
    pub fn stage(&self) -> &'static str {
        self.stage
    }
}

/// What one run gave, borrowed from the session.
#[derive(Debug)]
pub struct Outputs<'s> {
    model: &'s str,
    outputs: SessionOutputs<'s>,
}

impl Outputs<'_> {
    /// Shape and row-major data of output `name`.
    pub fn get(&self, name: &str) -> Result<(&[i64], &[f32]), SessionError> {
        let tensor = self.outputs.iter().position(|(key, _)| key == name);
        tensor.map_or_else(|| Err(self.no_output(name)), |index| self.at(index))
    }

    /// Shape and row-major data of the output number `index` in the graph's order.
    pub fn at(&self, index: usize) -> Result<(&[i64], &[f32]), SessionError> {
        let value = (index < self.outputs.len()).then(|| &self.outputs[index]);
        value
            .and_then(|value| value.try_extract_tensor::<f32>().ok())
            .map(|(shape, data)| (&**shape, data))
            .ok_or_else(|| self.no_output(&index.to_string()))
    }

    fn no_output(&self, output: &str) -> SessionError {
        SessionError::NoOutput {
            model: self.model.to_owned(),
            output: output.to_owned(),
            known: self.outputs.keys().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Measured on small vision nets: all graph optimisations 23 against 37 ms; memory pattern off
/// saves 16 MB at no cost; spinning threads burn 2.5 times the CPU between frames; the provider is
/// named, arena on, because otherwise `ort` lets the library choose one for "efficiency".
fn configured(
    environment: &ort::environment::Environment,
    options: &SessionOptions,
) -> ort::Result<SessionBuilder> {
    let cpu = ort::ep::CPU::default().with_arena_allocator(true).build();
    Ok(ort::session::Session::builder(environment)?
        .with_execution_providers([cpu])?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_memory_pattern(false)?
        .with_intra_threads(options.intra_threads.max(1))?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_prepacking(true)?)
}

/// How the stages of sessions are named: this and the model's name.
pub const MODEL_STAGE: &str = "model:";

/// Statistics are keyed by `&'static str`; one string per distinct model name lives for ever.
fn stage_name(model: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = format!("{MODEL_STAGE}{model}");
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    name
}
