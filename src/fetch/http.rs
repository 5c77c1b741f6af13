//! The network as a [`Fetch`]: a request comes in, is asked hop by hop, and its outcome goes out.
//!
//! Every hop, redirects and robots.txt included, passes the guard, the robots rules where they govern, and the
//! host's budget, in that order, and spends from one allowance of time. Never asks twice for the same thing, never
//! keeps or sends a cookie or a referrer, and names only hosts in what it tells.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::header::{CONNECTION, HOST, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::dial::{Lookup, Resolver};
use super::polite::{Polite, Turn};
use super::robots::RobotsState;
use super::robots::cache::RobotsCache;
use super::tally::{HostClass, Tally};
use super::{Early, Fetch, FetchRules, dial, failed, guard, head, refused};
use crate::clock::Clock;
use crate::model::{Delivery, Failure, FailureKind, Outcome, Page, Posted, Purpose, Refusal, Request, Validators};

mod allowance;
mod client;
mod errand;
mod kept;
mod leave;
mod post;
mod read;

use allowance::Allowance;
pub use client::SetupError;
use errand::Errand;
use kept::Kept;

/// More redirects than that lead nowhere (also RFC 9309 §2.3.1.2).
const MAX_REDIRECTS: usize = 5;

/// Asks the network. Share it with `Arc`: it keeps the connections and the robots rules.
pub struct HttpFetch {
    rules: FetchRules,
    client: Client,
    polite: Arc<Polite>,
    robots: RobotsCache,
    kept: Kept,
    clock: Clock,
    names: Arc<dyn Lookup>,
    tally: Arc<Tally>,
}

/// An answer that is no redirect, its body still to be read. The turn lasts until this is dropped.
struct Answer<'a> {
    /// Before the turn, so that the connection is done when the turn ends.
    response: Response,
    _turn: Turn<'a>,
    url: Url,
    hops: usize,
    /// Every redirect on the way was a 301 or 308.
    is_permanent: bool,
    /// Validators went with the hop that answered.
    is_conditional: bool,
}

impl Answer<'_> {
    /// Where the asked address has moved for good.
    fn moved_to(&self) -> Option<String> {
        (self.hops > 0 && self.is_permanent).then(|| self.url.to_string())
    }
}

impl Fetch for HttpFetch {
    async fn fetch(&self, request: &Request) -> Outcome {
        let outcome = self.get(request).await.unwrap_or_else(Outcome::from);
        self.tally.note(request.purpose, HostClass::of(&request.url, &self.rules), &outcome);
        outcome
    }

    async fn post_form(&self, url: &str, form: &str) -> Posted {
        self.post(url, form).await
    }

    async fn deliver(&self, delivery: &Delivery) -> Posted {
        self.post_content(delivery).await
    }

    fn host_changes(&self) -> Vec<super::HostState> {
        self.polite.changes()
    }

    fn robots_changes(&self) -> Vec<RobotsState> {
        self.robots.learnt()
    }
}

impl HttpFetch {
    /// A fetcher under `rules`, on the budgets of `polite`, which all fetchers of a process share.
    ///
    /// # Errors
    /// When `rules` hold a user agent that is no header value or certificates that are none, or TLS cannot be set up.
    pub fn new(mut rules: FetchRules, polite: Arc<Polite>, clock: Clock) -> Result<Self, SetupError> {
        let client = client::build(&rules)?;
        // Hosts come out of the URL parser in lower case.
        rules.connect_to = rules.connect_to.into_iter().map(|(host, to)| (host.to_ascii_lowercase(), to)).collect();
        let kept = Kept::new(rules.idle);
        let (names, tally) = (Arc::new(Resolver), Arc::default());
        Ok(Self { rules, client, polite, robots: RobotsCache::default(), kept, clock, names, tally })
    }

    /// The same, with names looked up by `names`.
    #[must_use]
    pub fn with_names(self, names: Arc<dyn Lookup>) -> Self {
        Self { names, ..self }
    }

    /// The same, counting in `tally`.
    #[must_use]
    pub fn counting(self, tally: Arc<Tally>) -> Self {
        Self { tally, ..self }
    }

