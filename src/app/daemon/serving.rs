//! The two listeners while they serve: readers on a thread of their own, operators on the daemon's runtime.
//!
//! At a start readers wait a little, in the kernel's queue, for the first release: over a restart with a socket of the
//! service manager they notice no more than that. Operators are answered at once.
//!
//! Readers get a runtime with one thread and nothing else on it: documents are answered from memory, so work that
//! moves between threads costs more than it brings, and no stage, however busy, stands in a reader's way.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::STUCK;
use crate::pipeline::driver;
use crate::pipeline::vigil::{Vigil, Watched};
use crate::serve::{Admin, Drained, Limits, Mover, Public, PublicSettings};

/// Story pages are rendered on these threads and hubs are heard; the public side lets no more in at a time.
const RENDERERS: usize = 8 + 4;

/// The longest that readers wait for a first release, before they are told to come back: less than the patience of
/// any client, and longer than a store takes that is not new.
const FIRST_RELEASE: Duration = Duration::from_secs(5);

/// How often the readers' thread shows that it gets on.
const TURN: Duration = Duration::from_secs(5);

/// Descriptors for the store, for those who are asked, and for what the machine wants; the rest is for readers.
const OWN_DESCRIPTORS: usize = 256;

/// Readers at a time where there are descriptors for more: one that waits costs some 20 KB.
const MOST_READERS: usize = 4096;

/// Connections that wait to be let in. Where there is no room the kernel says nothing, and a client tries again only a
/// second later: the 128 of the standard library are one burst.
const BACKLOG: u32 = 1024;

/// Listens on `address`. Call it within the daemon's runtime.
///
/// # Errors
/// When the machine does not give the address.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the standard library has it: else nobody could listen for a minute after a restart.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Listeners that serve.
pub(super) struct Serving {
    stop: watch::Sender<bool>,
    open: watch::Sender<bool>,
    mover: Mover,
    readers: oneshot::Receiver<Drained>,
    operators: JoinHandle<Drained>,
}

impl Serving {
    /// Serves readers on `public`, once there is something to read, and operators on `admin`. Call it within the daemon's
    /// runtime.
    ///
    /// # Errors
    /// When the machine gives no thread, no runtime or no listener.
    pub(super) fn start(
        (readers, public): (Public, TcpListener),
        (operators, admin): (Admin, TcpListener),
        vigil: &Vigil,
    ) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (open, opened) = watch::channel(false);
        let (mover, admin) = (readers.mover(), asynchronous(admin)?);
        let runtime = runtime::Builder::new_current_thread().enable_all().max_blocking_threads(RENDERERS).build()?;
        let public = {
            let _within = runtime.enter();
            asynchronous(public)?
        };
        let (ended, end) = oneshot::channel();
        let (wanted, watched) = (driver::wanted(stopped.clone()), vigil.watch("readers", STUCK));
        let early = driver::wanted(stopped.clone());
        thread::Builder::new().name("readers".to_owned()).spawn(move || {
            runtime.spawn(turn(watched));
            let drained = runtime.block_on(async {
                tokio::select! {
                    _ = timeout(FIRST_RELEASE, driver::wanted(opened)) => {}
                    () = early => {}
                }
                readers.run(public, limits(), wanted).await
            });
            drop(runtime);
            // Nobody listens where the daemon is gone already.
            let _ = ended.send(drained);
        })?;
        let wanted = driver::wanted(stopped);
        let operators = tokio::spawn(operators.run(admin, Limits::default(), wanted));
        Ok(Self { stop, open, mover, readers: end, operators })
    }

    /// The first release is out: readers wait no longer.
    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }

    /// The public side has other settings now.
    pub(super) fn move_to(&self, settings: PublicSettings) {
        self.mover.to(settings);
    }

    /// Until a listener ends that was not told to, which only a fault of ours brings about; says which one.
    pub(super) async fn broken(&mut self) -> &'static str {
        tokio::select! {
            _ = &mut self.readers => "server.listen",
            _ = &mut self.operators => "server.admin",
        }
    }

    /// Stops accepting and lets answers under way end.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        if let Ok(Drained::Cut(left)) = self.readers.await {
            tracing::warn!(connections = left, "readers took too long and were cut off");
        }
        // What operators asked for is asked again.
        let _ = self.operators.await;
    }
}

/// Shows that the thread of this task turns, and does not hang in an answer.
async fn turn(watched: Watched) {
    let mut turns = tokio::time::interval(TURN);
    loop {
        turns.tick().await;
        watched.gets_on();
    }
}

/// As many connections of readers as there are descriptors for.
fn limits() -> Limits {
    let all = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = all.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
    let usual = Limits::default();
    let connections = soft
        .map_or(usual.connections, |soft| soft.saturating_sub(OWN_DESCRIPTORS).clamp(OWN_DESCRIPTORS, MOST_READERS));
    Limits { connections, ..usual }
}

fn asynchronous(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
