//! A picture network: a session, its input buffer and what a picture becomes in it.

use std::time::{Duration, Instant};

use super::PerceptionError;
use crate::frame::RgbImage;
use crate::models::{Outputs, ReadyModel, Session, SessionManager, SessionOptions};
use crate::stats::Stats;

/// A loaded network that takes one picture, NCHW float32.
#[derive(Debug)]
pub(super) struct Net {
    session: Session,
    input_name: String,
    shape: [usize; 4],
    mean: [f32; 3],
    std: [f32; 3],
    input: Vec<f32>,
    stage: &'static str,
    stats: Stats,
}

impl Net {
    /// Loads `model`; its runs are timed as `stage`. `channels` is what the role feeds it. A model that
    /// nothing depends on is loaded on demand.
    pub fn load(
        sessions: &SessionManager,
        model: &ReadyModel,
        channels: usize,
        stage: &'static str,
        options: &SessionOptions,
        stats: &Stats,
    ) -> Result<Self, PerceptionError> {
        let on_demand = options.on_demand || !model.role.is_required();
        let options = SessionOptions { on_demand, ..options.clone() };
        let session = sessions.load(&model.onnx, &model.name, &options)?;
        let contract = |reason: String| PerceptionError::Contract { model: model.name.clone(), reason };
        let input = session.inputs().first().ok_or_else(|| contract("it has no input".to_owned()))?;
        let shape: Vec<usize> = input.shape.iter().filter_map(|side| usize::try_from(*side).ok()).collect();
        let Ok(shape) = <[usize; 4]>::try_from(shape) else {
            return Err(contract(format!("its input has the shape {:?}, not N, C, H, W", input.shape)));
        };
        if shape[0] != 1 || shape[1] != channels || shape[2] == 0 || shape[3] == 0 {
            return Err(contract(format!("its input has the shape {shape:?}, not [1, {channels}, H, W]")));
        }
        let input_name = input.name.clone();
        let (mean, std) = normalization(model);
        let buffer = vec![0.0; shape.iter().product()];
        Ok(Self { session, input_name, shape, mean, std, input: buffer, stage, stats: stats.clone() })
    }

    /// Columns and rows of the picture.
    pub fn size(&self) -> (u32, u32) {
        (self.shape[3] as u32, self.shape[2] as u32)
    }

    /// Takes `picture` (of [`size`](Self::size)) as channels 0 to 2.
    pub fn feed(&mut self, picture: &RgbImage) {
        picture.write_chw(self.mean, self.std, &mut self.input);
    }

    /// Runs on what was fed; adds the time to `spent`.
    pub fn run(&mut self, spent: &mut Duration) -> Result<Outputs<'_>, PerceptionError> {
        let start = Instant::now();
        let outputs = self.session.run(&[(&self.input_name, &self.shape, &self.input)])?;
        let elapsed = start.elapsed();
        self.stats.stage(self.stage, elapsed);
        *spent += elapsed;
        Ok(outputs)
    }

    /// Name and element count of every output; open dimensions count as 1.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, usize)> {
        self.session.outputs().iter().map(|output| {
            let count = output.shape.iter().map(|side| (*side).max(1) as usize).product();
            (output.name.as_str(), count)
        })
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        self.session.name()
    }

    /// An error that says how the model differs from what its role needs.
    pub fn contract(&self, reason: impl Into<String>) -> PerceptionError {
        PerceptionError::Contract { model: self.name().to_owned(), reason: reason.into() }
    }
}

/// Mean and standard deviation in byte units from the contract of `model`.
fn normalization(model: &ReadyModel) -> ([f32; 3], [f32; 3]) {
    let (low, high) = model.input.range.map_or((0.0, 1.0), |[low, high]| (low, high));
    let std = 255.0 / (high - low).max(f32::EPSILON);
    let mean = model.input.mean.unwrap_or([-low * std; 3]);
    (mean, model.input.std.unwrap_or([std; 3]))
}