    /// Loads what hosts said in their robots.txt to an earlier run.
    pub fn know_robots(&self, states: &[RobotsState]) {
        self.robots.seed(states, self.clock.now());
    }

    async fn get(&self, request: &Request) -> Result<Outcome, Early> {
        let url = Url::parse(&request.url).map_err(|error| refused(format!("no address: {error}")))?;
        let errand = Errand {
            accept: head::accept(request.purpose),
            validators: request.validators_of.as_deref().zip(Some(&request.validators)),
            takes_deltas: matches!(request.purpose, Purpose::Feed | Purpose::Discovery),
            is_head: request.purpose == Purpose::Image,
            is_governed: self.rules.robots && request.purpose != Purpose::Feed,
        };
        let mut time = Allowance::new(self.rules.timeout);
        let answer = self.chase(url, &errand, &mut time).await?;
        self.conclude(answer, request, &mut time).await
    }

    /// Asks `url` and follows its redirects.
    async fn chase(&self, mut url: Url, errand: &Errand<'_>, time: &mut Allowance) -> Result<Answer<'_>, Early> {
        let mut seen: Vec<String> = Vec::new();
        let mut is_permanent = true;
        loop {
            url.set_fragment(None);
            guard::check(&url, &self.rules).map_err(|why| on_the_way(refused(why), &seen))?;
            if errand.is_governed {
                self.ask_leave(&url).await?;
            }
            let (response, turn) = self.ask(&url, errand, time).await.map_err(|early| on_the_way(early, &seen))?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                let is_conditional = errand.validators_for(&url).is_some_and(|sent| *sent != Validators::default());
                return Ok(Answer { response, _turn: turn, url, hops: seen.len(), is_permanent, is_conditional });
            }
            is_permanent &= matches!(status.as_u16(), 301 | 308);
            let next = redirect_target(&url, &response)?;
            guard::check_redirect(&url, &next).map_err(|why| Early::Refused(Refusal::Redirect(why)))?;
            seen.push(url.into());
            if seen.iter().any(|known| known == next.as_str()) {
                return Err(failed(FailureKind::Redirects, format!("{} redirects in a circle", host(&next))));
            }
            if seen.len() > MAX_REDIRECTS {
                return Err(failed(FailureKind::Redirects, format!("more than {MAX_REDIRECTS} redirects")));
            }
            url = next;
        }
    }

    /// One request, when it is its turn.
    async fn ask(&self, url: &Url, errand: &Errand<'_>, time: &mut Allowance) -> Result<(Response, Turn<'_>), Early> {
        self.exchange(url, time, |address, headers| {
            errand.add_to(headers, url);
            self.client.get(address)
        })
        .await
    }

