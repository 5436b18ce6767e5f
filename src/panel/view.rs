//! What the panel is drawn from, what it remembers, and what it asks for: everything that its drawing touches.

use std::path::PathBuf;

use bevy::prelude::Resource;
use bevy_egui::egui;

use super::desk::Desk;
use super::effects::OpenLayer;
use super::history::History;
use super::thumbnails::Thumbnails;
use crate::capture::SourceStatus;
use crate::compositor::Fit;
use crate::frame::Region;
use crate::look::{
    FacePart, FadeDefaults, Look, LookOrder, ParameterGroup, Playlist, PlaylistOrder, TextureLibrary,
    WornLook,
};
use crate::memory::{PressureLevel, Span};
use crate::perception::{Cadence, CostLevel, Pairing, PerceptionStatus};
use crate::record::{RecordingStatus, ReplayStatus, SaveReplay};
use crate::source::CameraInfo;
use crate::stats::StatsReport;

/// The panel's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tab {
    /// Which look is worn.
    #[default]
    Looks,
    /// What each region wears.
    Regions,
    /// What faces wear.
    Face,
    /// What concerns the whole picture.
    Picture,
    /// Where the picture comes from, and how it is perceived.
    Source,
    /// How the program does.
    Statistics,
    /// Shortcuts, and the panel's own settings.
    Help,
}

impl Tab {
    /// All of them, from left to right.
    pub(super) const ALL: [Self; 7] =
        [Self::Looks, Self::Regions, Self::Face, Self::Picture, Self::Source, Self::Statistics, Self::Help];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Looks => "Looks",
            Self::Regions => "Regions",
            Self::Face => "Face",
            Self::Picture => "Picture",
            Self::Source => "Source",
            Self::Statistics => "Statistics",
            Self::Help => "Help",
        }
    }
}

/// What the panel remembers from frame to frame.
#[derive(Resource, Debug)]
pub(super) struct PanelState {
    pub(super) tab: Tab,
    /// The region whose parameters are shown.
    pub(super) region: Region,
    /// The part of the face whose parameters are shown, or the mesh.
    pub(super) face: ParameterGroup,
    /// The layer of effects whose parameters are shown.
    pub(super) layer: OpenLayer,
    pub(super) search: String,
    pub(super) history: History,
    /// Pixels per point; none follows the screen.
    pub(super) scale: Option<f32>,
    /// What is being done with looks.
    pub(super) desk: Desk,
    /// What is typed to be played.
    pub(super) playlist: String,
    /// What is typed to be opened as a source.
    pub(super) address: String,
    /// What is typed to be added to the textures.
    pub(super) textures: String,
    /// The control that had the keyboard in the last frame.
    pub(super) focus: Option<egui::Id>,
    /// The time over which memory is shown.
    pub(super) span: Span,
}

impl Default for PanelState {
    fn default() -> Self {
        Self {
            tab: Tab::default(),
            region: Region::Hair,
            face: ParameterGroup::Face(FacePart::FaceOval),
            layer: None,
            search: String::new(),
            history: History::default(),
            scale: None,
            desk: Desk::default(),
            playlist: String::new(),
            address: String::new(),
            textures: String::new(),
            focus: None,
            span: Span::default(),
        }
    }
}

/// What the panel sets besides the look.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Settings {
    pub(super) mirror: bool,
    pub(super) fit: Fit,
    pub(super) pairing: Pairing,
    pub(super) cadence: Cadence,
    pub(super) fade: FadeDefaults,
}

/// Something that does not work, to be put right by a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The file, with line where it is known, or the part of the program.
    pub(super) place: String,
    pub(super) message: String,
}

/// Figures of the program, taken twice a second.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Figures {
    pub(super) report: StatsReport,
    /// Pictures per second.
    pub(super) rate: f64,
    /// The last events, newest first: time of day (UTC) and what happened.
    pub(super) events: Vec<(String, String)>,
    pub(super) memory: MemoryFigures,
}

/// What memory was, taken every two seconds.
#[derive(Debug, Clone, Default)]
pub(super) struct MemoryFigures {
    pub(super) level: PressureLevel,
    /// Share of the budget that is held, 0–1 and above.
    pub(super) share: f64,
    /// How much may be held, and who says so.
    pub(super) budget: String,
    /// The last ten minutes, and the last day.
    pub(super) spans: [SpanFigures; 2],
    /// The last alerts, newest first: time of day (UTC) and what happened.
    pub(super) alerts: Vec<(String, String)>,
}

impl MemoryFigures {
    pub(super) fn span(&self, span: Span) -> &SpanFigures {
        match span {
            Span::TenMinutes => &self.spans[0],
            Span::Day => &self.spans[1],
        }
    }
}

/// What memory was over one span of time.
#[derive(Debug, Clone, Default)]
pub(super) struct SpanFigures {
    /// Bytes of the process, then of its largest parts, each oldest first.
    pub(super) series: Vec<(&'static str, Vec<u64>)>,
    /// Megabytes per hour; none as long as it is too early to say.
    pub(super) growth: Option<f64>,
}

/// A look that can be worn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LookCard {
    /// What it is worn by.
    pub(super) name: String,
    /// Whether it is the user's: it can be renamed and deleted.
    pub(super) own: bool,
    /// The look, for its colours; none where it cannot be read.
    pub(super) look: Option<Look>,
}

/// Everything that is shown. The panel changes `look`, `worn` and `settings`, and asks for the rest by `wishes`.
pub(super) struct View<'a> {
    pub(super) look: &'a mut Look,
    /// Where it came from. Changed by undo and redo only.
    pub(super) worn: &'a mut WornLook,
    pub(super) settings: &'a mut Settings,
    pub(super) library: &'a TextureLibrary,
    pub(super) thumbnails: &'a mut Thumbnails,
    pub(super) looks: &'a [LookCard],
    pub(super) playlist: &'a Playlist,
    pub(super) problems: Vec<Problem>,
    pub(super) source: &'a SourceStatus,
    pub(super) cameras: &'a [CameraInfo],
    pub(super) perception: &'a PerceptionStatus,
    pub(super) cost: CostLevel,
    pub(super) figures: &'a Figures,
    /// How the recording does; none where nothing is recorded.
    pub(super) recording: Option<RecordingStatus>,
    /// How the replay does; none where nothing is kept.
    pub(super) replay: Option<ReplayStatus>,
    pub(super) wishes: Vec<Wish>,
}

/// What the panel asks the program for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Wear the look called so.
    Wear(String),
    /// Wear a look by chance.
    Randomise,
    /// Wear nothing.
    Bare,
    /// Do something with looks' files.
    Order(LookOrder),
    /// Do something with the playlist.
    Play(PlaylistOrder),
    /// Take the picture from there.
    Open(String),
    /// Add a folder or a file to the textures.
    AddTextures(PathBuf),
    /// Write the last seconds.
    Save(SaveReplay),
}
