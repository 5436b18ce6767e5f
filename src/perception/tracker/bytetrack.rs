//! The tracker: detections in, ids out.

use std::time::Duration;

use super::TrackerOptions;
use super::assign::Assigner;
use super::candidates::Candidates;
use super::options::MOST_TRACKS;
use super::track::Track;
use crate::memory::{Bound, Each, bound};
use crate::perception::Detection;
use crate::perception::box_grid::BoxGrid;
use crate::stats::Stats;

pub(in crate::perception) const TRACKS: Bound = bound!(
    "perception.tracks",
    "what is followed, or was lost a moment ago, per source",
    MOST_TRACKS,
    Each::Bytes(size_of::<Track>() as u64),
    "those lost longest ago are forgotten, `tracks_forgotten`"
);

/// Thirtieths of a second: the unit of the filter's noises.
const RATE: f32 = 30.0;
/// Frames further apart have nothing to do with one another: who is where somebody was then may be anybody.
const LONGEST_GAP: Duration = Duration::from_secs(3);
/// Least overlap times confidence of a sure detection and a track, and of one and a track that was seen once.
const LEAST: f32 = 0.2;
const LEAST_NEW: f32 = 0.3;
/// Least overlap of an unsure detection and a track.
const LEAST_UNSURE: f32 = 0.5;
/// A lost track that overlaps a present one by more than this is the same thing.
const SAME: f32 = 0.85;

/// Follows things from frame to frame. Class-aware: a track keeps its class. Counts `tracks`, `tracks_forgotten`,
/// `tracker_greedy`, `tracker_candidates_cut`.
#[derive(Debug)]
pub struct Tracker {
    options: TrackerOptions,
    tracks: Vec<Track>,
    time: Option<Duration>,
    born: u32,
    candidates: Candidates,
    assigner: Assigner,
    pairs: Vec<(u32, u32)>,
    /// Indices of tracks and of detections that are matched with one another.
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// Per track and per detection of the frame in hand.
    track_of: Vec<Option<u32>>,
    matched: Vec<bool>,
    grid: BoxGrid,
    present: Vec<u32>,
    stats: Stats,
}

impl Tracker {
    /// A tracker that knows nothing yet.
    pub fn new(options: TrackerOptions) -> Self {
        Self {
            options: TrackerOptions { most: options.most.clamp(1, MOST_TRACKS), ..options },
            tracks: Vec::new(),
            time: None,
            born: 0,
            candidates: Candidates::default(),
            assigner: Assigner::default(),
            pairs: Vec::new(),
            rows: Vec::new(),
            columns: Vec::new(),
            track_of: Vec::new(),
            matched: Vec::new(),
            grid: BoxGrid::default(),
            present: Vec::new(),
            stats: Stats::default(),
        }
    }

    /// Counts in `stats`.
    pub fn counting_in(mut self, stats: &Stats) -> Self {
        self.stats = stats.clone();
        self
    }

