//! Detects in a clip and says what a frame costs: `cargo run --example detect -- CLIP [MODEL [FRAMES]]`.
//!
//! You should see one line per frame with what was found, and at the end the milliseconds of the network and of
//! what is done around it.

use masque::frame::FramePool;
use masque::models::{ModelStore, SessionOptions};
use masque::perception::{Detector, DetectorModel, DetectorOptions, Tracker, TrackerOptions};
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let clip = arguments.next().ok_or_else(|| anyhow::anyhow!("name a clip"))?;
    let model = arguments.next();
    let most = arguments.next().map_or(Ok(usize::MAX), |most| most.parse())?;
    let stats = Stats::default();
    let store = ModelStore::open(&stats)?;
    let model = DetectorModel::find(&store, model.as_deref())?;
    let session = SessionOptions { intra_threads: 1, ..SessionOptions::default() };
    let mut detector =
        Detector::load(&model, &DetectorOptions::default(), store.sessions(), &session, &stats)?;
    let mut tracker = Tracker::new(TrackerOptions::default());
    println!("{}", detector.describe());
    let uri = SourceUri::Video(clip.into());
    let mut source = source::open(&uri, &SourceOptions::default(), &stats)?;
    let pool = FramePool::new(64 << 20);
    let (mut found, mut ids) = ([Vec::new()], Vec::new());
    for number in 0..most {
        let Some(frame) = source.next_frame(&pool)? else { break };
        detector.detect(&[&frame], &mut found)?;
        tracker.update(frame.timestamp, &found[0], &mut ids);
        let words: Vec<String> = found[0]
            .iter()
            .zip(&ids)
            .map(|(one, id)| {
                let name = detector.classes().get(usize::from(one.class)).map_or("?", String::as_str);
                let id = id.map_or_else(String::new, |id| format!(" {id}"));
                format!("{name}{id} {:.2}", one.confidence)
            })
            .collect();
        println!("{number}: {}", words.join(", "));
    }
    for (name, stage) in stats.stages() {
        println!("{name}: {:.2} ms, 95 % below {:.2} ms", stage.p50_ms, stage.p95_ms);
    }
    println!("tracks: {}", tracker.born());
    Ok(())
}
