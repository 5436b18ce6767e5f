//! One loaded network, timed and counted under the model's name.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ort::value::DynValue;

use super::error::tells_of_memory;
use super::input::InputData;
use super::options::CPU;
use super::shared::{Due, Shared};
use super::{Outputs, SessionError, SessionLimits, SessionManager, SessionOptions, Tensor, TensorInfo};
use crate::stats::Stats;

/// A network that is loaded, or will be by its next run; others may hold handles to the same one.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    manager: SessionManager,
    values: Vec<DynValue>,
    runs: u64,
    last_run: Duration,
}

impl Session {
    /// Loads the ONNX file `path` as model `name` for its caller alone, with the default limits; timings go
    /// to `stats` as stage `model:NAME`.
    ///
    /// # Errors
    /// As those of [`SessionManager::load`].
    pub fn load(
        path: &Path,
        name: &str,
        options: &SessionOptions,
        stats: &Stats,
    ) -> Result<Self, SessionError> {
        SessionManager::new(SessionLimits::default(), stats).load(path, name, options)
    }

    pub(super) fn new(shared: Arc<Shared>, manager: SessionManager) -> Self {
        let values = Vec::with_capacity(shared.outputs.len());
        Self { shared, manager, values, runs: 0, last_run: Duration::ZERO }
    }

    /// Runs the network. Each input is (name, shape, row-major float32 data of that shape).
    ///
    /// The data is read in place; the outputs live in ONNX Runtime's arena until they are dropped. Waits
    /// while another handle runs the same network.
    ///
    /// # Errors
    /// [`SessionError::Run`] with ONNX Runtime's words; [`SessionError::OutOfMemory`] when memory did not
    /// suffice though every network was unloaded that is not needed (who feeds more than one picture may
    /// feed fewer); those of [`SessionManager::load`] when it had been unloaded and cannot be loaded again.
    pub fn run(&mut self, inputs: &[(&str, &[usize], &[f32])]) -> Result<Outputs<'_>, SessionError> {
        self.run_inputs(inputs)
    }

    /// As [`run`](Self::run), for networks with inputs that are not float32.
    ///
    /// # Errors
    /// As those of `run`.
    pub fn run_tensors(
        &mut self,
        inputs: &[(&str, &[usize], Tensor<'_>)],
    ) -> Result<Outputs<'_>, SessionError> {
        self.run_inputs(inputs)
    }

    fn run_inputs<D: InputData>(
        &mut self,
        inputs: &[(&str, &[usize], D)],
    ) -> Result<Outputs<'_>, SessionError> {
        let Self { shared, manager, values, .. } = self;
        let stats = manager.stats();
        let limits = manager.limits();
        let mut place = shared.lock();
        if let Some(old) = shared.take_turn(&mut place, stats) {
            manager.discard(old);
        }
        shared.let_go_first(&mut place, stats);
        let native = match &mut *place {
            Some(native) => native,
            unloaded => unloaded.insert(manager.load_again(shared)?),
        };
        let start = Instant::now();
        let shrink = shared.shrink.swap(false, Ordering::Relaxed)
            || limits.shrink_every.is_some_and(|every| native.runs % every.max(1) == every.max(1) - 1);
        let mut ran = native.run(inputs, shrink, values);
        if ran.as_ref().is_err_and(|error| tells_of_memory(&error.to_string())) {
            stats.count("model_out_of_memory");
            manager.make_room_for(shared);
            ran = native.run(inputs, true, values);
        }
        ran.map_err(|error| {
            let (model, reason) = (shared.name.clone(), error.to_string());
            if tells_of_memory(&reason) {
                SessionError::OutOfMemory { model, reason }
            } else {
                SessionError::Run { model, reason }
            }
        })?;
        self.last_run = start.elapsed();
        self.runs += 1;
        shared.ran();
        stats.stage(shared.stage, self.last_run);
        if shared.is_due(native, &limits, manager.is_tight()) == Some(Due::Beside) {
            manager.renew(shared);
        }
        drop(place);
        Ok(Outputs { model: &shared.name, infos: &shared.outputs, values })
    }

    /// The name it was loaded under.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The ONNX file.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Inputs in the graph's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.shared.inputs
    }

    /// Outputs in the graph's order.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.shared.outputs
    }

    /// What the file says under `key` in its own list of remarks, as exporters leave them there; none while
    /// the network is unloaded.
    pub fn remark(&self, key: &str) -> Option<String> {
        self.shared.lock().as_ref()?.remark(key)
    }

    /// Runs of this handle that succeeded.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Wall time of the last run that succeeded.
    pub fn last_run(&self) -> Duration {
        self.last_run
    }

    /// What the network runs on.
    pub fn provider(&self) -> &'static str {
        CPU
    }

    /// The name of its stage in the statistics.
    pub fn stage(&self) -> &'static str {
        self.shared.stage
    }

    /// Whether `other` runs the same session.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}
