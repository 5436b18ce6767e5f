//! What memory was: the last ten minutes second by second, and the last day every two minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::slope::slope;
use super::{Bound, Each, bound};

/// Most parts that are remembered; the smallest of more are left out.
const PARTS: usize = 15;
/// Samples of one series of the last ten minutes.
const MINUTES: usize = 600;
/// Samples of one series of the last day.
const DAY: usize = 720;

pub(super) const SAMPLES: Bound = bound!(
    "memory.history",
    "resident bytes and bytes of each part, of ten minutes and of a day",
    (PARTS + 1) * (MINUTES + DAY),
    Each::Bytes(size_of::<u64>() as u64),
    "the oldest sample goes"
);

/// A span of time that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// The last ten minutes, a sample a second.
    #[default]
    TenMinutes,
    /// The last 24 hours, a sample every two minutes.
    Day,
}

impl Span {
    /// Time between two samples.
    pub const fn interval(self) -> Duration {
        match self {
            Self::TenMinutes => Duration::from_secs(1),
            Self::Day => Duration::from_secs(120),
        }
    }

    /// Most samples.
    pub const fn samples(self) -> usize {
        match self {
            Self::TenMinutes => MINUTES,
            Self::Day => DAY,
        }
    }
}

/// Samples of one thing at equal distances in time; the newest pushes the oldest out. Its memory is taken once.
#[derive(Debug, Clone)]
pub struct Ring {
    values: Box<[u64]>,
    /// Where the next sample goes.
    next: usize,
    filled: usize,
}

impl Ring {
    fn new(samples: usize) -> Self {
        Self { values: vec![0; samples].into(), next: 0, filled: 0 }
    }

    fn push(&mut self, value: u64) {
        self.values[self.next] = value;
        self.next = (self.next + 1) % self.values.len();
        self.filled = (self.filled + 1).min(self.values.len());
    }

    /// The samples, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        let capacity = self.values.len();
        let first = self.next + capacity - self.filled;
        (0..self.filled).map(move |index| self.values[(first + index) % capacity])
    }

    /// The last sample.
    pub fn newest(&self) -> Option<u64> {
        self.iter().last()
    }
}

/// Bytes of the process (`rss`) and of its parts over time.
#[derive(Debug, Clone)]
pub struct History {
    ten_minutes: Series,
    day: Series,
    /// Seconds that were noted since the last sample of the day, and their greatest values.
    seconds: u64,
    greatest: BTreeMap<&'static str, u64>,
    growth: Growth,
}

/// The slopes of the process, as they were fitted last.
#[derive(Debug, Clone, Copy, Default)]
struct Growth {
    ten_minutes: Option<f64>,
    day: Option<f64>,
    /// A sample came to the day since then.
    day_is_new: bool,
}

type Series = BTreeMap<&'static str, Ring>;

/// The series of the whole process.
pub const RSS: &str = "rss";

impl Default for History {
    fn default() -> Self {
        let (ten_minutes, day, greatest) = (Series::new(), Series::new(), BTreeMap::new());
        Self { ten_minutes, day, seconds: 0, greatest, growth: Growth::default() }
    }
}

impl History {
    /// Takes the sample of one second: the process and its parts by name.
    pub fn note(&mut self, rss: u64, parts: &BTreeMap<&'static str, u64>) {
        let known = parts.iter().map(|(name, bytes)| (*name, *bytes)).take(PARTS);
        let now: BTreeMap<_, _> = known.chain([(RSS, rss)]).collect();
        push(&mut self.ten_minutes, &now, Span::TenMinutes.samples());
        for (name, bytes) in now {
            let greatest = self.greatest.entry(name).or_default();
            *greatest = bytes.max(*greatest);
        }
        self.seconds += 1;
        if self.seconds == Span::Day.interval().as_secs() {
            self.seconds = 0;
            self.growth.day_is_new = true;
            push(&mut self.day, &std::mem::take(&mut self.greatest), Span::Day.samples());
        }
    }

