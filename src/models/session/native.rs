//! One session of ONNX Runtime, with the settings that measured best on a CPU that also has a picture to
//! draw.

use std::fmt;
use std::path::Path;

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{NoSelectedOutputs, RunOptions, SessionInputValue};
use ort::value::{DynValue, Outlet, TensorElementType};

use super::growth::Growth;
use super::input::InputData;
use super::{SessionError, SessionOptions};
use crate::models::runtime;

/// Most inputs that a network is fed without an allocation.
const INPUTS: usize = 4;

/// Name, shape and element type of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Name in the graph.
    pub name: String,
    /// Dimensions; -1 where the graph leaves one open.
    pub shape: Vec<i64>,
    /// Whether the elements are float32.
    pub is_f32: bool,
    /// Whether the elements are signed integers of 64 bits.
    pub is_i64: bool,
}

impl From<&Outlet> for TensorInfo {
    fn from(outlet: &Outlet) -> Self {
        Self {
            name: outlet.name().to_owned(),
            shape: outlet.dtype().tensor_shape().map(|shape| shape.to_vec()).unwrap_or_default(),
            is_f32: outlet.dtype().tensor_type() == Some(TensorElementType::Float32),
            is_i64: outlet.dtype().tensor_type() == Some(TensorElementType::Int64),
        }
    }
}

/// (name, shape, row-major data of that shape).
pub(super) type Input<'a, D = &'a [f32]> = (&'a str, &'a [usize], D);

/// A session of ONNX Runtime.
pub(super) struct Native {
    session: ort::session::Session,
    inputs: Vec<TensorInfo>,
    /// Runs since it was made, without the first one, which warmed it.
    pub runs: u64,
    /// What its runs took and did not give back.
    pub growth: Growth,
    /// Makes a run give memory of the arena back.
    shrinking: Option<RunOptions<NoSelectedOutputs>>,
}

impl Native {
    /// Loads `path` and runs it once on zeros: the arena is as large then as it will be, and the first
    /// frame is as fast as the others.
    pub fn load(path: &Path, name: &str, options: &SessionOptions) -> Result<Self, SessionError> {
        let environment = runtime::init_runtime()?;
        let session = configured(&environment.environment, options)
            .and_then(|mut builder| builder.commit_from_file(path))
            .map_err(|error| SessionError::load(name, path, &error.to_string()))?;
        let inputs = session.inputs().iter().map(TensorInfo::from).collect();
        let shrinking = RunOptions::new().and_then(|mut options| {
            options.set("memory.enable_memory_arena_shrinkage", "cpu:0")?;
            Ok(options)
        });
        let mut native =
            Self { session, inputs, runs: 0, growth: Growth::default(), shrinking: shrinking.ok() };
        native.warm_up().map_err(|error| SessionError::load(name, path, &error.to_string()))?;
        Ok(native)
    }

    /// Inputs in the graph's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.inputs
    }

    /// Outputs in the graph's order.
    pub fn outputs(&self) -> Vec<TensorInfo> {
        self.session.outputs().iter().map(TensorInfo::from).collect()
    }

    /// What the file says under `key` in its own list of remarks.
    pub fn remark(&self, key: &str) -> Option<String> {
        self.session.metadata().ok()?.custom(key)
    }

    /// Networks with open dimensions or other elements than float32 are not warmed: what they will be fed
    /// is not known.
    fn warm_up(&mut self) -> ort::Result<()> {
        let shapes: Option<Vec<Vec<usize>>> = self
            .inputs
            .iter()
            .map(|input| {
                let sides = input.shape.iter().map(|side| usize::try_from(*side).ok());
                sides.collect::<Option<Vec<usize>>>().filter(|_| input.is_f32)
            })
            .collect();
        let Some(shapes) = shapes.filter(|shapes| shapes.len() <= INPUTS) else { return Ok(()) };
        let data: Vec<Vec<f32>> = shapes.iter().map(|shape| vec![0.0; shape.iter().product()]).collect();
        let names: Vec<String> = self.inputs.iter().map(|input| input.name.clone()).collect();
        let inputs: Vec<Input<'_>> = names
            .iter()
            .zip(&shapes)
            .zip(&data)
            .map(|((name, shape), data)| (name.as_str(), shape.as_slice(), data.as_slice()))
            .collect();
        let mut outputs = Vec::new();
        self.run(&inputs, false, &mut outputs)?;
        (self.runs, self.growth) = (0, Growth::default());
        Ok(())
    }

    /// Runs the network; `shrink` makes it give memory of the arena back. `outputs` is filled in the graph's
    /// order.
    pub fn run<D: InputData>(
        &mut self,
        inputs: &[Input<'_, D>],
        shrink: bool,
        outputs: &mut Vec<DynValue>,
    ) -> ort::Result<()> {
        outputs.clear();
        self.growth.begin();
        let shrinking = self.shrinking.as_ref().filter(|_| shrink);
        // One input is what almost every network has: it is handed over without a list.
        let in_order = self.inputs.len() == 1 && inputs.len() == 1 && inputs[0].0 == self.inputs[0].name;
        let ran = if in_order {
            let value: [SessionInputValue<'_>; 1] = [inputs[0].2.value(inputs[0].1)?];
            match shrinking {
                Some(options) => self.session.run_with_options(value, options)?,
                None => self.session.run(value)?,
            }
        } else {
            let mut values = Vec::with_capacity(inputs.len());
            for (name, shape, data) in inputs {
                values.push((*name, data.value(shape)?));
            }
            match shrinking {
                Some(options) => self.session.run_with_options(values, options)?,
                None => self.session.run(values)?,
            }
        };
        outputs.extend(ran.into_iter().map(|(_, value)| value));
        self.runs += 1;
        self.growth.end();
        Ok(())
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native")
            .field("runs", &self.runs)
            .field("growth", &self.growth)
            .finish_non_exhaustive()
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
