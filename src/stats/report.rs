//! What is told of a stage.

/// Timings of one stage since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct StageReport {
    /// Passes recorded.
    pub count: u64,
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile in milliseconds.
    pub p95_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// Longest pass in milliseconds.
    pub max_ms: f64,
}
