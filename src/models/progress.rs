//! How a download tells how far it is, without knowing of terminals or panels.

/// Receives the progress of one transfer after another.
pub trait Progress: Send + Sync {
    /// A transfer of `what` starts; `total` bytes when known.
    fn begin(&self, what: &str, total: Option<u64>);
    /// So many bytes are there now, those of an earlier attempt included.
    fn advance_to(&self, bytes: u64);
    /// The transfer ended, well or not.
    fn end(&self);
    /// One sentence a user should see: a fallback, a retry, a wait.
    fn note(&self, line: &str);
}

/// Shows nothing on a terminal; notes still go to the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _what: &str, _total: Option<u64>) {}
    fn advance_to(&self, _bytes: u64) {}
    fn end(&self) {}
    fn note(&self, line: &str) {
        tracing::info!("{line}");
    }
}
