//! What perception is asked to do.

use super::{ObjectOptions, OneEuro, ParserKind};
use crate::models::SessionOptions;

/// Settings of a [`PerceptionEngine`](super::PerceptionEngine).
#[derive(Debug, Clone)]
pub struct PerceptionOptions {
    /// Frames have nothing to do with one another: every face is looked for in every frame and
    /// nothing is carried over. Default: no (video).
    pub stills: bool,
    /// Most faces followed at once, 1 to 16; each costs one run of the landmarks net per frame.
    /// Default: 4.
    pub max_faces: usize,
    /// Video: look for new faces every so many frames while some are followed, 1 or more; while none
    /// is, every frame is looked at. Default: 10.
    pub detect_every: u32,
    /// Video: most runs of the hair net per frame (about 20 ms each on a CPU core), 1 or more; the
    /// heads take turns. Default: 1.
    pub hair_runs: usize,
    /// Video: run the hair net only every so many frames, 1 or more; between, hair moves with its head.
    /// Default: 2.
    pub hair_every: u32,
    /// Find hair with its network, where the model can be had; else by its colour and place. Default: yes.
    pub hair_network: bool,
    /// Read 52 blendshapes off every face, where the model can be had; each face costs a run of a small
    /// net per frame (0.8 ms on a CPU core). Default: yes.
    pub blendshapes: bool,
    /// Video: how published landmarks are steadied; `None` publishes them as the net gives them.
    /// Default: [`OneEuro::default`].
    pub face_smoothing: Option<OneEuro>,
    /// Use this parser though a better one could be had. Default: none.
    pub parser: Option<ParserKind>,
    /// Detect and follow things, too: one more network per frame. Default: no.
    pub objects: Option<ObjectOptions>,
    /// How the networks run.
    pub session: SessionOptions,
}

impl Default for PerceptionOptions {
    fn default() -> Self {
        Self {
            stills: false,
            max_faces: 4,
            detect_every: 10,
            hair_runs: 1,
            hair_every: 2,
            hair_network: true,
            blendshapes: true,
            face_smoothing: Some(OneEuro::default()),
            parser: None,
            objects: None,
            session: SessionOptions::default(),
        }
    }
}
