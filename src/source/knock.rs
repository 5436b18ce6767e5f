//! Asks whether a server that was away answers again, so that it is opened as soon as it does, however long it was away.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ffmpeg::{Cancel, NetworkAddress};

/// How often a server that does not answer is asked, and one that does, although its stream does not open.
const OFTEN: Duration = Duration::from_millis(500);
const SELDOM: Duration = Duration::from_secs(5);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a pause looks whether it is still wanted.
const POLL: Duration = Duration::from_millis(100);

/// Knocks at a server from [`Self::begin`] to [`Self::end`], on a thread of its own: a connection is made and closed.
#[derive(Debug, Default)]
pub(super) struct Knock {
    answers: Arc<AtomicU64>,
    running: Mutex<Option<Cancel>>,
}

impl Knock {
    /// How often the server has begun to answer.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// The stream did not open. Without effect for addresses whose server is not asked by TCP, and while it knocks.
    pub(super) fn begin(&self, address: &NetworkAddress) {
        let mut running = self.lock();
        let Some(server) = address.server().filter(|_| running.is_none()) else { return };
        let cancel = Cancel::default();
        let (ended, answers) = (cancel.clone(), self.answers.clone());
        let thread = std::thread::Builder::new().name("knock".into());
        if thread.spawn(move || knock(&server, &ended, &answers)).is_ok() {
            *running = Some(cancel);
        }
    }

    /// The stream is open.
    pub(super) fn end(&self) {
        if let Some(cancel) = self.lock().take() {
            cancel.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Cancel>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Knock {
    fn drop(&mut self) {
        self.end();
    }
}

fn knock(server: &(String, u16), ended: &Cancel, answers: &AtomicU64) {
    let mut answered = false;
    while !ended.is_cancelled() {
        let answers_now = answer(server);
        if answers_now && !answered {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        answered = answers_now;
        let pause = if answered { SELDOM } else { OFTEN };
        for _ in 0..pause.as_millis() / POLL.as_millis() {
            if ended.is_cancelled() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}

fn answer(server: &(String, u16)) -> bool {
    let Ok(mut addresses) = (server.0.as_str(), server.1).to_socket_addrs() else { return false };
    addresses.any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_begins_to_answer_is_noticed_once() {
        let knock = Knock::default();
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let address: NetworkAddress = format!("rtsp://127.0.0.1:{port}/x").parse().expect("an address");
        knock.begin(&address);
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(knock.answers(), 0);
        let _server = TcpListener::bind(("127.0.0.1", port)).expect("the same port");
        while knock.answers() == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(knock.answers(), 1);
        knock.end();
        assert!(knock.lock().is_none());
    }
}
