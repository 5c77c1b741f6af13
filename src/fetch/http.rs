//! The network as a [`Fetch`]: a request comes in, is asked hop by hop, and its outcome goes out.
//!
//! Every hop, redirects and robots.txt included, passes the guard, the robots rules where they govern, and the
//! host's budget, in that order, and spends from one allowance of time. Never asks twice for the same thing, never
//! keeps or sends a cookie or a referrer, and names only hosts in what it tells.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, HOST, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION,
};
use reqwest::{Client, Response, StatusCode};
use url::{Position, Url};

use super::polite::{Polite, Turn};
use super::robots::cache::{Answer as RobotsAnswer, Known, RobotsCache, Verdict};
use super::{Early, Fetch, FetchRules, body, dial, failed, guard, head, refused, robots};
use crate::clock::Clock;
use crate::model::{Failure, FailureKind, Outcome, Page, Posted, Purpose, Refusal, Request, Validators};

mod allowance;
mod client;
mod post;
mod read;

use allowance::Allowance;
pub use client::SetupError;

/// More redirects than that lead nowhere (also RFC 9309 §2.3.1.2).
const MAX_REDIRECTS: usize = 5;

/// Asks the network. Share it with `Arc`: it keeps the connections and the robots rules.
pub struct HttpFetch {
    rules: FetchRules,
    client: Client,
    polite: Arc<Polite>,
    robots: RobotsCache,
    clock: Clock,
}

/// What is sent along.
struct Errand<'a> {
    accept: HeaderValue,
    /// For the address asked first only: they belong to the URL that gave them (POLITE.md S9).
    validators: &'a Validators,
    /// robots.txt governs every hop.
    is_governed: bool,
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
}

impl Fetch for HttpFetch {
    async fn fetch(&self, request: &Request) -> Outcome {
        self.get(request).await.unwrap_or_else(Outcome::from)
    }

    async fn post_form(&self, url: &str, form: &str) -> Posted {
        self.post(url, form).await
    }

    fn host_changes(&self) -> Vec<super::HostState> {
        self.polite.changes()
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
        Ok(Self { rules, client, polite, robots: RobotsCache::default(), clock })
    }

    async fn get(&self, request: &Request) -> Result<Outcome, Early> {
        let url = Url::parse(&request.url).map_err(|error| refused(format!("no address: {error}")))?;
        let errand = Errand {
            accept: head::accept(request.purpose),
            validators: &request.validators,
            is_governed: self.rules.robots && request.purpose == Purpose::Article,
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
            guard::check(&url, &self.rules).map_err(refused)?;
            if errand.is_governed {
                self.ask_leave(&url).await?;
            }
            let (response, turn) = self.ask(&url, errand, seen.is_empty(), time).await?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(Answer { response, _turn: turn, url, hops: seen.len(), is_permanent });
            }
            is_permanent &= matches!(status.as_u16(), 301 | 308);
            let next = redirect_target(&url, &response)?;
            guard::check_redirect(&url, &next).map_err(refused)?;
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
    async fn ask(
        &self,
        url: &Url,
        errand: &Errand<'_>,
        is_first: bool,
        time: &mut Allowance,
    ) -> Result<(Response, Turn<'_>), Early> {
        let domain = domain(url);
        let line = self.polite.line(&domain).await;
        let resting = |until| Early::Throttled { status: 429, retry_after: Some(until) };
        let line = line.map_err(resting)?;
        let route = time.spend(host(url), dial::route(url, &self.rules)).await??;
        let turn = line.turn(&route.counted).await;
        let (address, headers) = address_and_headers(url, &route, errand, is_first);
        let sending = self.client.get(address).headers(headers).send();
        let sent = time.spend(host(url), dial::CHECKED.scope(route.addresses, sending)).await?;
        let response = sent.map_err(|error| read::sending_failed(host(url), error))?;
        // A belt: the resolver and the guard have already seen to it.
        if let Some(Err(what)) = response.remote_addr().map(|at| guard::allowed(at.ip(), &self.rules.allow_private)) {
            return Err(refused(format!("{} answered from an address that is {what}", host(url))));
        }
        if is_throttled(response.status()) {
            let retry_after = head::retry_after(response.headers(), self.clock.now());
            self.polite.throttled(&domain, url.as_str(), retry_after);
        } else if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            self.polite.answered(&domain);
        }
        Ok((response, turn))
    }

