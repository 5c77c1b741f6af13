//! The one home of politeness: who wants to ask a host comes in, and goes out when it is their turn.
//!
//! A budget is kept by registrable domain and by address: so many requests at a time, and a gap between any two,
//! counted from the end of one (and the start of one) to the start of the next, redirects and robots.txt included.
//! Never dials, never decides when a source or page is due; that is the schedule's affair.

use std::collections::BTreeMap;
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

/// Hosts remembered. One that nobody waits for and whose gap and rest are over carries no information, so it goes.
const MAX_HOSTS: usize = 16 * 1024;

/// A host that throttles two URLs and names no time rests that long (POLITE.md S14).
const DEFAULT_REST: Duration = Duration::from_hours(1);

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

/// What is worth keeping about a host across restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostState {
    /// Registrable domain.
    pub host: String,
    /// When the last request to it started.
    pub last_asked_at: Option<Timestamp>,
    /// Nothing of it is asked before.
    pub not_before: Option<Timestamp>,
}

/// The budgets of all hosts. Share it with `Arc`; all who fetch must share one.
pub struct Polite {
    gap: Duration,
    host_gaps: BTreeMap<String, Duration>,
    per_host: usize,
    everywhere: Arc<Semaphore>,
    clock: Clock,
    pause: Arc<dyn Pause>,
    hosts: Mutex<BTreeMap<Key, Host>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Domain(String),
    Address(IpAddr),
}