    /// The samples of `span` by name: [`RSS`] and the parts. Of the day each is the greatest of its two minutes.
    pub fn series(&self, span: Span) -> impl Iterator<Item = (&'static str, &Ring)> {
        let series = match span {
            Span::TenMinutes => &self.ten_minutes,
            Span::Day => &self.day,
        };
        series.iter().map(|(name, ring)| (*name, ring))
    }

    /// Fits the slopes anew to what came since the last time: dear, so once per sample and not per look at it.
    pub fn fit(&mut self) {
        self.growth.ten_minutes = self.slope(Span::TenMinutes);
        if std::mem::take(&mut self.growth.day_is_new) {
            self.growth.day = self.slope(Span::Day);
        }
    }

    /// How fast the process grows over `span`, in megabytes (10⁶ bytes) per hour, as of the last [`fit`](Self::fit);
    /// `None` before there are 30 samples. See [`slope`].
    pub fn growth(&self, span: Span) -> Option<f64> {
        match span {
            Span::TenMinutes => self.growth.ten_minutes,
            Span::Day => self.growth.day,
        }
    }

    fn slope(&self, span: Span) -> Option<f64> {
        const LEAST: usize = 30;
        let hours = span.interval().as_secs_f64() / 3600.0;
        let (_, ring) = self.series(span).find(|(name, _)| *name == RSS)?;
        let points: Vec<_> = ring
            .iter()
            .enumerate()
            .map(|(index, bytes)| (index as f64 * hours, bytes as f64 / 1e6))
            .collect();
        (points.len() >= LEAST).then(|| slope(&points)).flatten()
    }
}

/// One sample of each series; what is not told any more counts as nothing. A series that is new begins with
/// nothing, so that all have their samples at the same times.
fn push(series: &mut Series, now: &BTreeMap<&'static str, u64>, samples: usize) {
    let filled = series.values().map(|ring| ring.filled).max().unwrap_or(0);
    for name in now.keys().filter(|name| !series.contains_key(*name)).collect::<Vec<_>>() {
        if series.len() <= PARTS || *name == RSS {
            let mut ring = Ring::new(samples);
            (0..filled).for_each(|_| ring.push(0));
            series.insert(name, ring);
        }
    }
    for (name, ring) in series {
        ring.push(now.get(name).copied().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_room_for_a_day_and_no_more() {
        let mut history = History::default();
        for second in 0..100_000_u64 {
            let parts = BTreeMap::from([("frames", second % 120), ("textures", 7)]);
            history.note(1_000_000 * second / 3600, &parts);
        }
        let of = |span, name| history.series(span).find(|(known, _)| *known == name).map(|(_, ring)| ring);
        let seconds = of(Span::TenMinutes, RSS).expect("noted");
        assert_eq!((seconds.iter().len(), seconds.newest()), (600, Some(1_000_000 * 99_999 / 3600)));
        let day: Vec<_> = of(Span::Day, "frames").expect("noted").iter().collect();
        assert_eq!(day, [119; 720], "each is the greatest of its two minutes");
        history.fit();
        for span in [Span::TenMinutes, Span::Day] {
            let growth = history.growth(span).expect("enough samples");
            assert!((growth - 1.0).abs() < 0.01, "{span:?}: {growth} MB/h");
        }
    }

    #[test]
    fn parts_that_come_later_are_as_long_as_the_others_and_there_are_not_too_many() {
        let mut history = History::default();
        (0..10).for_each(|_| history.note(5, &BTreeMap::new()));
        let names: Vec<&'static str> = (0..40).map(|n| &*format!("part{n:02}").leak()).collect();
        history.note(5, &names.iter().map(|name| (*name, 1)).collect());
        let series: Vec<_> = history.series(Span::TenMinutes).collect();
        assert!(series.len() <= PARTS + 1 && series.iter().any(|(name, _)| *name == RSS), "{}", series.len());
        assert!(series.iter().all(|(_, ring)| ring.iter().len() == 11));
        history.fit();
        assert_eq!(history.growth(Span::TenMinutes), None, "too early to tell");
    }
}
