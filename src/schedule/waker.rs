//! Wakes the main loop from another thread.

use std::sync::{Arc, OnceLock};

use bevy::prelude::Resource;

type Wake = Box<dyn Fn() + Send + Sync>;

/// Tells a sleeping main loop that there is something to do. Clones wake the same loop; before the
/// loop runs, waking does nothing.
#[derive(Resource, Clone, Default)]
pub struct Waker {
    wake: Arc<OnceLock<Wake>>,
}

impl Waker {
    /// Wakes the loop.
    pub fn wake(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    /// Says how to wake the loop; the first call wins.
    pub(crate) fn connect(&self, wake: impl Fn() + Send + Sync + 'static) {
        // A second connection would be a second loop, which an app does not have.
        let _ = self.wake.set(Box::new(wake));
    }
}