struct Host {
    turns: Arc<Semaphore>,
    gap: Duration,
    next_at: Timestamp,
    last_asked_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    /// One URL that was throttled, and until when that counts as evidence.
    suspect: Option<(Digest, Timestamp)>,
    is_changed: bool,
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
        }
    }

    /// Loads what an earlier run knew about the registrable domain `host`.
    pub fn seed(&self, host: &str, last_asked_at: Option<Timestamp>, not_before: Option<Timestamp>) {
        self.with_host(&Key::Domain(host.to_owned()), |entry| {
            entry.last_asked_at = last_asked_at;
            entry.not_before = not_before;
            if let Some(at) = last_asked_at {
                entry.next_at = entry.next_at.max(later(at, entry.gap));
            }
        });
    }

    /// The hosts asked or sent to rest since the last call, by name: what a stage stores after its step.
    pub fn changes(&self) -> Vec<HostState> {
        let mut hosts = self.lock();
        let changed = |(key, host): (&Key, &mut Host)| {
            if std::mem::take(&mut host.is_changed) { host.state(key) } else { None }
        };
        hosts.iter_mut().filter_map(changed).collect()
    }

    /// All hosts known, by name.
    pub fn hosts(&self) -> Vec<HostState> {
        self.lock().iter().filter_map(|(key, host)| host.state(key)).collect()
    }

    /// Until when `host` rests, if it does.
    pub fn resting(&self, host: &str) -> Option<Timestamp> {
        let now = self.clock.now();
        self.lock().get(&Key::Domain(host.to_owned()))?.not_before.filter(|until| *until > now)
    }

    /// Notes that `url` of `host` was throttled, until `retry_after` if that was said. Many feeds share a host, so
    /// one URL speaks for itself only; a second one while the first still rests sends the whole host to rest.
    pub fn throttled(&self, host: &str, url: &str, retry_after: Option<Timestamp>) {
        let now = self.clock.now();
        let until = retry_after.unwrap_or_else(|| later(now, DEFAULT_REST));
        let url = Digest::of(url.as_bytes());
        self.with_host(&Key::Domain(host.to_owned()), |entry| match entry.suspect {
            Some((first, still)) if first != url && still > now => {
                entry.not_before = Some(entry.not_before.map_or(until, |known| known.max(until)));
                entry.is_changed = true;
            }
            _ => entry.suspect = Some((url, until)),
        });
    }

    /// Notes that a URL of `host` gave an answer: what was throttled before was not the host's doing.
    pub fn answered(&self, host: &str) {
        if let Some(entry) = self.lock().get_mut(&Key::Domain(host.to_owned())) {
            entry.suspect = None;
        }
    }

    /// Waits in the line of the registrable domain `host`. The gap is not waited for yet.
    ///
    /// # Errors
    /// Until when the host rests: nothing is asked, now or after waiting.
    pub async fn line(&self, host: &str) -> Result<InLine<'_>, Timestamp> {
        let key = Key::Domain(host.to_owned());
        // Both before and after: the one before us may have sent the host to rest.
        self.resting(host).map_or(Ok(()), Err)?;
        let permit = self.place(&key).await;
        self.resting(host).map_or(Ok(()), Err)?;
        Ok(InLine { polite: self, keys: vec![key], permits: vec![permit] })
    }

    async fn place(&self, key: &Key) -> Option<OwnedSemaphorePermit> {
        let turns = self.with_host(key, |entry| Arc::clone(&entry.turns));
        turns.acquire_owned().await.ok()
    }

    /// How long the holder of a place with all of `keys` must wait. Its start is taken: who comes next waits longer.
    fn reserve(&self, keys: &[Key]) -> Duration {
        let now = self.clock.now();
        let mut wait = Duration::ZERO;
        for key in keys {
            wait = wait.max(self.with_host(key, |entry| {
                let due = Duration::try_from(entry.next_at.duration_since(now)).unwrap_or_default();
                // No more than those in the line before us can have taken: a clock set back must not stop a host.
                due.min(entry.gap.saturating_mul(u32::try_from(self.per_host).unwrap_or(u32::MAX)))
            }));
        }
        let start = later(now, wait);
        for key in keys {
            self.with_host(key, |entry| entry.next_at = later(start, entry.gap));
        }
        wait
    }

    /// Marks the start or the end of a request: the gap counts from the later of both.
    fn mark(&self, keys: &[Key], is_start: bool) {
        let now = self.clock.now();
        for key in keys {
            self.with_host(key, |entry| {
                entry.next_at = entry.next_at.max(later(now, entry.gap));
                if is_start {
                    entry.last_asked_at = Some(now);
                    entry.is_changed = true;
                }
            });
        }
    }

    fn with_host<T>(&self, key: &Key, work: impl FnOnce(&mut Host) -> T) -> T {
        let now = self.clock.now();
        let mut hosts = self.lock();
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(key) {
            forget(&mut hosts, now);
        }
        let entry = hosts.entry(key.clone()).or_insert_with(|| Host {
            turns: Arc::new(Semaphore::new(self.per_host)),
            gap: self.gap_of(key),
            next_at: now,
            last_asked_at: None,
            not_before: None,
            suspect: None,
            is_changed: false,
        });
        work(entry)
    }

    fn gap_of(&self, key: &Key) -> Duration {
        let own = if let Key::Domain(host) = key { self.host_gaps.get(host) } else { None };
        own.copied().unwrap_or(self.gap)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    fn state(&self, key: &Key) -> Option<HostState> {
        let Key::Domain(host) = key else { return None };
        Some(HostState { host: host.clone(), last_asked_at: self.last_asked_at, not_before: self.not_before })
    }

    /// When the last thing known about it is over.
    fn over_at(&self) -> Timestamp {
        self.next_at.max(self.not_before.unwrap_or(Timestamp::MIN))
    }
}

