//! Which camera a source had, so that it gets the same one again.

use std::time::{Duration, Instant};

use super::find::{find, find_again, present};
use super::{CameraInfo, system};
use crate::source::{CameraId, FrameSource, SourceError};
use crate::stats::Stats;

/// How long a camera may be away before another one that fits as well stands in for it.
const STAND_IN: Duration = Duration::from_secs(10);

/// What is remembered of a camera; nothing as long as none was open.
#[derive(Debug, Clone, Default)]
pub(in crate::source) struct CameraMemory {
    first: Option<Remembered>,
    asked: system::Asked,
}

#[derive(Debug, Clone)]
struct Remembered {
    camera: CameraInfo,
    /// What else was plugged in.
    others: Vec<CameraInfo>,
    away_since: Option<Instant>,
}

impl CameraMemory {
    /// Whether one was open.
    pub(in crate::source) fn has_camera(&self) -> bool {
        self.first.is_some()
    }

    /// Opens the camera that `id` means, the same one as before where there was one.
    ///
    /// A camera that was asked for by number or identity is waited for; where any was good enough (`camera:`, a part of a
    /// name), another one stands in when it is away for 10 s, until the source is opened the next time. `open` is told whether it
    /// is the first time.
    pub(in crate::source) fn open(
        &mut self,
        id: &CameraId,
        stats: &Stats,
        open: impl FnOnce(&CameraInfo, bool) -> Result<Box<dyn FrameSource>, SourceError>,
    ) -> Result<Box<dyn FrameSource>, SourceError> {
        let there = self.asked.cameras();
        let Some(before) = &mut self.first else {
            let camera = find(id, there.clone())?;
            let source = open(&camera, true)?;
            let others = there.into_iter().filter(|other| other.identity != camera.identity).collect();
            self.first = Some(Remembered { camera, others, away_since: None });
            return Ok(source);
        };
        let camera = before.again(id, there)?;
        if camera.identity != before.camera.identity && before.away_since.is_some() {
            stats.count("camera_stand_ins");
            stats.event(format!("camera {} stands in for {}", camera, before.camera));
        } else if camera.path != before.camera.path {
            stats.event(format!("camera {} is {} now", before.camera, camera.index));
        }
        open(&camera, false)
    }
}

impl Remembered {
    /// The same camera, or one that stands in for it.
    fn again(&mut self, id: &CameraId, there: Vec<CameraInfo>) -> Result<CameraInfo, SourceError> {
        if let Some(camera) = find_again(&self.camera, &self.others, &there) {
            self.away_since = None;
            return Ok(camera);
        }
        let away = self.away_since.get_or_insert_with(Instant::now).elapsed();
        let any_will_do = matches!(id, CameraId::First | CameraId::Name(_));
        if any_will_do && away >= STAND_IN && !there.is_empty() {
            return find(id, there);
        }
        Err(SourceError::CameraAway { name: self.camera.to_string(), present: present(&there) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    fn camera(index: u32, bus: &str) -> CameraInfo {
        let identity = Identity { bus: bus.into(), serial: None };
        CameraInfo { index, name: format!("Camera at {bus}"), path: format!("/dev/video{index}"), identity }
    }

    fn away(seconds: u64) -> Remembered {
        let away_since = Instant::now().checked_sub(Duration::from_secs(seconds));
        Remembered { camera: camera(0, "a"), others: vec![camera(1, "b")], away_since }
    }

    #[test]
    fn another_camera_stands_in_only_where_any_was_good_enough_and_after_a_while() {
        let b = vec![camera(0, "b")];
        let stands_in = |id: &CameraId, seconds| {
            away(seconds).again(id, b.clone()).map(|camera| camera.identity.bus).ok()
        };
        assert_eq!(stands_in(&CameraId::First, 11).as_deref(), Some("b"));
        assert_eq!(stands_in(&CameraId::First, 5), None);
        assert_eq!(stands_in(&CameraId::Name("camera".into()), 11).as_deref(), Some("b"));
        assert_eq!(stands_in(&CameraId::Index(0), 1000), None, "another one with its number");
        assert_eq!(stands_in(&CameraId::Identity("a".into()), 1000), None);
    }

    #[test]
    fn the_camera_itself_is_taken_whatever_its_number_and_however_long_it_was_away() {
        let mut memory = away(1000);
        let there = vec![camera(0, "b"), camera(7, "a")];
        assert_eq!(memory.again(&CameraId::First, there).map(|camera| camera.index).ok(), Some(7));
        assert!(memory.away_since.is_none());
        let error = memory.again(&CameraId::Index(0), vec![camera(0, "b")]).unwrap_err().to_string();
        assert!(error.contains("Camera at a") && error.contains("Camera at b"), "{error}");
    }
}