    /// Whether robots.txt of the origin lets us ask for `url`.
    async fn ask_leave(&self, url: &Url) -> Result<(), Early> {
        let origin = url.origin().ascii_serialization();
        match self.robots.verdict(&origin, &self.clock, self.ask_robots(url.clone())).await {
            Verdict::Closed(early) => Err(early),
            Verdict::Open(rules) => rules
                .allows(&url[Position::BeforePath..Position::AfterQuery])
                .map_err(|rule| Early::Refused(Refusal::Robots(rule))),
        }
    }

    /// The robots.txt of `url`'s origin. Boxed, since it goes the way it is part of.
    fn ask_robots(&self, mut url: Url) -> Pin<Box<dyn Future<Output = Known> + Send + '_>> {
        url.set_path("/robots.txt");
        url.set_query(None);
        Box::pin(async move {
            let asked = self.read_robots(url).await;
            Known::of(asked, self.clock.now())
        })
    }

    async fn read_robots(&self, url: Url) -> Result<RobotsAnswer, Early> {
        let errand = Errand {
            accept: HeaderValue::from_static("text/plain, */*;q=0.1"),
            validators: &Validators::default(),
            is_governed: false,
        };
        let mut time = Allowance::new(self.rules.timeout);
        let answer = self.chase(url, &errand, &mut time).await?;
        let status = answer.response.status().as_u16();
        let retry_after = head::retry_after(answer.response.headers(), self.clock.now());
        let mut bytes = Vec::new();
        if (200..300).contains(&status) {
            let limits =
                read::Limits { max: 2 * robots::MAX_BYTES, enough: Some(|read| read.len() > robots::MAX_BYTES) };
            bytes = read::whole(answer.response, host(&answer.url), limits, &mut time).await?.bytes;
        }
        Ok(RobotsAnswer { status, retry_after, bytes })
    }

    /// What the answer means.
    async fn conclude(&self, answer: Answer<'_>, request: &Request, time: &mut Allowance) -> Result<Outcome, Early> {
        let (status, headers) = (answer.response.status(), answer.response.headers());
        match status.as_u16() {
            200 | 226 => return self.page(answer, request, time).await.map(Outcome::Fresh),
            304 if answer.hops == 0 && request.validators != Validators::default() => {
                let (validators, freshness) = (head::validators(headers), head::freshness(headers));
                return Ok(Outcome::Unchanged { validators, freshness });
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
            moved_to: (answer.hops > 0 && answer.is_permanent).then(|| answer.url.to_string()),
            status: answer.response.status().as_u16(),
            media_type,
            charset,
            language: head::language(headers),
            validators: head::validators(headers),
            freshness: head::freshness(headers),
            links: head::links(headers),
            ..Page::default()
        };
        let limits = read::Limits { max: self.rules.max_body, enough: request.enough };
        let read = read::whole(answer.response, host(&answer.url), limits, time).await?;
        (page.bytes, page.wire_bytes, page.partial) = (read.bytes, read.wire_bytes, read.is_partial);
        page.final_url = answer.url.into();
        Ok(page)
    }
}

/// Where the client is sent, and with what. A rerouted host keeps its own name in `Host`; the port is the target's,
/// since the client dials the port that an address names.
fn address_and_headers(url: &Url, route: &dial::Route, errand: &Errand<'_>, is_first: bool) -> (Url, HeaderMap) {
    let mut address = url.clone();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, errand.accept.clone());
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPT_ENCODING));
    if let (true, Some(port), Some(target)) = (route.rerouted, url.port(), route.addresses.first())
        && address.set_port(Some(target.port())).is_ok()
        && let Ok(authority) = HeaderValue::from_str(&format!("{}:{port}", host(url)))
    {
        headers.insert(HOST, authority);
    }
    if is_first {
        let back = |kept: &Option<String>| kept.as_deref().and_then(head::verbatim);
        headers.extend(back(&errand.validators.etag).map(|value| (IF_NONE_MATCH, value)));
        headers.extend(back(&errand.validators.last_modified).map(|value| (IF_MODIFIED_SINCE, value)));
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

fn is_throttled(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 503)
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// The registrable domain, by which hosts are counted.
fn domain(url: &Url) -> String {
    crate::url::registrable_domain(url.as_str()).unwrap_or_else(|| host(url).to_owned())
}
