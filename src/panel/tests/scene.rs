//! A panel with made-up figures and no program behind it.

use bevy::tasks::{IoTaskPool, TaskPool};
use bevy_egui::egui;
use egui_kittest::Harness;
use image::RgbaImage;

use super::super::thumbnails::Thumbnails;
use super::super::view::{
    Figures, LookCard, MemoryFigures, PanelState, Problem, Settings, SpanFigures, View, Wish,
};
use super::super::{draw, style};
use super::raster::Textures;
use crate::capture::{SourceState, SourceStatus};
use crate::frame::{PixelFormat, PoolStats};
use crate::look::{Look, LookLibrary, Playlist, Stack, TextureLibrary, WornLook, load_look, shipped_looks};
use crate::memory::{PressureLevel, RSS};
use crate::perception::{CostLevel, ParserKind, ParserReport, PerceptionStatus};
use crate::record::{RecordingStatus, ReplayStatus};
use crate::schedule::Waker;
use crate::source::{CameraInfo, Identity, SourceInfo};
use crate::stats::{
    FrameCounts, MemoryReport, ModelReport, PerceptionReport, SourceReport, StageReport, Stats, StatsReport,
};

/// What stands in for the program.
pub(super) struct Scene {
    pub(super) state: PanelState,
    pub(super) look: Look,
    pub(super) settings: Settings,
    pub(super) worn: WornLook,
    pub(super) playlist: Playlist,
    pub(super) problems: Vec<Problem>,
    pub(super) wishes: Vec<Wish>,
    library: TextureLibrary,
    thumbnails: Thumbnails,
    pub(super) cards: Vec<LookCard>,
    source: SourceStatus,
    pub(super) cameras: Vec<CameraInfo>,
    perception: PerceptionStatus,
    figures: Figures,
    pub(super) recording: Option<RecordingStatus>,
    pub(super) replay: Option<ReplayStatus>,
    styled: bool,
}

impl Default for Scene {
    fn default() -> Self {
        IoTaskPool::get_or_init(TaskPool::new);
        let library = TextureLibrary::default();
        let cards = shipped_looks()
            .map(|name| LookCard {
                name: name.to_owned(),
                own: false,
                look: load_look(Some(name), &library).ok(),
            })
            .collect();
        let loaded = LookLibrary::default().load(Some("winter"), &library).expect("a shipped look");
        let worn = WornLook::new(&loaded);
        let kind = ParserKind::PersonHairFace;
        Self {
            state: PanelState::default(),
            look: loaded.look,
            settings: Settings::default(),
            worn,
            playlist: Playlist::default(),
            problems: Vec::new(),
            wishes: Vec::new(),
            library,
            thumbnails: Thumbnails::default(),
            cards,
            source: SourceStatus {
                wanted: "camera:0".into(),
                info: Some(source()),
                state: SourceState::Live,
                mirror: true,
                mirror_wish: None,
            },
            cameras: cameras(),
            perception: PerceptionStatus::Ready(ParserReport {
                kind,
                models: vec!["selfie_segmenter_landscape".into(), "hair_segmenter".into()],
                why: "Models for \"multiclass\" are not to be had here; the log says why.".into(),
                better: Some("The multiclass model finds clothes, accessories and skin by itself.".into()),
                no_blendshapes: None,
            }),
            figures: figures(),
            recording: None,
            replay: None,
            styled: false,
        }
    }
}

impl Scene {
    /// Lays effects over `stack`, from below.
    pub(super) fn wear(&mut self, stack: Stack, names: &[&str]) {
        for name in names {
            let effect = self.library.effects().get(name).expect("a shipped effect");
            assert!(self.look.add_effect(stack, effect), "there is room");
        }
    }

    /// Draws the panel as the program does.
    fn show(&mut self, ui: &mut egui::Ui) {
        if !std::mem::replace(&mut self.styled, true) {
            style::apply(ui.ctx());
            ui.ctx().all_styles_mut(|style| style.animation_time = 0.0);
        }
        let mut view = View {
            look: &mut self.look,
            worn: &mut self.worn,
            settings: &mut self.settings,
            library: &self.library,
            thumbnails: &mut self.thumbnails,
            looks: &self.cards,
            playlist: &self.playlist,
            problems: self.problems.clone(),
            source: &self.source,
            cameras: &self.cameras,
            perception: &self.perception,
            cost: CostLevel::Full,
            figures: &self.figures,
            recording: self.recording.clone(),
            replay: self.replay.clone(),
            wishes: Vec::new(),
        };
        draw::draw(ui, &mut self.state, &mut view);
        let wishes = std::mem::take(&mut view.wishes);
        self.wishes.extend(wishes);
        self.thumbnails.update(ui.ctx(), &Stats::default(), &Waker::default());
    }
}

/// A window of `size` points, and how many pixels a point has.
pub(super) fn open(scene: Scene, size: [f32; 2], scale: f32) -> (Harness<'static, Scene>, Textures) {
    let textures = Textures::default();
    let builder = Harness::builder().with_size(size).with_pixels_per_point(scale).with_max_steps(16);
    let builder = builder.renderer(textures.clone());
    let harness =
        builder.build_ui_state(|ui, scene: &mut Scene| scene.show(&mut draw::root(ui.ctx())), scene);
    (harness, textures)
}

