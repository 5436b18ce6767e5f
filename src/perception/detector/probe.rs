//! What a network says when it is shown a grey picture: shapes that its file leaves open, and what its numbers
//! are like.

use super::DetectorError;
use crate::models::{Session, SessionError, Tensor, TensorInfo};

/// Side of pictures for networks that leave it open and say nothing about it.
const SIDE: u32 = 640;
/// Sides are multiples of the coarsest grid's cells.
const MULTIPLE: u32 = 32;
/// Grey for networks that take 0–1, and next to black for those that take bytes.
const GREY: f32 = 0.5;

/// The inputs of a network.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// Name of the picture's input.
    pub picture: String,
    /// Its columns and rows.
    pub size: (u32, u32),
    /// Pictures that must be given at once; none where that is open.
    pub batch: Option<usize>,
    /// Name of the input for the sizes of the frames.
    pub sizes: Option<String>,
}

/// What it gave.
#[derive(Debug)]
pub(super) struct Probe {
    pub size: (u32, u32),
    pub takes_sizes: bool,
    pub outputs: Vec<ProbedOutput>,
}

/// One of its outputs.
#[derive(Debug, Default)]
pub(super) struct ProbedOutput {
    pub name: String,
    pub shape: Vec<usize>,
    pub is_i64: bool,
    /// Empty where they are not float32.
    pub values: Vec<f32>,
}

impl Inputs {
    /// How `session` is to be fed, with `side` asked for.
    pub fn of(session: &Session, side: Option<u32>) -> Result<Self, DetectorError> {
        let contract = |reason: &str| contract(session, reason, None);
        let pictures: Vec<&TensorInfo> =
            session.inputs().iter().filter(|input| input.shape.len() == 4).collect();
        let [picture] = pictures[..] else {
            return Err(contract("it has not one input for a picture"));
        };
        if !picture.is_f32 {
            return Err(contract("its input is not float32 (export it without half precision)"));
        }
        let [batch, channels, height, width] = picture.shape[..] else {
            return Err(contract("its input is no picture"));
        };
        if channels != 3 && channels != -1 {
            return Err(contract("its input is not N, 3, H, W"));
        }
        let others: Vec<&TensorInfo> =
            session.inputs().iter().filter(|input| input.name != picture.name).collect();
        let sizes = match others[..] {
            [] => None,
            [sizes] if sizes.is_i64 && sizes.shape.len() == 2 => Some(sizes.name.clone()),
            _ => return Err(contract("it has inputs that nothing is known about")),
        };
        let open = open_size(session, side);
        let fixed = |side: i64, open: u32| u32::try_from(side).ok().filter(|side| *side > 0).unwrap_or(open);
        let size = (fixed(width, open.0), fixed(height, open.1));
        if let Some(asked) = side.filter(|_| width > 0 && height > 0 && size != open) {
            let model = session.name().to_owned();
            return Err(DetectorError::Size { model, width: size.0, height: size.1, asked });
        }
        let batch = usize::try_from(batch).ok().filter(|batch| *batch > 0);
        Ok(Self { picture: picture.name.clone(), size, batch, sizes })
    }

    /// Shows it a grey picture.
    pub fn probe(&self, session: &mut Session) -> Result<Probe, SessionError> {
        let batch = self.batch.unwrap_or(1);
        let (width, height) = self.size;
        let shape = [batch, 3, height as usize, width as usize];
        let grey = vec![GREY; shape.iter().product()];
        let sizes: Vec<i64> = [i64::from(width), i64::from(height)].repeat(batch);
        let infos = session.outputs().to_vec();
        let picture = (self.picture.as_str(), &shape[..], Tensor::F32(&grey));
        let mut inputs = vec![picture];
        let sizes_shape = [batch, 2];
        inputs.extend(self.sizes.as_deref().map(|name| (name, &sizes_shape[..], Tensor::I64(&sizes))));
        let given = session.run_tensors(&inputs)?;
        let sides = |shape: &[i64]| shape.iter().map(|side| (*side).max(0) as usize).collect();
        let mut outputs = Vec::new();
        for (index, info) in infos.into_iter().enumerate() {
            let (shape, values) = match (given.at(index), given.integers_at(index)) {
                (Ok((shape, values)), _) => (sides(shape), values.to_vec()),
                (_, Ok((shape, _))) => (sides(shape), Vec::new()),
                _ => (sides(&info.shape), Vec::new()),
            };
            outputs.push(ProbedOutput { name: info.name, shape, is_i64: info.is_i64, values });
        }
        Ok(Probe { size: self.size, takes_sizes: self.sizes.is_some(), outputs })
    }
}

/// Columns and rows where the file leaves them open.
fn open_size(session: &Session, side: Option<u32>) -> (u32, u32) {
    let whole = |side: u32| side.clamp(MULTIPLE, 1 << 14).next_multiple_of(MULTIPLE);
    if let Some(side) = side {
        return (whole(side), whole(side));
    }
    // Ultralytics notes rows and columns: `[640, 640]`.
    let noted = session.remark("imgsz").unwrap_or_default();
    let sides: Vec<u32> =
        noted.trim_matches(['[', ']']).split(',').filter_map(|side| side.trim().parse().ok()).collect();
    match sides[..] {
        [height, width] => (whole(width), whole(height)),
        _ => (SIDE, SIDE),
    }
}

/// An error that says what the network has, as seen in `probe` where there was one.
pub(super) fn contract(session: &Session, reason: &str, probe: Option<&Probe>) -> DetectorError {
    let list = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let told = |infos: &[TensorInfo]| {
        list(infos.iter().map(|info| format!("{} {:?}", info.name, info.shape)).collect())
    };
    let outputs = match probe {
        Some(probe) => {
            list(probe.outputs.iter().map(|output| format!("{} {:?}", output.name, output.shape)).collect())
        }
        None => told(session.outputs()),
    };
    let (model, inputs) = (session.name().to_owned(), told(session.inputs()));
    DetectorError::Contract { model, reason: reason.to_owned(), inputs, outputs }
}