/// Lets go of hosts that nobody waits for: all whose gap and rest are over, and if that is not enough those whose
/// rest ends first, down to seven eighths of the bound so that this is rare.
fn forget(hosts: &mut BTreeMap<Key, Host>, now: Timestamp) {
    let is_idle = |host: &Host| Arc::strong_count(&host.turns) == 1;
    hosts.retain(|_, host| !is_idle(host) || host.over_at() > now);
    let excess = hosts.len().saturating_sub(MAX_HOSTS / 8 * 7);
    let mut idle: Vec<(Timestamp, Key)> =
        hosts.iter().filter(|(_, host)| is_idle(host)).map(|(key, host)| (host.over_at(), key.clone())).collect();
    idle.sort();
    for (_, key) in idle.iter().take(excess) {
        hosts.remove(key);
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// First in the line of a domain.
pub struct InLine<'a> {
    polite: &'a Polite,
    keys: Vec<Key>,
    permits: Vec<Option<OwnedSemaphorePermit>>,
}

impl<'a> InLine<'a> {
    /// Waits for the lines of `addresses` too, then until every gap is over, then for a free place among all.
    ///
    /// Domains come before addresses and addresses in order, so no two can wait for each other; the place among all
    /// comes last, so who waits for a host holds up nobody else.
    pub async fn turn(mut self, addresses: &[IpAddr]) -> Turn<'a> {
        let mut addresses = addresses.to_vec();
        addresses.sort_unstable();
        addresses.dedup();
        for address in addresses {
            let key = Key::Address(address);
            self.permits.push(self.polite.place(&key).await);
            self.keys.push(key);
        }
        let wait = self.polite.reserve(&self.keys);
        if !wait.is_zero() {
            self.polite.pause.pause(wait).await;
        }
        self.permits.push(Arc::clone(&self.polite.everywhere).acquire_owned().await.ok());
        self.polite.mark(&self.keys, true);
        Turn { polite: self.polite, keys: self.keys, _permits: self.permits }
    }
}

/// Leave to make one request now. Hold it until the answer has been read; dropping it ends the request.
pub struct Turn<'a> {
    polite: &'a Polite,
    keys: Vec<Key>,
    _permits: Vec<Option<OwnedSemaphorePermit>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.polite.mark(&self.keys, false);
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
            let turn = self.polite.line(host).await.ok().unwrap().turn(&addresses).await;
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
        let first = bench.polite.line("a.test").await.ok().unwrap().turn(&[]).await;
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
        let first = bench.polite.line("a.test").await.ok().unwrap().turn(&[]).await;
        let second = bench.polite.line("a.test").await.ok().unwrap().turn(&[]).await;
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
        bench.polite.answered("a.test");
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
        bench.polite.seed("slow.test", Some(now()), None);
        assert!(bench.polite.changes().is_empty());
        bench.clock.advance(10);
        assert_eq!(bench.ask("slow.test", &["8.8.8.8"], 0).await, 50);
        let asked = HostState { host: "slow.test".to_owned(), last_asked_at: Some(after(60)), not_before: None };
        assert_eq!(bench.polite.hosts(), bench.polite.changes());
        assert_eq!(bench.polite.changes(), []);
        assert_eq!(bench.polite.hosts(), [asked]);
        bench.polite.seed("rest.test", None, Some(after(9000)));
        assert!(bench.polite.line("rest.test").await.is_err());
    }

    #[tokio::test]
    async fn a_clock_set_back_stops_no_host() {
        let bench = Bench::new();
        bench.polite.seed("a.test", Some(after(86400)), None);
        assert_eq!(bench.ask("a.test", &[], 0).await, 1);
    }

    #[tokio::test]
    async fn idle_hosts_are_forgotten() {
        let bench = Bench::new();
        bench.polite.seed("rest.test", None, Some(after(9000)));
        let held = bench.polite.line("held.test").await.ok().unwrap();
        for n in 0..MAX_HOSTS {
            bench.polite.seed(&format!("{n}.test"), Some(now()), None);
        }
        assert!(bench.polite.lock().len() <= MAX_HOSTS);
        bench.clock.advance(100);
        for n in 0..MAX_HOSTS {
            bench.polite.seed(&format!("n{n}.test"), None, None);
        }
        assert!(bench.polite.lock().len() <= MAX_HOSTS);
        assert!(bench.polite.resting("rest.test").is_some());
        assert!(bench.polite.lock().contains_key(&Key::Domain("held.test".to_owned())));
        drop(held);
    }
}
