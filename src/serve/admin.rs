//! What operators may ask for, on a listener of its own.
//!
//! In come requests, out go health, numbers, state and explanations. Nothing is cached by anyone. A request
//! must name the listener by address or as localhost, so that a web page whose name is made to point here
//! (DNS rebinding) reads nothing. It never changes anything: every address is a GET.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::metrics::{self, Traffic};
use super::{Answers, Check};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const ATOM: HeaderValue = HeaderValue::from_static("application/atom+xml; charset=utf-8");
const NUMBERS: HeaderValue = HeaderValue::from_static(metrics::MEDIA_TYPE);

/// What the admin side needs to know.
#[derive(Debug, Clone, Default)]
pub struct AdminSettings {
    /// Names besides `localhost` by which the listener may be asked, e.g. a container's; without port.
    /// Default none.
    pub hosts: Vec<String>,
    /// Content-Security-Policy of pages. Default none, which allows nothing.
    pub csp: String,
}

/// Answers operators.
#[derive(Debug)]
pub struct Admin {
    router: TowerToHyperService<Router>,
    settings: AdminSettings,
}

#[derive(Clone)]
struct Desk {
    answers: Answers,
    traffic: Arc<Traffic>,
    policy: HeaderValue,
}

#[derive(Debug, serde::Deserialize)]
struct Question {
    story: Option<String>,
    url: Option<String>,
}

impl Admin {
    /// The admin side over `answers`; `traffic` is that of the public side.
    #[must_use]
    pub fn new(settings: AdminSettings, answers: Answers, traffic: Arc<Traffic>) -> Self {
        // A policy that is no header value must not mean no policy.
        let policy = HeaderValue::try_from(&settings.csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let router = Router::new()
            .route("/livez", get(live))
            .route("/readyz", get(ready))
            .route("/metrics", get(numbers))
            .route("/status", get(status))
            .route("/explain", get(explain))
            .route("/health.atom", get(incidents))
            .route("/health", get(health_page))
            .fallback(|| async { (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], "nothing here\n") })
            .with_state(Desk { answers, traffic, policy });
        Self { router: TowerToHyperService::new(router), settings }
    }

    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response {
        let mut response = if is_ours(request.uri(), request.headers(), &self.settings.hosts) {
            self.router.call(request).await.unwrap_or_else(|never| match never {})
        } else {
            let why = "ask by address, as localhost, or by a name that the configuration allows\n";
            (StatusCode::MISDIRECTED_REQUEST, [(CONTENT_TYPE, TEXT)], why).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
        response
    }
}

/// Does the request name this listener by an IP address, as localhost, or by one of `hosts`?
fn is_ours(target: &Uri, headers: &HeaderMap, hosts: &[String]) -> bool {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    // A target with a host of its own outranks the header (RFC 9112 3.2.2), so both must be ours.
    [named, target.authority().map(axum::http::uri::Authority::as_str).or(named)].iter().all(|host| {
        host.is_some_and(|host| {
            let name = without_port(host);
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<Ipv4Addr>().is_ok()
                || name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).is_some_and(is_ipv6)
                || hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
        })
    })
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

async fn live(State(desk): State<Desk>) -> Response {
    health(&desk.answers.live, "alive\n")
}

async fn ready(State(desk): State<Desk>) -> Response {
    health(&desk.answers.ready, "ready\n")
}

fn health(check: &Check, well: &'static str) -> Response {
    match check() {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], well).into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, TEXT)], format!("{why}\n")).into_response(),
    }
}

async fn numbers(State(desk): State<Desk>) -> Response {
    let read = move || {
        let mut samples = desk.traffic.samples();
        samples.extend((desk.answers.samples)());
        Some(metrics::text(samples))
    };
    match aside(read).await {
        Some(text) => ([(CONTENT_TYPE, NUMBERS)], text).into_response(),
        None => failed(),
    }
}

async fn incidents(State(desk): State<Desk>) -> Response {
    match aside(move || (desk.answers.health)()).await {
        Some(text) => ([(CONTENT_TYPE, ATOM)], text).into_response(),
        None => failed(),
    }
}

async fn health_page(State(desk): State<Desk>) -> Response {
    match aside(move || (desk.answers.health_page)()).await {
        Some(text) => ([(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, desk.policy)], text).into_response(),
        None => failed(),
    }
}

async fn status(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    match aside(move || Some((desk.answers.status)())).await {
        Some(value) => show(&value, &headers),
        None => failed(),
    }
}

async fn explain(State(desk): State<Desk>, Query(question): Query<Question>, headers: HeaderMap) -> Response {
    let Some(subject) = question.story.or(question.url) else {
        let usage = "ask /explain?story=ID or /explain?url=ADDRESS\n";
        return (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, TEXT)], usage).into_response();
    };
    match aside(move || Some((desk.answers.explain)(&subject))).await {
        Some(Some(value)) => show(&value, &headers),
        Some(None) => (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], "no such story or article\n").into_response(),
        None => failed(),
    }
}

/// Runs what may block on a thread for that; `None` if it failed.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => {
            tracing::error!(%error, "an admin answer failed");
            None
        }
    }
}

fn failed() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, TEXT)], "this could not be told; see the log\n").into_response()
}

/// JSON, or the same in a page for a browser.
fn show(value: &serde_json::Value, headers: &HeaderMap) -> Response {
    let text = format!("{value:#}\n");
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        let page =
            format!("<!doctype html><meta charset=\"utf-8\"><title>Newswire</title><pre>{}</pre>\n", escape(&text));
        return ([(CONTENT_TYPE, HTML)], Body::from(page)).into_response();
    }
    ([(CONTENT_TYPE, JSON)], Body::from(text)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_ours() {
        let check = |target: &str, host: Option<&str>, expect| {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(HOST, HeaderValue::from_str(host).unwrap());
            }
            let hosts = ["newswire".to_owned()];
            assert_eq!(is_ours(&target.parse().unwrap(), &headers, &hosts), expect, "{target} {host:?}");
        };
        check("/", Some("127.0.0.1"), true);
        check("/", Some("127.0.0.1:8081"), true);
        check("/", Some("10.0.0.3:8081"), true);
        check("/", Some("localhost"), true);
        check("/", Some("LOCALHOST:8081"), true);
        check("/", Some("[::1]"), true);
        check("/", Some("[::1]:8081"), true);
        check("/", Some("newswire:8081"), true);
        check("/", Some("evil.example"), false);
        check("/", Some("evil.example:8081"), false);
        check("/", Some("127.0.0.1.evil.example"), false);
        check("/", Some("localhost.evil.example"), false);
        check("/", Some("[::1].evil.example"), false);
        check("/", Some("127.0.0.1:80:evil"), false);
        check("/", Some(""), false);
        check("/", None, false);
        check("http://evil.example/", Some("localhost"), false);
        check("http://localhost/", Some("evil.example"), false);
        check("http://127.0.0.1:8081/", Some("localhost"), true);
    }

    #[test]
    fn pages_escape() {
        assert_eq!(escape("<b>&\"x\""), "&lt;b&gt;&amp;\"x\"");
    }
}