    /// Forgets everything; the next frame is of another source, whose ids begin with 1 again.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.time = None;
        self.born = 0;
    }

    /// Forgets everyone, but not which ids were given: the next frame shows another place, or the same one much
    /// later. What is in it has new ids at once.
    pub fn forget(&mut self) {
        self.tracks.clear();
        self.time = None;
    }

    /// Ids that were given since the last reset.
    pub fn born(&self) -> u32 {
        self.born
    }

    /// Tracks that are kept, lost ones included.
    pub fn kept(&self) -> usize {
        self.tracks.len()
    }

    /// Takes in what was found in the frame at `time` (since the stream's start), and fills `ids` with the track of
    /// each detection: from 1 on, never the same for two things; `None` for what is in no track, or for the first
    /// time. What is seen in the first frame, or three seconds after the one before, has its id at once.
    pub fn update(&mut self, time: Duration, detections: &[Detection], ids: &mut Vec<Option<u32>>) {
        let since = |before: Duration| time.saturating_sub(before);
        if self.time.is_some_and(|before| since(before) > LONGEST_GAP) {
            self.forget();
        }
        let before = self.time.replace(time);
        let first = before.is_none();
        if before.is_some_and(|before| time < before) {
            // What was seen later than now would be remembered until then.
            self.tracks.iter_mut().for_each(|track| track.seen = track.seen.min(time));
        }
        let elapsed = before.map_or(Duration::ZERO, since);
        // A source that jumped back, or gives no times, moves on by a frame.
        let step = elapsed.as_secs_f32() * RATE;
        let step = if step > 0.0 { step } else { 1.0 };
        self.tracks.iter_mut().for_each(|track| track.predict(step));
        self.tracks.retain(Track::is_real);
        self.track_of.clear();
        self.track_of.resize(detections.len(), None);
        self.matched.clear();
        self.matched.resize(self.tracks.len(), false);

        let TrackerOptions { high, low, birth, .. } = self.options;
        let sure = |one: &Detection| one.confidence >= high;
        let unsure = |one: &Detection| one.confidence >= low && one.confidence < high;
        self.match_up(time, detections, |track| track.id.is_some(), sure, LEAST, true);
        self.match_up(
            time,
            detections,
            |track| track.id.is_some() && !track.lost,
            unsure,
            LEAST_UNSURE,
            false,
        );
        self.match_up(time, detections, |track| track.id.is_none(), sure, LEAST_NEW, true);

        self.lose_unmatched(time, elapsed);
        self.give_birth(time, detections, first, birth);
        self.forget_twins();
        self.fit();
        ids.clear();
        ids.extend(self.track_of.iter().copied());
        self.stats.gauge("tracks", self.tracks.len() as f64);
        self.stats.add("tracker_greedy", std::mem::take(&mut self.assigner.greedy));
        self.stats.add("tracker_candidates_cut", std::mem::take(&mut self.candidates.cut));
    }

    /// Pairs tracks and detections that are free, and for which these say yes.
    fn match_up(
        &mut self,
        time: Duration,
        detections: &[Detection],
        mut is_row: impl FnMut(&Track) -> bool,
        is_column: impl Fn(&Detection) -> bool,
        least: f32,
        weighted: bool,
    ) {
        let (tracks, matched) = (&self.tracks, &self.matched);
        self.rows.clear();
        self.rows.extend(
            (0..tracks.len()).filter(|i| !matched[*i] && is_row(&tracks[*i])).map(|index| index as u32),
        );
        self.columns.clear();
        self.columns.extend(
            (0..detections.len())
                .filter(|i| {
                    self.track_of[*i].is_none()
                        && is_column(&detections[*i])
                        && detections[*i].bounds.is_real()
                })
                .map(|index| index as u32),
        );
        if self.rows.is_empty() || self.columns.is_empty() {
            return;
        }
        self.candidates.find((&self.rows, tracks), (&self.columns, detections), least, weighted);
        self.assigner.solve(&self.candidates.edges, tracks.len(), detections.len(), &mut self.pairs);
        for (row, column) in &self.pairs {
            let (row, column) = (*row as usize, *column as usize);
            let track = &mut self.tracks[row];
            track.update(&detections[column], time);
            if track.id.is_none() {
                self.born += 1;
                track.id = Some(self.born);
            }
            self.matched[row] = true;
            self.track_of[column] = track.id;
        }
    }

    fn lose_unmatched(&mut self, time: Duration, elapsed: Duration) {
        // At a low rate one miss must not be the end.
        let memory = self.options.memory.saturating_add(elapsed);
        let mut index = 0;
        self.tracks.retain_mut(|track| {
            let matched = self.matched[index];
            index += 1;
            track.lost = !matched;
            matched || (track.id.is_some() && time.saturating_sub(track.seen) <= memory)
        });
    }

    fn give_birth(&mut self, time: Duration, detections: &[Detection], first: bool, birth: f32) {
        for (detection, id) in detections.iter().zip(&mut self.track_of) {
            if id.is_some() || detection.confidence < birth || !detection.bounds.is_real() {
                continue;
            }
            let mut track = Track::new(detection, time);
            if first {
                self.born += 1;
                track.id = Some(self.born);
                *id = track.id;
            }
            self.tracks.push(track);
        }
    }

    /// A lost track in the place of one that is there was that one.
    fn forget_twins(&mut self) {
        if !self.tracks.iter().any(|track| track.lost) {
            return;
        }
        self.present.clear();
        self.present.extend((0..self.tracks.len()).filter(|i| !self.tracks[*i].lost).map(|i| i as u32));
        self.grid.clear(self.present.len());
        for index in &self.present {
            self.grid.insert(&self.tracks[*index as usize].bounds);
        }
        self.matched.clear();
        for track in &self.tracks {
            let is_twin = track.lost
                && !self.grid.near(&track.bounds, |number| {
                    let other = &self.tracks[self.present[number] as usize];
                    other.class != track.class || other.bounds.overlap(&track.bounds) <= SAME
                });
            self.matched.push(is_twin);
        }
        let mut index = 0;
        self.tracks.retain(|_| {
            index += 1;
            !self.matched[index - 1]
        });
    }

    /// Forgets those lost longest ago, then those that are newest, beyond the bound.
    fn fit(&mut self) {
        let over = self.tracks.len().saturating_sub(self.options.most);
        if over > 0 {
            self.stats.add("tracks_forgotten", over as u64);
            self.tracks.sort_by_key(|track| {
                (track.lost, std::cmp::Reverse(track.seen), track.id.unwrap_or(u32::MAX))
            });
            self.tracks.truncate(self.options.most);
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
