//! Sessions made anew while people are perceived.

use masque::frame::FramePool;
use masque::models::{ModelStore, SessionLimits, SessionManager};
use masque::perception::{Perception, PerceptionEngine, PerceptionOptions};
use masque::source::demo::DemoSource;
use masque::source::{FrameSource, SourceOptions};
use masque::stats::Stats;

/// Most frames perceived until sessions have been made anew.
const MOST_FRAMES: u64 = 400;

fn engine(limits: SessionLimits, stats: &Stats) -> Option<(PerceptionEngine, SessionManager)> {
    let manager = SessionManager::new(limits, stats);
    let store = ModelStore::open(stats).unwrap().with_sessions(manager.clone());
    let engine = PerceptionEngine::load(&store, &PerceptionOptions::default(), stats);
    let engine = engine.inspect_err(|error| println!("skipped: {error}")).ok()?;
    Some((engine, manager))
}

#[test]
fn sessions_made_anew_every_few_runs_find_the_same_people_and_no_frame_waits() {
    let (stats, steady_stats) = (Stats::default(), Stats::default());
    let never = SessionLimits { recycle_after: None, recycle_growth: None, ..SessionLimits::default() };
    let often = SessionLimits { recycle_after: Some(4), ..never };
    let Some((mut recycled, manager)) = engine(often, &stats) else { return };
    let Some((mut steady, _)) = engine(never, &steady_stats) else { return };
    let pool = FramePool::new(8 << 20);
    let mut source = DemoSource::new(&SourceOptions { size: Some((320, 180)), ..Default::default() });
    let (mut a, mut b) = (Perception::default(), Perception::default());
    let mut frames = 0;
    while frames < MOST_FRAMES && (frames < 30 || stats.counter("models_recycled") < 12) {
        let frame = source.next_frame(&pool).unwrap().unwrap();
        recycled.perceive(&frame, &mut a).unwrap();
        steady.perceive(&frame, &mut b).unwrap();
        frames += 1;
        assert!(a.mask == b.mask, "frame {frames}: the regions differ");
        assert_eq!(a.faces.len(), b.faces.len());
        for (a, b) in a.faces.iter().zip(&b.faces) {
            assert_eq!((a.id, a.landmarks(), a.blendshapes), (b.id, b.landmarks(), b.blendshapes));
        }
    }
    assert!(stats.counter("models_recycled") >= 12, "{:?}", manager.report());
    assert_eq!(stats.counter("frames_perceived"), frames);
    assert_eq!(steady_stats.counter("models_recycled"), 0);
    // A frame that waits for a new session would have loaded it in its own run, or found it unused.
    assert_eq!(stats.counter("models_reloaded"), 0);
    assert!(stats.counter("model_runs_beside") > 0, "no frame was perceived while a session was made");
}
