//! Lists of detections that are used again.

use std::sync::{Mutex, PoisonError};

use super::journal::Found;
use super::step::MOST_UNDER_WAY;

/// Lists that were written down and wait to be filled again: as many as were ever under way.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    kept: Mutex<Vec<Vec<Found>>>,
}

impl Shelf {
    /// Lists for `frames` frames, empty.
    pub(super) fn take(&self, frames: usize) -> Vec<Found> {
        let mut found = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        found.resize_with(frames, Found::default);
        for found in &mut found {
            found.detections.clear();
        }
        found
    }

    /// Frees what waits.
    pub(super) fn clear(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes lists back.
    pub(super) fn give_back(&self, found: Vec<Found>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.is_empty() && kept.len() < MOST_UNDER_WAY {
            kept.push(found);
        }
    }
}
