//! The detector: frames in, boxes out.

use std::time::Instant;

use super::decode::{Layout, Sieve};
use super::letterbox::{Feeding, Mapping};
use super::probe::{Inputs, contract};
use super::suppress::Suppressor;
use super::{Detection, DetectorError, DetectorModel, DetectorOptions, Family, classes, family};
use crate::frame::{Bilinear, Frame, Place};
use crate::models::{Outputs, Session, SessionError, SessionManager, SessionOptions, Tensor};
use crate::stats::Stats;

/// Most frames in one run of a network that takes any number.
const MOST_BATCH: usize = 256;

/// A loaded detector with its buffers; knows nothing of the frame before. Counts `frames_detected`, `detections`,
/// `detections_cut`, `detections_unnamed`, `detector_batches_refused`; stages `detect.preprocess` and `detect.postprocess`
/// are per frame.
#[derive(Debug)]
pub struct Detector {
    session: Session,
    inputs: Inputs,
    family: Family,
    layout: Layout,
    feeding: Feeding,
    sieve: Sieve,
    iou: f32,
    most: usize,
    most_batch: usize,
    classes: Vec<String>,
    picture: Vec<f32>,
    /// Where the frame is in each of the pictures, around which it is padded.
    padded: Vec<Option<Place>>,
    sizes: Vec<i64>,
    mappings: Vec<Mapping>,
    bilinear: Bilinear,
    suppressor: Suppressor,
    stats: Stats,
}

impl Detector {
    /// Loads `model`, looks at what it gives for a grey picture, and knows by that what it is.
    ///
    /// # Errors
    /// [`DetectorError`]: the file is no network, is none of the kinds that are known, or `options` do not go with
    /// it; memory does not suffice.
    pub fn load(
        model: &DetectorModel,
        options: &DetectorOptions,
        sessions: &SessionManager,
        session: &SessionOptions,
        stats: &Stats,
    ) -> Result<Self, DetectorError> {
        options.check()?;
        let mut loaded = sessions.load(model.runs(), model.name(), session);
        if let (Err(SessionError::Load { reason, .. }), true) = (&loaded, model.runs() != model.path()) {
            stats.count("model_folds_failed");
            stats.event(format!("{} runs as it is, slower: {reason}", model.name()));
            loaded = sessions.load(model.path(), model.name(), session);
        }
        let mut session = loaded.map_err(|error| match error {
            SessionError::Load { reason, .. } => {
                DetectorError::NotOnnx { path: model.path().to_owned(), reason }
            }
            other => other.into(),
        })?;
        if let Some(task) =
            session.remark("task").filter(|task| !["detect", "segment", "pose"].contains(&&**task))
        {
            return Err(contract(&session, &format!("it was exported for the task \"{task}\""), None));
        }
        let inputs = Inputs::of(&session, options.size)?;
        let probe = inputs.probe(&mut session)?;
        let noted = session.remark("names").and_then(|text| classes::from_remark(&text));
        let (family, layout) = family::recognise(&probe, noted.as_ref().map(Vec::len))
            .map_err(|reason| contract(&session, &reason, Some(&probe)))?;
        let guessed = options.classes_file.is_none() && noted.is_none() && layout.classes().is_none();
        let classes = class_names(model, options, layout.classes(), noted)?;
        let wanted = classes::wanted(&options.classes, &classes, model.name())?;
        let sieve = Sieve::new(options.confidence, wanted, classes.len());
        let most_batch = inputs.batch.unwrap_or(MOST_BATCH);
        let detector = Self {
            session,
            inputs,
            family,
            layout,
            feeding: family.feeding(),
            sieve,
            iou: options.iou,
            most: options.most,
            most_batch,
            classes,
            picture: Vec::new(),
            padded: Vec::new(),
            sizes: Vec::new(),
            mappings: Vec::new(),
            bilinear: Bilinear::default(),
            suppressor: Suppressor::default(),
            stats: stats.clone(),
        };
        let guess = if guessed { "; it names no classes, COCO's are assumed" } else { "" };
        stats.event(format!("Detector: {}{guess}", detector.describe()));
        Ok(detector)
    }

