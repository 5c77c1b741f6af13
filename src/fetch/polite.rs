//! The one home of politeness: who wants to ask a host comes in, and goes out when it is their turn.
//!
//! A budget is kept by registrable domain and by address: so many requests at a time, and a gap between any two,
//! counted from the end of one (and the start of one) to the start of the next, redirects and robots.txt included.
//! Never dials, never decides when a source or page is due; that is the schedule's affair.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::FetchRules;
use crate::clock::Clock;
use crate::model::Digest;

mod host;

use host::{Host, later};
pub use host::{HostState, Suspicion};

/// Hosts remembered. One that nobody waits for and whose gap and rest are over carries no information, so it goes.
const MAX_HOSTS: usize = 16 * 1024;

/// How a wait is waited: by the runtime's timer, or by a test's hand.
pub trait Pause: Send + Sync {
    /// Done when `wait` is over.
    fn pause(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The runtime's timer.
#[derive(Debug, Clone, Copy)]
pub struct Timer;

impl Pause for Timer {
    fn pause(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// The budgets of all hosts. Share it with `Arc`; all who fetch must share one.
pub struct Polite {
    gap: Duration,
    host_gaps: BTreeMap<String, Duration>,
    per_host: usize,
    everywhere: Arc<Semaphore>,
    clock: Clock,
    pause: Arc<dyn Pause>,
    hosts: Mutex<Hosts>,
    /// Those whose standing changed since it was last asked for, each once.
    changed: Mutex<Vec<Arc<Host>>>,
}

/// Looked up, never listed in this order.
#[derive(Default)]
struct Hosts {
    domains: HashMap<String, Arc<Host>>,
    addresses: HashMap<IpAddr, Arc<Host>>,
}

impl Polite {
    /// Budgets by `rules`, with nobody asked yet.
    pub fn new(rules: &FetchRules, clock: Clock) -> Self {
        Self::with_pause(rules, clock, Arc::new(Timer))
    }

    /// The same, waiting by `pause`.
    pub fn with_pause(rules: &FetchRules, clock: Clock, pause: Arc<dyn Pause>) -> Self {
        Self {
            gap: rules.gap,
            host_gaps: rules.host_gaps.clone(),
            per_host: rules.per_host.clamp(1, Semaphore::MAX_PERMITS),
            everywhere: Arc::new(Semaphore::new(rules.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            clock,
            pause,
            hosts: Mutex::default(),
            changed: Mutex::default(),
        }
    }

    /// Loads what an earlier run knew about a registrable domain.
    pub fn seed(&self, known: &HostState) {
        self.domain(&known.host).seed(known);
    }

    /// The hosts asked or sent to rest since the last call, by name: what a stage stores after its step.
    pub fn changes(&self) -> Vec<HostState> {
        let changed = std::mem::take(&mut *lock(&self.changed));
        let mut states: Vec<HostState> = changed.iter().map(|host| host.told()).collect();
        states.sort_unstable_by(|one, other| one.host.cmp(&other.host));
        states
    }

    /// Until when `host` rests, if it does.
    pub fn resting(&self, host: &str) -> Option<Timestamp> {
        let known = lock(&self.hosts).domains.get(host).map(Arc::clone)?;
        known.resting(self.clock.now())
    }

    /// Notes that `url` of `host` was throttled, until `retry_after` if that was said. Many feeds share a host, so
    /// one URL speaks for itself only; a second one while the first still rests sends the whole host to rest.
    pub fn throttled(&self, host: &str, url: &str, retry_after: Option<Timestamp>) {
        let host = self.domain(host);
        if host.throttled(Digest::of(url.as_bytes()), retry_after, self.clock.now()) {
            self.note_change(&host);
        }
    }

    /// Waits in the line of the registrable domain `host`. The gap is not waited for yet.
    ///
    /// # Errors
    /// Until when the host rests: nothing is asked, now or after waiting.
    pub async fn line(&self, host: &str) -> Result<InLine<'_>, Timestamp> {
        let host = self.domain(host);
        // Both before and after: the one before us may have sent the host to rest.
        host.resting(self.clock.now()).map_or(Ok(()), Err)?;
        let permit = host.place().await;
        host.resting(self.clock.now()).map_or(Ok(()), Err)?;
        Ok(InLine { polite: self, hosts: vec![host], permits: vec![permit] })
    }

    /// How long the holder of a place with all of `hosts` must wait. Its start is taken: who comes next waits longer.
    fn reserve(&self, hosts: &[Arc<Host>]) -> Duration {
        let now = self.clock.now();
        let wait = hosts.iter().map(|host| host.wait(now, self.per_host)).max().unwrap_or_default();
        let start = later(now, wait);
        for host in hosts {
            host.take_start(start);
        }
        wait
    }

    /// Marks the start or the end of a request: the gap counts from the later of both.
    fn mark(&self, hosts: &[Arc<Host>], is_start: bool) {
        let now = self.clock.now();
        for host in hosts {
            if host.mark(now, is_start) {
                self.note_change(host);
            }
        }
    }

    fn note_change(&self, host: &Arc<Host>) {
        lock(&self.changed).push(Arc::clone(host));
    }

    fn domain(&self, name: &str) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        if let Some(known) = hosts.domains.get(name) {
            return Arc::clone(known);
        }
        self.make_room(&mut hosts);
        let gap = self.host_gaps.get(name).copied().unwrap_or(self.gap);
        let host = Arc::new(Host::new(Some(name.to_owned()), gap, self.per_host, self.clock.now()));
        hosts.domains.insert(name.to_owned(), Arc::clone(&host));
        host
    }

    fn address(&self, address: IpAddr) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        if let Some(known) = hosts.addresses.get(&address) {
            return Arc::clone(known);
        }
        self.make_room(&mut hosts);
        let host = Arc::new(Host::new(None, self.gap, self.per_host, self.clock.now()));
        hosts.addresses.insert(address, Arc::clone(&host));
        host
    }

    /// Lets go of hosts that nobody waits for: all whose gap and rest are over, and if that is not enough those whose
    /// rest ends first, down to seven eighths of the bound so that this is rare.
    fn make_room(&self, hosts: &mut Hosts) {
        if hosts.domains.len() + hosts.addresses.len() < MAX_HOSTS {
            return;
        }
        let now = self.clock.now();
        hosts.domains.retain(|_, host| !host.is_idle() || host.over_at() > now);
        hosts.addresses.retain(|_, host| !host.is_idle() || host.over_at() > now);
        let mut ends: Vec<Timestamp> =
            hosts.domains.values().chain(hosts.addresses.values()).map(|host| host.over_at()).collect();
        let Some(excess) = ends.len().checked_sub(MAX_HOSTS / 8 * 7).filter(|excess| *excess > 0) else { return };
        ends.sort_unstable();
        let Some(limit) = ends.get(excess).copied() else { return };
        let mut left = excess;
        let mut stays = |host: &Arc<Host>| {
            let goes = left > 0 && host.is_idle() && host.over_at() <= limit;
            left -= usize::from(goes);
            !goes
        };
        hosts.domains.retain(|_, host| stays(host));
        hosts.addresses.retain(|_, host| stays(host));
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// First in the line of a domain.
pub struct InLine<'a> {
    polite: &'a Polite,
    /// The domain's first.
    hosts: Vec<Arc<Host>>,
    permits: Vec<Option<OwnedSemaphorePermit>>,
}

impl<'a> InLine<'a> {
    /// Waits for the lines of `addresses` too, then until every gap is over, then for a free place among all.
    ///
    /// Domains come before addresses and addresses in order, so no two can wait for each other; the place among all
    /// comes last, so who waits for a host holds up nobody else.
    pub async fn turn(mut self, mut addresses: Vec<IpAddr>) -> Turn<'a> {
        addresses.sort_unstable();
        addresses.dedup();
        for address in addresses {
            let host = self.polite.address(address);
            self.permits.push(host.place().await);
            self.hosts.push(host);
        }
        let wait = self.polite.reserve(&self.hosts);
        if !wait.is_zero() {
            self.polite.pause.pause(wait).await;
        }
        self.permits.push(Arc::clone(&self.polite.everywhere).acquire_owned().await.ok());
        self.polite.mark(&self.hosts, true);
        Turn { polite: self.polite, hosts: self.hosts, _permits: self.permits }
    }
}

/// Leave to make one request now. Hold it until the answer has been read; dropping it ends the request.
pub struct Turn<'a> {
    polite: &'a Polite,
    hosts: Vec<Arc<Host>>,
    _permits: Vec<Option<OwnedSemaphorePermit>>,
}

impl Turn<'_> {
    /// Notes that `url`, which was asked in this turn, was throttled. See [`Polite::throttled`].
    pub fn throttled(&self, url: &str, retry_after: Option<Timestamp>) {
        let now = self.polite.clock.now();
        if let Some(host) =
            self.hosts.first().filter(|host| host.throttled(Digest::of(url.as_bytes()), retry_after, now))
        {
            self.polite.note_change(host);
        }
    }

    /// Notes that this turn's URL gave an answer: what was throttled before was not the host's doing.
    pub fn answered(&self) {
        if let Some(host) = self.hosts.first().filter(|host| host.answered()) {
            self.polite.note_change(host);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.polite.mark(&self.hosts, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T00:00:00Z".parse().unwrap()
    }

    fn after(seconds: u64) -> Timestamp {
        later(now(), Duration::from_secs(seconds))
    }

    fn host(name: &str, last_asked_at: Option<Timestamp>, not_before: Option<Timestamp>) -> HostState {
        HostState { host: name.to_owned(), last_asked_at, not_before, suspicion: Suspicion::AsBefore }
    }

    /// Moves the clock instead of waiting, and keeps what was asked for.
    struct Step(Clock, Mutex<Vec<u64>>);

    impl Pause for Step {
        fn pause(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            self.0.advance(i64::try_from(wait.as_millis().div_ceil(1000)).unwrap());
            self.1.lock().unwrap().push(wait.as_secs());
            Box::pin(std::future::ready(()))
        }
    }

    struct Bench {
        clock: Clock,
        step: Arc<Step>,
        polite: Polite,
    }

    fn bench(rules: &FetchRules) -> Bench {
        let clock = Clock::manual(now());
        let step = Arc::new(Step(clock.clone(), Mutex::default()));
        let pause: Arc<dyn Pause> = step.clone();
        Bench { polite: Polite::with_pause(rules, clock.clone(), pause), clock, step }
    }

    impl Bench {
        fn new() -> Self {
            let slow = ("slow.test".to_owned(), Duration::from_mins(1));
            bench(&FetchRules { host_gaps: [slow].into(), ..FetchRules::default() })
        }

        /// One request of `seconds`, and how long it waited.
        async fn ask(&self, host: &str, addresses: &[&str], seconds: i64) -> u64 {
            let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
            let turn = self.polite.line(host).await.ok().unwrap().turn(addresses).await;
            self.clock.advance(seconds);
            drop(turn);
            std::mem::take(&mut *self.step.1.lock().unwrap()).into_iter().sum()
        }
    }

    #[tokio::test]
    async fn a_gap_lies_between_end_and_start() {
        let bench = Bench::new();
        assert_eq!(bench.ask("a.test", &[], 0).await, 0);
        assert_eq!(bench.ask("a.test", &[], 5).await, 1);
        assert_eq!(bench.ask("a.test", &[], 0).await, 1);
        assert_eq!(bench.ask("b.test", &[], 0).await, 0);
        assert_eq!(bench.ask("slow.test", &[], 0).await, 0);
        assert_eq!(bench.ask("slow.test", &[], 0).await, 60);
        bench.clock.advance(59);
        assert_eq!(bench.ask("slow.test", &[], 0).await, 1);
    }

    #[tokio::test]
    async fn an_address_has_a_budget_of_its_own() {
        let bench = Bench::new();
        assert_eq!(bench.ask("a.test", &["8.8.8.8", "8.8.4.4"], 0).await, 0);
        assert_eq!(bench.ask("b.test", &["8.8.4.4", "8.8.4.4"], 0).await, 1);
        assert_eq!(bench.ask("c.test", &["1.1.1.1"], 0).await, 0);
    }

    #[tokio::test]
    async fn one_at_a_time() {
        let bench = Bench::new();
        let first = bench.polite.line("a.test").await.ok().unwrap().turn(Vec::new()).await;
        let mut second = std::pin::pin!(bench.polite.line("a.test"));
        let poll = futures_poll(second.as_mut());
        assert!(poll.is_none(), "the line is held");
        drop(first);
        assert!(futures_poll(second).is_some(), "the line is free");
    }

    /// One look at a future.
    fn futures_poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn two_at_a_time_start_a_gap_apart() {
        let bench = bench(&FetchRules { per_host: 2, ..FetchRules::default() });
        let first = bench.polite.line("a.test").await.ok().unwrap().turn(Vec::new()).await;
        let second = bench.polite.line("a.test").await.ok().unwrap().turn(Vec::new()).await;
        assert_eq!(*bench.step.1.lock().unwrap(), [1]);
        drop((first, second));
    }

    #[tokio::test]
    async fn two_throttled_urls_send_the_host_to_rest() {
        let bench = Bench::new();
        let until = after(600);
        bench.polite.throttled("a.test", "http://a.test/1", Some(until));
        bench.polite.throttled("a.test", "http://a.test/1", Some(until));
        assert_eq!(bench.polite.resting("a.test"), None);
        bench.polite.throttled("a.test", "http://a.test/2", Some(until));
        assert_eq!(bench.polite.resting("a.test"), Some(until));
        assert_eq!(bench.polite.line("a.test").await.err(), Some(until));
        assert_eq!(bench.polite.resting("b.test"), None);
        bench.clock.advance(600);
        assert_eq!(bench.polite.resting("a.test"), None);
        assert!(bench.polite.line("a.test").await.is_ok());
    }

    #[tokio::test]
    async fn an_answer_or_time_clears_the_suspicion() {
        let bench = Bench::new();
        let until = after(600);
        bench.polite.throttled("a.test", "http://a.test/1", Some(until));
        bench.polite.line("a.test").await.ok().unwrap().turn(Vec::new()).await.answered();
        bench.polite.throttled("a.test", "http://a.test/2", Some(until));
        bench.clock.advance(601);
        bench.polite.throttled("a.test", "http://a.test/1", None);
        assert_eq!(bench.polite.resting("a.test"), None);
        bench.polite.throttled("a.test", "http://a.test/2", None);
        assert_eq!(bench.polite.resting("a.test"), Some(after(601 + 3600)));
    }

    #[tokio::test]
    async fn what_was_stored_counts_after_a_restart() {
        let bench = Bench::new();
        bench.polite.seed(&host("slow.test", Some(now()), None));
        assert!(bench.polite.changes().is_empty());
        bench.clock.advance(10);
        assert_eq!(bench.ask("slow.test", &["8.8.8.8"], 0).await, 50);
        assert_eq!(bench.polite.changes(), [host("slow.test", Some(after(60)), None)]);
        assert_eq!(bench.polite.changes(), []);
        bench.polite.seed(&host("rest.test", None, Some(after(9000))));
        assert!(bench.polite.line("rest.test").await.is_err());
    }

    #[tokio::test]
    async fn a_suspicion_counts_after_a_restart() {
        let bench = Bench::new();
        bench.polite.throttled("a.test", "http://a.test/1", Some(after(600)));
        let stored = bench.polite.changes();
        assert!(matches!(stored[0].suspicion, Suspicion::Of(_, until) if until == after(600)));
        let restarted = Bench::new();
        restarted.polite.seed(&stored[0]);
        restarted.polite.throttled("a.test", "http://a.test/2", Some(after(600)));
        assert_eq!(restarted.polite.resting("a.test"), Some(after(600)));
        bench.polite.line("a.test").await.ok().unwrap().turn(Vec::new()).await.answered();
        assert_eq!(bench.polite.changes()[0].suspicion, Suspicion::Over);
    }

    #[tokio::test]
    async fn a_rest_counts_from_now_where_the_clock_was_set_back() {
        let bench = Bench::new();
        bench.clock.advance(1_000_000);
        bench.ask("a.test", &[], 0).await;
        bench.polite.throttled("a.test", "https://a.test/1", None);
        bench.polite.throttled("a.test", "https://a.test/2", Some(after(1_000_600)));
        assert_eq!(bench.polite.resting("a.test"), Some(after(1_000_600)));
        bench.clock.advance(-1_000_000);
        assert_eq!(bench.polite.resting("a.test"), Some(after(600)));
        bench.clock.advance(601);
        assert_eq!(bench.polite.resting("a.test"), None);
    }

    #[tokio::test]
    async fn a_clock_set_back_stops_no_host() {
        let bench = Bench::new();
        bench.polite.seed(&host("a.test", Some(after(86400)), None));
        assert_eq!(bench.ask("a.test", &[], 0).await, 1);
    }

    #[tokio::test]
    async fn idle_hosts_are_forgotten() {
        let bench = Bench::new();
        bench.polite.seed(&host("rest.test", None, Some(after(9000))));
        let held = bench.polite.line("held.test").await.ok().unwrap();
        for n in 0..MAX_HOSTS {
            bench.polite.seed(&host(&format!("{n}.test"), Some(now()), None));
        }
        assert!(lock(&bench.polite.hosts).domains.len() <= MAX_HOSTS);
        bench.clock.advance(100);
        for n in 0..MAX_HOSTS {
            bench.polite.seed(&host(&format!("n{n}.test"), None, None));
        }
        assert!(lock(&bench.polite.hosts).domains.len() <= MAX_HOSTS);
        assert!(bench.polite.resting("rest.test").is_some());
        assert!(lock(&bench.polite.hosts).domains.contains_key("held.test"));
        drop(held);
    }
}
