//! Ctrl-C and the system's wish that the program ends.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Says when the job is to end; asked a second time, the program ends at once.
#[cfg(unix)]
pub(super) fn listen() -> Arc<AtomicBool> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown};

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the second one ends the program at once.
        let listens = register_conditional_shutdown(signal, 1, stop.clone())
            .and_then(|_| register(signal, stop.clone()));
        if let Err(error) = listens {
            tracing::warn!("signal {signal} will end the program at once: {error}");
        }
    }
    stop
}

/// On other systems the program is ended at once; the next run goes on all the same.
#[cfg(not(unix))]
pub(super) fn listen() -> Arc<AtomicBool> {
    Arc::default()
}