    /// Looks at `frames`, as many at once as the network takes; `found[i]` is filled anew with what is in
    /// `frames[i]`, the surest first, ties by class, then from the top, then from the left.
    ///
    /// # Errors
    /// When a run fails; [`DetectorError::is_out_of_memory`] tells when fewer frames at once may do. Lists of frames
    /// that were not reached are empty then.
    pub fn detect(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectorError> {
        found.iter_mut().for_each(Vec::clear);
        let (mut frames, mut found) = (frames, found);
        while !frames.is_empty() && !found.is_empty() {
            let count = frames.len().min(found.len()).min(self.most_batch);
            match self.run(&frames[..count], &mut found[..count]) {
                // Many exporters leave the batch open in the signature and fix it inside.
                Err(DetectorError::Session(SessionError::Run { reason, .. }))
                    if count > 1 && self.inputs.batch.is_none() =>
                {
                    self.most_batch = 1;
                    self.stats.count("detector_batches_refused");
                    self.stats.event(format!(
                        "model {} takes one frame at a time, though it says otherwise: {reason}",
                        self.session.name()
                    ));
                    continue;
                }
                ran => ran?,
            }
            (frames, found) = (&frames[count..], &mut found[count..]);
        }
        Ok(())
    }

    fn run(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectorError> {
        let start = Instant::now();
        let (width, height) = self.inputs.size;
        let batch = self.inputs.batch.unwrap_or(frames.len());
        let shape = [batch, 3, height as usize, width as usize];
        let area = 3 * shape[2] * shape[3];
        self.picture.resize(batch * area, 0.0);
        self.sizes.clear();
        self.mappings.clear();
        self.padded.resize(batch, None);
        let pictures = self.picture.chunks_exact_mut(area).zip(&mut self.padded);
        for (frame, (out, padded)) in frames.iter().zip(pictures) {
            let (place, mapping) = self.feeding.fit.place((frame.width, frame.height), self.inputs.size);
            // What is beside the frame is there from the run before, as long as frames have one shape.
            let is_padded = padded.replace(place) == Some(place);
            let write = if is_padded { Bilinear::write_inside } else { Bilinear::write };
            write(&mut self.bilinear, frame, place, self.inputs.size, &self.feeding.numbers, out)?;
            self.mappings.push(mapping);
            self.sizes.extend([i64::from(frame.width), i64::from(frame.height)]);
        }
        self.sizes.resize(batch * 2, 1);
        let each = frames.len().max(1) as u32;
        self.stats.stage("detect.preprocess", start.elapsed() / each);

        let picture = self.inputs.picture.as_str();
        let sizes_shape = [batch, 2];
        let outputs: Outputs<'_> = match &self.inputs.sizes {
            None => self.session.run(&[(picture, &shape, &self.picture)])?,
            Some(sizes) => self.session.run_tensors(&[
                (picture, &shape, Tensor::F32(&self.picture)),
                (sizes, &sizes_shape, Tensor::I64(&self.sizes)),
            ])?,
        };

        let start = Instant::now();
        if self.layout.pictures(&outputs)? != Some(batch) {
            let reason = format!("it was shown {batch} pictures and tells of another number");
            drop(outputs);
            let model = self.session.name().to_owned();
            return Err(SessionError::Run { model, reason }.into());
        }
        let mut cut = 0;
        let mut count = 0;
        for (item, (found, mapping)) in found.iter_mut().zip(&self.mappings).enumerate() {
            self.layout.decode(&outputs, item, self.inputs.size, mapping, &mut self.sieve, found)?;
            if self.family.repeats() {
                self.suppressor.apply(found, self.iou);
            } else {
                found.sort_unstable_by(Detection::order);
            }
            cut += found.len().saturating_sub(self.most) as u64;
            found.truncate(self.most);
            count += found.len() as u64;
        }
        drop(outputs);
        self.stats.stage("detect.postprocess", start.elapsed() / each);
        self.stats.add("frames_detected", u64::from(each));
        self.stats.add("detections", count);
        self.stats.add("detections_cut", cut);
        self.tell_unnamed();
        Ok(())
    }

    fn tell_unnamed(&mut self) {
        let Some((count, class)) = self.sieve.unnamed.take() else { return };
        if self.stats.counter("detections_unnamed") == 0 {
            let (name, known) = (self.session.name(), self.classes.len());
            self.stats.event(format!(
                "{name} finds things of class {class}, and only {known} classes have a name: they are left out. Give a \
                 file with a name per line for all: --classes-file (--detect-names in a live run)"
            ));
        }
        self.stats.add("detections_unnamed", count);
    }

    /// Most frames that one run takes: 1 where the network is made for one.
    pub fn most_batch(&self) -> usize {
        self.most_batch
    }

    /// Names of the classes; a detection's class is a place in it.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// What kind of network it is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Columns and rows of the picture that the network looks at.
    pub fn size(&self) -> (u32, u32) {
        self.inputs.size
    }

    /// The model, its kind, its size and its classes, in a few words.
    pub fn describe(&self) -> String {
        let (width, height) = self.inputs.size;
        let batch = match self.most_batch {
            1 => String::new(),
            many => format!(", up to {many} frames at once"),
        };
        let (name, family, count) = (self.session.name(), self.family, self.classes.len());
        let meaning = self.layout.meaning();
        format!("{name} ({family}: {meaning}), {width}×{height}, {count} classes{batch}")
    }
}

/// Names for the classes of a network that has `count`, where its outputs tell.
fn class_names(
    model: &DetectorModel,
    options: &DetectorOptions,
    count: Option<usize>,
    noted: Option<Vec<String>>,
) -> Result<Vec<String>, DetectorError> {
    let mut names = match &options.classes_file {
        Some(path) => {
            let names = classes::from_file(path)?;
            if let Some(expected) = count.filter(|count| *count != names.len()) {
                let (path, model) = (path.clone(), model.name().to_owned());
                return Err(DetectorError::Classes { path, model, found: names.len(), expected });
            }
            names
        }
        None => noted
            .filter(|names| count.is_none_or(|count| count == names.len()))
            .unwrap_or_else(|| classes::unnamed(count.unwrap_or(classes::COCO_CLASSES.len()))),
    };
    names.truncate(usize::from(u16::MAX));
    Ok(names)
}