/// What is on the screen once every thumbnail is there.
pub(super) fn picture(harness: &mut Harness<'_, Scene>, textures: &Textures) -> RgbaImage {
    for _ in 0..100_000 {
        harness.step();
        if !harness.state().thumbnails.is_busy() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(!harness.state().thumbnails.is_busy(), "thumbnails never came");
    harness.run_steps(3);
    let scale = harness.ctx.pixels_per_point();
    let size = harness.ctx.content_rect().size() * scale;
    let primitives = harness.ctx.tessellate(harness.output().shapes.clone(), scale);
    textures.draw(&primitives, [size.x as u32, size.y as u32], scale)
}

fn cameras() -> Vec<CameraInfo> {
    let camera = |index: u32, name: &str, place: &str| CameraInfo {
        index,
        name: name.into(),
        path: format!("/dev/video{index}"),
        identity: Identity { bus: place.into(), serial: None },
    };
    vec![camera(0, "HD Pro Webcam C920", "usb-0000:00:14.0-4"), camera(2, "Stage left", "usb-0000:00:14.0-5")]
}

fn source() -> SourceInfo {
    SourceInfo {
        uri: "demo:".into(),
        description: "demo performer".into(),
        width: 1280,
        height: 720,
        nominal_rate: Some(30.0),
        live: false,
        frames: None,
        pixel_format: PixelFormat::Rgba8,
    }
}

fn figures() -> Figures {
    let stage = |count, p50_ms: f64| StageReport {
        count,
        p50_ms,
        p95_ms: p50_ms * 1.31,
        p99_ms: p50_ms * 1.6,
        max_ms: p50_ms * 4.4,
    };
    let stages = [
        ("capture", 2.4),
        ("compose", 3.1),
        ("faces", 18.2),
        ("motion", 0.7),
        ("postprocess", 4.2),
        ("preprocess", 4.0),
        ("upload", 1.6),
    ];
    let model = |runs, p50_ms| ModelReport { provider: "CPU".into(), runs, p50_ms, ..Default::default() };
    let report = StatsReport {
        frames: FrameCounts {
            captured: 108_341,
            dropped: 197,
            perceived: 107_944,
            composed: 107_940,
            recorded: 0,
        },
        stages: stages.iter().map(|(name, ms)| ((*name).to_owned(), stage(107_944, *ms))).collect(),
        memory: MemoryReport {
            rss_bytes: 377_000_000,
            peak_rss_bytes: 391_000_000,
            pool: PoolStats {
                budget_bytes: 134_217_728,
                in_use_bytes: 11_059_200,
                idle_bytes: 3_686_400,
                ..Default::default()
            },
            caches: [("textures".to_owned(), 96_000_000), ("thumbnails".to_owned(), 410_000)].into(),
            ..Default::default()
        },
        models: [
            ("face_landmarks".to_owned(), model(215_888, 3.9)),
            ("hair".to_owned(), model(107_944, 21.3)),
            ("person".to_owned(), model(107_944, 14.8)),
        ]
        .into(),
        perception: PerceptionReport {
            state: "ready".into(),
            parser: "composed: person + hair + face".into(),
            why: "Models for \"multiclass\" are not to be had here; the log says why.".into(),
            better: String::new(),
        },
        source: SourceReport { uri: "demo:".into(), state: "Live".into(), reconnects: 0, gaps: 0 },
        gauges: [("mask_age_ms".to_owned(), 41.0), ("textures_resident".to_owned(), 7.0)].into(),
        counters: [
            ("faces_found".to_owned(), 3),
            ("frames_dropped_capture".to_owned(), 197),
            ("textures_loaded".to_owned(), 14),
        ]
        .into(),
    };
    let event = |at: &str, what: &str| (at.to_owned(), what.to_owned());
    Figures {
        report,
        rate: 29.9,
        events: vec![
            event("08:31:07", "look winter worn anew"),
            event("08:30:52", "source open: demo: (demo performer, 1280×720, 30 fps)"),
        ],
        memory: memory(),
    }
}

/// Ten minutes in which a look with many textures was worn for a while, and a day that has hardly begun.
fn memory() -> MemoryFigures {
    let mb = |mb: f64| (mb * 1e6) as u64;
    let textures = |second: u32| if (200..380).contains(&second) { 96.0 } else { 12.0 };
    let series = |part: &dyn Fn(u32) -> f64| (0..480).map(|second| mb(part(second))).collect::<Vec<_>>();
    let process = series(&|second| 340.0 + textures(second) + 6.0 * (f64::from(second) / 9.0).sin());
    let ten_minutes = SpanFigures {
        series: vec![
            (RSS, process),
            ("models", series(&|_| 120.0)),
            ("textures", series(&textures)),
            ("frames", series(&|second| if second < 40 { 14.0 } else { 22.0 })),
        ],
        growth: Some(0.4),
    };
    let day = SpanFigures { series: vec![(RSS, vec![mb(420.0); 4])], growth: None };
    MemoryFigures {
        level: PressureLevel::Warning,
        share: 0.78,
        budget: "600 MiB, as asked for".into(),
        spans: [ten_minutes, day],
        alerts: vec![("08:27:40".into(), "memory warning: 450.2 MiB of 600 MiB are held".into())],
    }
}
