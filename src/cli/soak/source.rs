//! A source that can be made to hang, to go away, and to change its size.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::stall::Switches;
use crate::frame::{Frame, FramePool};
use crate::source::{FrameSource, Interrupt, SourceError, SourceInfo, buffer};

/// How often a stall asks whether it was interrupted.
const NAP: Duration = Duration::from_millis(10);

/// A source with faults, taken for a live one: its frames come as fast as they can, and it is opened again.
pub(super) struct FaultySource {
    inner: Box<dyn FrameSource>,
    info: SourceInfo,
    switches: Switches,
    interrupted: Arc<AtomicBool>,
    interval: Duration,
    last: Instant,
}

impl FaultySource {
    /// `inner` with at most `rate` frames a second.
    pub(super) fn new(inner: Box<dyn FrameSource>, switches: Switches, rate: f64) -> Self {
        let info = SourceInfo { live: true, ..inner.info().clone() };
        let interval = Duration::from_secs_f64(1.0 / rate);
        Self { inner, info, switches, interrupted: Arc::default(), interval, last: Instant::now() }
    }

    fn stand_still(&self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until && !self.interrupted.load(Ordering::Relaxed) {
            std::thread::sleep(NAP.min(until.saturating_duration_since(Instant::now())));
        }
    }
}

impl FaultySource {
    /// Before a frame comes or goes by: the wait for it, and what goes wrong.
    fn wait(&mut self) -> Result<(), SourceError> {
        self.stand_still((self.last + self.interval).saturating_duration_since(Instant::now()));
        if let Some(stall) = self.switches.take_source_stall() {
            self.stand_still(stall);
        }
        self.interrupted.store(false, Ordering::Relaxed);
        if self.switches.take_loss() {
            return Err(SourceError::CameraGone("of the soak, which pulled it out,".into()));
        }
        self.last = Instant::now();
        Ok(())
    }
}

impl FrameSource for FaultySource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        self.wait()?;
        let frame = self.inner.next_frame(pool)?;
        match frame {
            Some(frame) if self.switches.is_cropped() => cropped(&frame, pool, &self.info.uri).map(Some),
            frame => Ok(frame),
        }
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        self.wait()?;
        self.inner.skip_frame()
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let (inner, interrupted) = (self.inner.interrupt(), self.interrupted.clone());
        Some(Box::new(move || {
            interrupted.store(true, Ordering::Relaxed);
            inner.iter().for_each(|interrupt| interrupt());
        }))
    }
}

/// The middle of `frame`, half as wide and half as high.
fn cropped(frame: &Frame, pool: &FramePool, uri: &str) -> Result<Frame, SourceError> {
    // Four columns are whole pixels in every plane of every format.
    let (width, height) = (frame.width / 8 * 4, frame.height / 8 * 4);
    if width == 0 || height == 0 {
        return Err(SourceError::Empty);
    }
    let mut data = buffer(pool, frame.format.bytes(width, height), uri)?;
    for index in 0..frame.format.plane_count() {
        let from = frame.format.plane(index, frame.width, frame.height);
        let to = frame.format.plane(index, width, height);
        let (left, top) = ((from.stride - to.stride) / 8 * 4, (from.rows - to.rows) / 2);
        let source = frame.plane(index).chunks_exact(from.stride).skip(top);
        let target = data[to.offset..to.offset + to.len()].chunks_exact_mut(to.stride);
        for (to_row, from_row) in target.zip(source) {
            to_row.copy_from_slice(&from_row[left..left + to.stride]);
        }
    }
    Ok(Frame::new(frame.seq, frame.timestamp, frame.format, (width, height), frame.color, data)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceOptions, SourceUri, open};
    use crate::stats::Stats;

    #[test]
    fn it_hangs_goes_away_and_changes_its_size_when_told() {
        let inner = open(&SourceUri::Demo, &SourceOptions::default(), &Stats::default()).expect("opens");
        let (switches, pool) = (Switches::default(), FramePool::new(64 << 20));
        let mut source = FaultySource::new(inner, switches.clone(), 1000.0);
        let whole = source.next_frame(&pool).expect("works").expect("a frame");
        switches.crop(true);
        let small = source.next_frame(&pool).expect("works").expect("a frame");
        assert_eq!((small.width, small.height), (whole.width / 8 * 4, whole.height / 8 * 4));
        switches.lose_source();
        assert!(source.next_frame(&pool).is_err());
        switches.crop(false);
        switches.stall_source(Duration::from_secs(3600));
        // Without this it would take an hour.
        source.interrupt().expect("can be interrupted")();
        assert_eq!(source.next_frame(&pool).expect("works").map(|frame| frame.width), Some(whole.width));
    }

    /// A camera of which frames went by.
    struct Camera(SourceInfo, Arc<AtomicBool>);

    impl FrameSource for Camera {
        fn info(&self) -> &SourceInfo {
            &self.0
        }

        fn next_frame(&mut self, _: &FramePool) -> Result<Option<Frame>, SourceError> {
            Ok(None)
        }

        fn skip_frame(&mut self) -> Result<bool, SourceError> {
            self.1.store(true, Ordering::Relaxed);
            Ok(true)
        }
    }

    #[test]
    fn a_frame_that_finds_no_buffer_goes_by_as_it_does_without_faults() {
        let demo = open(&SourceUri::Demo, &SourceOptions::default(), &Stats::default()).expect("opens");
        let (switches, skipped) = (Switches::default(), Arc::new(AtomicBool::new(false)));
        let camera = Camera(demo.info().clone(), skipped.clone());
        let mut source = FaultySource::new(Box::new(camera), switches.clone(), 1000.0);
        assert!(source.skip_frame().expect("works") && skipped.load(Ordering::Relaxed));
        switches.lose_source();
        assert!(source.skip_frame().is_err(), "it goes away then, too");
    }
}
