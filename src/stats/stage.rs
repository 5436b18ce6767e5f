//! Timings of one stage in a histogram of fixed size.

use std::time::Duration;

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
}

impl Default for Stage {
    fn default() -> Self {
        Self { histogram: Histogram::new_with_max(LONGEST.as_micros() as u64, 3).ok() }
    }
}

impl Stage {
    pub(super) fn record(&mut self, elapsed: Duration) {
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(elapsed.as_micros() as u64);
        }
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
