//! Accepts connections, keeps them within limits, drains them at the end.
//!
//! In come a listener, a service and the reason to stop; out goes how the drain went. A connection that does
//! not get on is closed, whatever it is waiting for, so that nobody holds a place by dripping bytes. At the end nobody
//! is cut off whose request may be under way: who was just let in is answered. Of a request it looks at one field: behind
//! a body in chunks nothing is read, since a proxy that counts bytes (RFC 9112 §6.3) would see its end elsewhere, and what
//! follows might be somebody else's request.

mod admission;
mod aside;
mod pulse;

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};

use self::admission::Admission;
use self::aside::{Ended, aside};
use self::pulse::{Pulse, Watched};
use super::metrics::Traffic;

/// No honest request line with headers is longer; hyper answers 431 to one that is.
const MAX_HEAD: usize = 16 * 1024;

/// The kernel is out of descriptors or memory: waiting a little lets connections end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often a stream must get on, by whatever little: longer than two heartbeats of one (`events`).
const STREAM_PATIENCE: Duration = Duration::from_mins(1);

/// Once the listener drains, a connection may send one more request within this: a reader that was just let in, or asks
/// again on an open connection, has it under way already and would take a closed connection for an error.
const LAST_CALL: Duration = Duration::from_secs(1);

/// Bounds of one listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time; more wait in the kernel's queue. Default 1,024; the daemon takes what its limit of
    /// descriptors leaves room for.
    pub connections: usize,
    /// Connections at a time of one address (IPv6: one /64); more are closed at once. Default 64.
    pub per_peer: usize,
    /// Do loopback and private addresses count as peers too? Default no: they are the reverse proxy, through
    /// which everyone comes.
    pub count_private: bool,
    /// A connection must send a whole request head or take [`Limits::least`] bytes of answer in every such
    /// period. Default 10 s: it bounds slow heads, idle connections and readers that stall alike.
    pub patience: Duration,
    /// Bytes of answer that count as progress in one period. Default 4 KiB.
    pub least: u64,
    /// Requests that one address may have something made for at once; what is released costs none. Default 300: some
    /// pages with all their pictures.
    pub burst: u32,
    /// As many of them come back every second. Default 10, of which a core does fifty times as many.
    pub per_second: u32,
    /// How long connections may finish their answer once the listener is told to stop. Default 10 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            per_peer: 64,
            count_private: false,
            patience: Duration::from_secs(10),
            least: 4 * 1024,
            burst: 300,
            per_second: 10,
            drain: Duration::from_secs(10),
        }
    }
}

/// How the end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every answer that was begun has been sent.
    Clean,
    /// This many connections were cut at the deadline.
    Cut(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Draining,
    Cut,
}

/// Serves until `shutdown` comes, then stops accepting, lets answers finish, and cuts what is left. `service` is told
/// whom a request is from, where that is counted.
pub(super) async fn run<S, F, B>(
    listener: TcpListener,
    service: S,
    limits: Limits,
    traffic: Arc<Traffic>,
    shutdown: impl Future<Output = ()>,
) -> Drained
where
    S: Fn(Request<Incoming>, Option<IpAddr>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let places = Arc::new(Semaphore::new(limits.connections));
    let admission = Admission::new(&limits);
    let (phase, _) = watch::channel(Phase::Open);
    let mut shutdown = pin!(shutdown);
    loop {
        let (place, stream, address) = tokio::select! {
            biased;
            () = shutdown.as_mut() => break,
            next = next(&listener, &places) => match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let Some(guest) = admission.admit(address.ip()) else {
            traffic.refused();
            continue;
        };
        let (service, phase, limits, traffic) = (service.clone(), phase.subscribe(), limits.clone(), traffic.clone());
        let peer = guest.peer();
        tokio::spawn(async move {
            let _held = (place, guest);
            traffic.opened();
            attend(stream, move |request| service(request, peer), &limits, phase).await;
            traffic.closed();
        });
    }
    drop(listener);
    drain(&limits, &places, &phase).await
}

async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(tokio::sync::OwnedSemaphorePermit, TcpStream, std::net::SocketAddr)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((place, stream, address))
}

async fn drain(limits: &Limits, places: &Semaphore, phase: &watch::Sender<Phase>) -> Drained {
    phase.send_replace(Phase::Draining);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    if timeout(limits.drain, places.acquire_many(all)).await.is_ok() {
        return Drained::Clean;
    }
    let left = limits.connections.saturating_sub(places.available_permits());
    phase.send_replace(Phase::Cut);
    Drained::Cut(left)
}

/// One connection from its first byte to its last.
async fn attend<S, F, B>(stream: TcpStream, service: S, limits: &Limits, mut phase: watch::Receiver<Phase>)
where
    S: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<B>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Answers are written whole, so waiting for more to send only costs a reader time.
    let _ = stream.set_nodelay(true);
    let pulse = Arc::new(Pulse::default());
    let heads = Arc::clone(&pulse);
    let counted = service_fn(move |request| {
        heads.head();
        let may_hide_another = request.headers().contains_key(TRANSFER_ENCODING);
        let answer = service(request);
        let streams = Arc::clone(&heads);
        async move {
            let mut answer = answer.await;
            if answer.body().size_hint().exact().is_none() {
                streams.streams();
            }
            if may_hide_another || streams.drains() {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let io = Watched::new(TokioIo::new(stream), Arc::clone(&pulse));
    let mut connection = pin!(
        http1::Builder::new()
            // `patience` bounds the head too, without a timer for each request.
            .header_read_timeout(None)
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, counted)
    );
    // Once it is told to drain it answers what it has begun, is watched on, and takes no request more.
    let mut period = pin!(sleep(limits.patience));
    loop {
        match aside(connection.as_mut(), order(&pulse, limits, &mut phase, period.as_mut())).await {
            Ended::Second(Order::Drain) => connection.as_mut().graceful_shutdown(),
            // An error here is the peer's: it went away or spoke nonsense, which hyper has answered.
            Ended::First(_) | Ended::Second(Order::End) => return,
        }
    }
}

/// What a connection is told.
enum Order {
    Drain,
    End,
}

/// Waits until the listener ends or the connection does not get on; `period` is that of its patience.
async fn order(
    pulse: &Pulse,
    limits: &Limits,
    phase: &mut watch::Receiver<Phase>,
    mut period: Pin<&mut Sleep>,
) -> Order {
    let mut before = pulse.read();
    loop {
        tokio::select! {
            () = period.as_mut() => {
                let after = pulse.read();
                let (least, patience) =
                    if pulse.is_stream() { (1, STREAM_PATIENCE) } else { (limits.least, limits.patience) };
                if !after.got_on_since(before, least) {
                    return Order::End;
                }
                before = after;
                period.as_mut().reset(Instant::now() + patience);
            }
            changed = phase.changed() => {
                let now = *phase.borrow_and_update();
                match now {
                    Phase::Open if changed.is_ok() => {}
                    Phase::Draining if changed.is_ok() => return last_call(pulse, phase).await,
                    _ => return Order::End,
                }
            }
        }
    }
}

/// Lets one more request come, and be answered as the last.
async fn last_call(pulse: &Pulse, phase: &mut watch::Receiver<Phase>) -> Order {
    pulse.drain();
    let cut = phase.wait_for(|phase| *phase == Phase::Cut);
    if timeout(LAST_CALL, cut).await.is_err() { Order::Drain } else { Order::End }
}