    /// The same, whatever the method. `prepare` is given the address to dial and adds its own headers.
    async fn exchange(
        &self,
        url: &Url,
        time: &mut Allowance,
        prepare: impl FnOnce(Url, &mut HeaderMap) -> RequestBuilder,
    ) -> Result<(Response, Turn<'_>), Early> {
        let domain = domain(url);
        let line = self.polite.line(&domain).await;
        let line = line.map_err(|until| Early::Refused(Refusal::Resting(until)))?;
        let route = time.spend(host(url), dial::route(url, &self.rules, self.names.as_ref())).await??;
        let dial::Route { addresses, counted, rerouted } = route;
        let turn = line.turn(counted).await;
        let target = addresses.first().filter(|_| rerouted).map(SocketAddr::port);
        let (address, mut headers) = address_and_host(url, target);
        if !self.kept.may_keep(url, Instant::now()) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let sending = prepare(address, &mut headers).headers(headers).send();
        let sent = time.spend(host(url), dial::CHECKED.scope(addresses, sending)).await?;
        let response = sent.map_err(|error| read::sending_failed(host(url), error))?;
        // A belt: the resolver and the guard have already seen to it.
        if let Some(Err(what)) = response.remote_addr().map(|at| guard::allowed(at.ip(), &self.rules.allow_private)) {
            return Err(refused(format!("{} answered from an address that is {what}", host(url))));
        }
        if is_throttled(response.status()) {
            let retry_after = head::retry_after(response.headers(), self.clock.now());
            turn.throttled(url.as_str(), retry_after);
        } else if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            turn.answered();
        }
        Ok((response, turn))
    }

    /// What the answer means.
    async fn conclude(&self, answer: Answer<'_>, request: &Request, time: &mut Allowance) -> Result<Outcome, Early> {
        let (status, headers) = (answer.response.status(), answer.response.headers());
        match status.as_u16() {
            200 | 226 => return self.page(answer, request, time).await.map(Outcome::Fresh),
            // Asked for with a range alone.
            206 if request.purpose == Purpose::Image => {
                return self.page(answer, request, time).await.map(Outcome::Fresh);
            }
            304 if answer.is_conditional => {
                let (validators, freshness) = (head::validators(headers), head::freshness(headers, self.clock.now()));
                return Ok(Outcome::Unchanged { validators, freshness, moved_to: answer.moved_to() });
            }
            429 | 503 => {
                let retry_after = head::retry_after(headers, self.clock.now());
                return Ok(Outcome::Throttled { status: status.as_u16(), retry_after });
            }
            // Behind a temporary redirect it is the target that is gone, not what was asked.
            410 if answer.is_permanent => return Ok(Outcome::Gone),
            _ => {}
        }
        let detail = format!("{status} from {}", host(&answer.url));
        Err(Early::Failed(Failure { kind: FailureKind::Status, status: Some(status.as_u16()), detail }))
    }

    async fn page(&self, answer: Answer<'_>, request: &Request, time: &mut Allowance) -> Result<Page, Early> {
        let headers = answer.response.headers();
        let (media_type, charset) = head::content_type(headers);
        let mut page = Page {
            moved_to: answer.moved_to(),
            status: answer.response.status().as_u16(),
            is_conditional: answer.is_conditional,
            is_delta: answer.is_conditional
                && answer.response.status() == StatusCode::IM_USED
                && head::is_delta(headers),
            media_type,
            charset,
            language: head::language(headers),
            validators: head::validators(headers),
            freshness: head::freshness(headers, self.clock.now()),
            links: head::links(headers),
            ..Page::default()
        };
        let limits =
            read::Limits { max: self.rules.max_body, enough: request.enough.map(|judge| judge(answer.url.as_str())) };
        let read = read::whole(answer.response, host(&answer.url), limits, time).await?;
        (page.bytes, page.wire_bytes, page.partial) = (read.bytes, read.wire_bytes, read.is_partial);
        page.final_url = answer.url.into();
        Ok(page)
    }
}

/// Where the client is sent. A rerouted host keeps its own name in `Host`; the port is the target's, since the client
/// dials the port that an address names.
fn address_and_host(url: &Url, rerouted: Option<u16>) -> (Url, HeaderMap) {
    let mut address = url.clone();
    let mut headers = HeaderMap::new();
    if let (Some(port), Some(target)) = (url.port(), rerouted)
        && address.set_port(Some(target)).is_ok()
        && let Ok(authority) = HeaderValue::from_str(&format!("{}:{port}", host(url)))
    {
        headers.insert(HOST, authority);
    }
    (address, headers)
}

fn redirect_target(url: &Url, response: &Response) -> Result<Url, Early> {
    let location = response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut target = location
        .filter(|location| !location.trim().is_empty())
        .and_then(|location| url.join(location.trim()).ok())
        .ok_or_else(|| failed(FailureKind::Redirects, format!("{} redirects without a target", host(url))))?;
    target.set_fragment(None);
    Ok(target)
}

/// What kept us from asking a hop. Behind a redirect the address itself was asked, so it is no refusal to ask.
fn on_the_way(early: Early, seen: &[String]) -> Early {
    match early {
        Early::Refused(Refusal::Guard(why)) if !seen.is_empty() => Early::Refused(Refusal::Redirect(why)),
        Early::Refused(Refusal::Resting(until)) if !seen.is_empty() => {
            Early::Throttled { status: 429, retry_after: Some(until) }
        }
        early => early,
    }
}

fn is_throttled(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 503)
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// The registrable domain, by which hosts are counted.
fn domain(url: &Url) -> String {
    crate::url::registrable_domain_of(url).unwrap_or_else(|| host(url).to_owned())
}
