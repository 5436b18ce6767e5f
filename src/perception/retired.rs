//! Results that are filled again once nobody looks at them.

use std::sync::Arc;

/// Keeps the last results that were handed out, so that the next one allocates nothing.
#[derive(Debug)]
pub(super) struct Retired<T> {
    kept: Vec<Arc<T>>,
    most: usize,
}

impl<T: Default> Retired<T> {
    /// Keeps at most `most` of them.
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::with_capacity(most), most }
    }

    /// One that nobody else holds, with what it last held in it.
    pub fn take(&mut self) -> Arc<T> {
        let free = self.kept.iter().position(|kept| Arc::strong_count(kept) == 1);
        free.map(|index| self.kept.swap_remove(index)).unwrap_or_default()
    }

    /// To be taken again when nobody holds it any more; the oldest goes where there are too many.
    pub fn keep(&mut self, result: Arc<T>) {
        if self.kept.len() == self.most {
            self.kept.remove(0);
        }
        self.kept.push(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_taken_again_and_what_somebody_holds_is_not() {
        let mut retired = Retired::<Vec<u8>>::new(2);
        let shown = retired.take();
        let at = Arc::as_ptr(&shown);
        retired.keep(shown.clone());
        assert_ne!(Arc::as_ptr(&retired.take()), at);
        drop(shown);
        let mut again = retired.take();
        assert_eq!(Arc::as_ptr(&again), at);
        assert!(Arc::get_mut(&mut again).is_some());
        for _ in 0..5 {
            retired.keep(Arc::default());
        }
        assert_eq!(retired.kept.len(), 2);
    }
}
