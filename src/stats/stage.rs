//! Timings of one stage in a histogram of fixed size.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::StageReport;

/// Longest pass that is told apart; longer ones count as this long.
const LONGEST: Duration = Duration::from_secs(600);

/// Bytes of one histogram.
pub(crate) const STAGE_BYTES: u64 = 96 << 10;

/// Microseconds, three significant figures.
#[derive(Debug)]
pub(super) struct Stage {
    histogram: Option<Histogram<u32>>,
    /// When the last pass ended, and how long it took.
    last: Option<(Instant, Duration)>,
    /// The longest pass since it was last asked for.
    longest: Duration,
}

impl Default for Stage {
    fn default() -> Self {
        let histogram = Histogram::new_with_max(LONGEST.as_micros() as u64, 3).ok();
        Self { histogram, last: None, longest: Duration::ZERO }
    }
}

impl Stage {
    pub(super) fn record(&mut self, elapsed: Duration) {
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(elapsed.as_micros() as u64);
        }
        self.last = Some((Instant::now(), elapsed));
        self.longest = self.longest.max(elapsed);
    }

    /// How much of the time since `since` the last pass took.
    pub(super) fn share_since(&self, since: Instant) -> Duration {
        self.last.map_or(Duration::ZERO, |(end, elapsed)| elapsed.min(end.saturating_duration_since(since)))
    }

    /// The longest pass since this was last asked.
    pub(super) fn take_longest(&mut self) -> Duration {
        std::mem::take(&mut self.longest)
    }

    pub(super) fn report(&self) -> StageReport {
        let Some(histogram) = &self.histogram else { return StageReport::default() };
        let ms = |micros: u64| micros as f64 / 1000.0;
        StageReport {
            count: histogram.len(),
            p50_ms: ms(histogram.value_at_quantile(0.50)),
            p95_ms: ms(histogram.value_at_quantile(0.95)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            max_ms: ms(histogram.max()),
        }
    }
}
