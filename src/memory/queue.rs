//! Queues between threads: bounded, with their depth and their drops told by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError, bounded,
};

use super::Bound;
use crate::stats::Stats;

/// The end where things go in.
#[derive(Debug)]
pub struct Sender<T> {
    inner: crossbeam_channel::Sender<T>,
    /// The other end as well: the newest thing pushes the oldest out.
    out: Option<crossbeam_channel::Receiver<T>>,
    meter: Meter,
}

/// The end where things come out.
#[derive(Debug)]
pub struct Receiver<T> {
    inner: crossbeam_channel::Receiver<T>,
    meter: Meter,
}

#[derive(Debug, Clone)]
struct Meter {
    depth: Arc<AtomicUsize>,
    dropped: &'static str,
    stats: Stats,
}

/// A queue of at most `bound.most` things. Gauge `queue.NAME.depth` says how many are in it, counter
/// `queue.NAME.dropped` how many found no room. Two queues of one bound (a source that is switched) share them.
pub fn queue<T>(bound: &'static Bound, stats: &Stats) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = bounded(bound.most as usize);
    let meter = Meter { depth: Arc::default(), dropped: bound.dropped, stats: stats.clone() };
    stats.add(bound.dropped, 0);
    let depth = Arc::downgrade(&meter.depth);
    stats.probe(bound.depth, move || depth.upgrade().map(|depth| depth.load(Ordering::Relaxed) as f64));
    (Sender { inner: sender, out: None, meter: meter.clone() }, Receiver { inner: receiver, meter })
}

/// A queue whose sender never waits: the newest thing wins, the oldest goes and is counted. The receiver's
/// end stays open as long as the sender lives.
pub fn newest_wins<T>(bound: &'static Bound, stats: &Stats) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = queue(bound, stats);
    (Sender { out: Some(receiver.inner.clone()), ..sender }, receiver)
}

/// A queue of one word: something happened, or its other end is gone. It holds no memory that counts.
pub fn signal() -> (crossbeam_channel::Sender<()>, crossbeam_channel::Receiver<()>) {
    bounded(1)
}

impl<T> Sender<T> {
    /// Puts `thing` in, waiting for room.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub fn send(&self, thing: T) -> Result<(), SendError<T>> {
        let sent = self.inner.send(thing);
        self.meter.note(self.inner.len());
        sent
    }

    /// Puts `thing` in, waiting for room for at most `patience`.
    ///
    /// # Errors
    /// When there was no room in that time, or the receiver is gone.
    pub fn send_timeout(&self, thing: T, patience: Duration) -> Result<(), SendTimeoutError<T>> {
        let sent = self.inner.send_timeout(thing, patience);
        self.meter.note(self.inner.len());
        sent
    }

    /// Puts `thing` in, or counts that it found no room.
    ///
    /// # Errors
    /// When there is no room, or the receiver is gone.
    pub fn try_send(&self, thing: T) -> Result<(), TrySendError<T>> {
        let sent = self.inner.try_send(thing);
        if matches!(sent, Err(TrySendError::Full(_))) {
            self.meter.stats.count(self.meter.dropped);
        }
        self.meter.note(self.inner.len());
        sent
    }

    /// Puts `thing` in; where there is no room, the oldest goes and is counted. Gives how many went. Only for
    /// queues made by [`newest_wins`]; others count `thing` itself.
    pub fn send_newest(&self, thing: T) -> usize {
        let (mut thing, mut gone) = (thing, 0);
        loop {
            match self.inner.try_send(thing) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => break,
                Err(TrySendError::Full(back)) => thing = back,
            }
            let Some(out) = &self.out else {
                gone += 1;
                break;
            };
            gone += usize::from(out.try_recv().is_ok());
        }
        if gone > 0 {
            self.meter.stats.add(self.meter.dropped, gone as u64);
        }
        self.meter.note(self.inner.len());
        gone
    }

    /// Whether the next thing would have to wait.
    pub fn is_full(&self) -> bool {
        self.inner.is_full()
    }
}

impl<T> Receiver<T> {
    /// The next thing, waiting for it.
    ///
    /// # Errors
    /// When the queue is empty and all senders are gone.
    pub fn recv(&self) -> Result<T, RecvError> {
        let received = self.inner.recv();
        self.meter.note(self.inner.len());
        received
    }

    /// The next thing, waiting for it for at most `patience`.
    ///
    /// # Errors
    /// When nothing came, or the queue is empty and all senders are gone.
    pub fn recv_timeout(&self, patience: Duration) -> Result<T, RecvTimeoutError> {
        let received = self.inner.recv_timeout(patience);
        self.meter.note(self.inner.len());
        received
    }

    /// The next thing if it is there.
    ///
    /// # Errors
    /// When the queue is empty; whether something may still come is in the error.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let received = self.inner.try_recv();
        if received.is_ok() {
            self.meter.note(self.inner.len());
        }
        received
    }

    /// All things until the senders are gone, waiting for each.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.recv().ok())
    }

    /// All things that are there.
    pub fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.try_recv().ok())
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How many things wait.
    pub fn len(&self) -> usize {
        self.inner.len()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), out: self.out.clone(), meter: self.meter.clone() }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), meter: self.meter.clone() }
    }
}

impl Meter {
    fn note(&self, depth: usize) {
        self.depth.store(depth, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Each, bound};

    const LINE: Bound = bound!("test.line", "numbers", 2, Each::Bytes(8), "the oldest goes");

    #[test]
    fn depth_and_drops_are_told_by_name() {
        let stats = Stats::default();
        let (sender, receiver) = queue(&LINE, &stats);
        for n in 0..5 {
            let _ = sender.try_send(n);
        }
        assert_eq!(stats.gauge_value("queue.test.line.depth"), Some(2.0));
        assert_eq!(stats.counter("queue.test.line.dropped"), 3);
        assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
        assert_eq!(stats.gauges()["queue.test.line.depth"], 0.0);
        drop((sender, receiver));
        assert_eq!(stats.gauge_value("queue.test.line.depth"), None, "a queue that is gone says nothing");
    }

    #[test]
    fn the_newest_wins_and_the_sender_never_waits() {
        let stats = Stats::default();
        let (sender, receiver) = newest_wins(&LINE, &stats);
        let gone: usize = (0..5).map(|n| sender.send_newest(n)).sum();
        assert_eq!((gone, stats.counter("queue.test.line.dropped")), (3, 3));
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(3), Ok(4)));
        assert!(receiver.is_empty());
    }

    #[test]
    fn both_ends_notice_when_the_other_is_gone() {
        let stats = Stats::default();
        let (sender, receiver) = queue(&LINE, &stats);
        assert!(sender.send(1).is_ok());
        drop(sender);
        assert_eq!(receiver.iter().collect::<Vec<_>>(), [1]);
        assert_eq!(stats.gauge_value("queue.test.line.depth"), Some(0.0), "all were taken out");
        let (sender, receiver) = queue(&LINE, &stats);
        drop(receiver);
        assert!(sender.send(1).is_err());
    }
}
