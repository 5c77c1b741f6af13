//! What publishers make us ask: addresses that lead to this machine or its network, in every disguise.
//!
//! 127.0.0.1 plays the internet here, and is allowed; 127.0.0.2 plays the inside: whoever comes there is counted.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use newswire::clock::Clock;
use newswire::fetch::dial::{Addresses, Lookup};
use newswire::fetch::guard::Network;
use newswire::fetch::http::HttpFetch;
use newswire::fetch::polite::{Pause, Polite};
use newswire::fetch::{Fetch, FetchRules};
use newswire::model::{Delivery, Outcome, Posted, Purpose, Request, Validators};

use crate::support::playhouse::{Asked, Playhouse, Reply};

/// A service of the inside, which answers nothing and counts who comes.
pub struct Inside {
    pub at: SocketAddr,
    came: Arc<AtomicUsize>,
}

impl Inside {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let (at, came) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&came);
        std::thread::spawn(move || {
            for visit in listener.incoming() {
                drop(visit);
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { at, came }
    }

    /// Fails where anybody came.
    #[track_caller]
    pub fn is_untouched(&self) {
        assert_eq!(self.came.load(Ordering::SeqCst), 0, "somebody came to {}", self.at);
    }
}

/// No wait is waited.
struct AtOnce;

impl Pause for AtOnce {
    fn pause(&self, _wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// A resolver that says one thing after the other; the last one for ever. It counts the questions.
struct Names {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Lookup for Names {
    fn look_up<'a>(&'a self, _host: &'a str, _port: u16) -> Addresses<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(std::future::ready(Ok(answer.unwrap_or_default())))
    }
}

/// A publisher, the inside, and a client between them.
struct Stage {
    house: Playhouse,
    inside: Inside,
    fetch: HttpFetch,
}

impl Stage {
    /// `a.test` and `b.test` are the publisher's names.
    async fn new(script: impl Fn(&Asked, SocketAddr) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(&[], script).await
    }

    /// All names mean what `answers` say, one after the other: the publisher (`true`) or the inside.
    async fn resolving(answers: &[&[bool]]) -> (Self, Arc<Names>) {
        let stage = Self::with(answers, |asked, _| match asked.path.as_str() {
            "/hop" => Reply::redirect(302, "/next"),
            _ => Reply::ok("x").header("Connection", "close"),
        })
        .await;
        let (outside, inside) = (stage.house.address(), stage.inside.at);
        let of = |answer: &&[bool]| answer.iter().map(|is_out| if *is_out { outside } else { inside }).collect();
        let names =
            Arc::new(Names { answers: Mutex::new(answers.iter().map(of).collect()), asked: AtomicUsize::new(0) });
        let Self { house, inside, fetch } = stage;
        (Self { house, inside, fetch: fetch.with_names(Arc::clone(&names) as Arc<dyn Lookup>) }, names)
    }

    async fn with(names: &[&[bool]], script: impl Fn(&Asked, SocketAddr) -> Reply + Send + Sync + 'static) -> Self {
        Self::within(names, vec![("127.0.0.1".parse().unwrap(), 32)], script).await
    }

    /// The same, where only the networks `allowed` may be asked beside the internet.
    async fn within(
        names: &[&[bool]],
        allowed: Vec<Network>,
        script: impl Fn(&Asked, SocketAddr) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let clock = Clock::manual("2026-01-02T00:00:00Z".parse().unwrap());
        let inside = Inside::open();
        let target = inside.at;
        let house = Playhouse::open(clock.clone(), move |asked| script(asked, target)).await;
        let hosts = ["a.test", "b.test"].map(|host| (host.to_owned(), house.address()));
        let rules = FetchRules {
            allow_private: allowed,
            connect_to: if names.is_empty() { BTreeMap::from(hosts) } else { BTreeMap::new() },
            ports: vec![80, 443, inside.at.port(), house.address().port()],
            timeout: Duration::from_secs(5),
            ..FetchRules::default()
        };
        let polite = Arc::new(Polite::with_pause(&rules, clock.clone(), Arc::new(AtOnce)));
        let fetch = HttpFetch::new(rules, polite, clock).unwrap();
        Self { house, inside, fetch }
    }

    async fn ask(&self, url: &str, purpose: Purpose) -> Outcome {
        let request = Request {
            url: url.to_owned(),
            purpose,
            validators: Validators::default(),
            validators_of: None,
            enough: None,
        };
        self.fetch.fetch(&request).await
    }

    /// Asks for each of `hosts` (`PORT` in it is that of the inside); none may be asked. Says why, of the last one.
    async fn refuses(&self, hosts: &[&str]) -> String {
        let mut why = String::new();
        for host in hosts {
            let url = format!("http://{host}/").replace("PORT", &self.inside.at.port().to_string());
            for purpose in [Purpose::Feed, Purpose::Article, Purpose::Discovery, Purpose::Picture] {
                let outcome = self.ask(&url, purpose).await;
                let Outcome::Refused(refusal) = &outcome else { panic!("{url}: {outcome:?}") };
                why = refusal.to_string();
            }
        }
        self.inside.is_untouched();
        assert_eq!(self.house.log().len(), 0, "{:?}", self.house.visits());
        format!("{} of {} refused: {why}", hosts.len(), hosts.len())
    }
}

/// A stage on which nothing is played.
async fn stage() -> Stage {
    Stage::new(|_, _| Reply::ok("x")).await
}

pub async fn plain() -> String {
    let hosts = [
        "127.0.0.2:PORT",
        "0.0.0.0:PORT",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.254",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.251",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "169.254.169.254",
    ];
    stage().await.refuses(&hosts).await
}

pub async fn spelled() -> String {
    let hosts = [
        "2130706434:PORT",
        "0177.0.0.2:PORT",
        "017700000002:PORT",
        "0x7f.0.0.2:PORT",
        "0x7f000002:PORT",
        "0x7f.2:PORT",
        "127.2:PORT",
        "127.0.2:PORT",
        "127.0.0.2.:PORT",
        "１２７.０.０.２:PORT",
        "127。0。0。2:PORT",
        "%31%32%37.0.0.2:PORT",
        "①②⑦.0.0.2:PORT",
    ];
    stage().await.refuses(&hosts).await
}

pub async fn carried() -> String {
    let hosts = [
        "[::ffff:127.0.0.2]:PORT",
        "[::ffff:7f00:2]:PORT",
        "[0:0:0:0:0:ffff:169.254.169.254]",
        "[::127.0.0.2]:PORT",
        "[::ffff:0:127.0.0.2]:PORT",
        "[64:ff9b::127.0.0.2]:PORT",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::8.8.8.8]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[2002:7f00:2::]:PORT",
        "[2002:808:808::1]",
    ];
    stage().await.refuses(&hosts).await
}

pub async fn named() -> String {
    // Without the network that plays the internet elsewhere: this machine is inside.
    let stage = Stage::within(&[], Vec::new(), |_, _| Reply::ok("x")).await;
    stage.refuses(&["localhost:PORT", "LOCALHOST:PORT", "LocalHost:PORT"]).await
}

pub async fn hidden() -> String {
    let hosts = [
        "a.test@127.0.0.2:PORT",
        "a.test:80@127.0.0.2:PORT",
        "127.0.0.2:PORT\\@a.test",
        "127.0.0.2:PORT#@a.test",
        "127.0.0.2:PORT?@a.test",
        "127.0.0.2:PORT/a.test",
        "\t127.0.0.2\n:PORT",
        "user:pass@a.test",
    ];
    stage().await.refuses(&hosts).await
}

pub async fn elsewhere() -> String {
    let stage = stage().await;
    let urls = [
        "file:///etc/passwd",
        "ftp://a.test/",
        "gopher://127.0.0.2:6379/_FLUSHALL",
        "data:text/xml,<rss/>",
        "unix:/run/x.sock",
        "javascript:alert(1)",
        "http://8.8.8.8:25/",
        "http://[2001:4860:4860::8888]:6379/",
    ];
    let mut why = String::new();
    for url in urls {
        let outcome = stage.ask(url, Purpose::Feed).await;
        let Outcome::Refused(refusal) = &outcome else { panic!("{url}: {outcome:?}") };
        why = refusal.to_string();
    }
    stage.inside.is_untouched();
    format!("{} of {} refused: {why}", urls.len(), urls.len())
}

/// Every address redirects inside, each in its own words.
fn turned(asked: &Asked, inside: SocketAddr) -> Reply {
    let port = inside.port();
    let target = match asked.path.trim_start_matches('/') {
        "0" => format!("http://127.0.0.2:{port}/"),
        "1" => format!("//2130706434:{port}/"),
        "2" => format!("http://[::ffff:127.0.0.2]:{port}/"),
        "3" => format!("http://[::1]:{port}/"),
        "4" => "http://169.254.169.254/latest/meta-data/".to_owned(),
        "5" => format!("http:\\\\127.0.0.2:{port}\\"),
        "hop" => "/0".to_owned(),
        _ => format!("http://127.0.0.2:{port}{}", asked.path),
    };
    Reply::redirect([301, 302, 303, 307, 308][asked.path.len() % 5], &target)
}

pub async fn redirected() -> String {
    let stage = Stage::new(turned).await;
    let mut refused = 0;
    for path in ["0", "1", "2", "3", "4", "5", "hop"] {
        for purpose in [Purpose::Feed, Purpose::Article, Purpose::Discovery, Purpose::Picture, Purpose::Image] {
            let outcome = stage.ask(&format!("http://a.test/{path}"), purpose).await;
            assert!(matches!(outcome, Outcome::Refused(_)), "{path}: {outcome:?}");
            refused += 1;
        }
    }
    stage.inside.is_untouched();
    format!("{refused} of {refused} refused after the answer of the first host")
}

fn is_refused(posted: &Posted) -> String {
    let Posted::Failed(failure) = posted else { panic!("{posted:?}") };
    assert!(failure.detail.contains(" is ") || failure.detail.contains("user name"), "{failure:?}");
    failure.detail.clone()
}

pub async fn hubs() -> String {
    let stage = Stage::new(turned).await;
    let port = stage.inside.at.port();
    let mut why = String::new();
    for hub in
        [&format!("http://127.0.0.2:{port}/"), "http://[::1]/", "http://a.test/5555555", "http://a.test/55555555"]
    {
        why = is_refused(&stage.fetch.post_form(hub, "hub.mode=subscribe").await);
    }
    stage.inside.is_untouched();
    format!("4 of 4 refused: {why}")
}

pub async fn callbacks() -> String {
    let stage = Stage::new(turned).await;
    let port = stage.inside.at.port();
    let deliver = async |url: &str| {
        let (media_type, links) = ("text/xml".to_owned(), "<x>; rel=self".to_owned());
        let delivery = Delivery { url: url.to_owned(), media_type, links, signature: None, body: b"x"[..].into() };
        stage.fetch.deliver(&delivery).await
    };
    let mut why = String::new();
    for url in [&format!("http://127.0.0.2:{port}/"), "http://10.0.0.1/", "http://u:p@a.test/"] {
        why = is_refused(&deliver(url).await);
    }
    // Content goes where it was confirmed, and nowhere else.
    let moved = deliver("http://a.test/5555555").await;
    assert!(matches!(&moved, Posted::Failed(failure) if failure.status.is_some()), "{moved:?}");
    stage.inside.is_untouched();
    format!("refused: {why}; a redirect of content is not followed")
}

fn outside_port(stage: &Stage) -> u16 {
    stage.house.address().port()
}

pub async fn rebound() -> String {
    let (stage, names) = Stage::resolving(&[&[true], &[false]]).await;
    let url = format!("http://rebound.test:{}/", outside_port(&stage));
    let outcome = stage.ask(&url, Purpose::Feed).await;
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    stage.inside.is_untouched();
    assert_eq!((names.asked.load(Ordering::SeqCst), stage.house.log().len()), (1, 1));
    "the name was looked up once, and what was checked was dialled".to_owned()
}

pub async fn rebound_on_redirect() -> String {
    let (stage, _) = Stage::resolving(&[&[true], &[false]]).await;
    let outcome = stage.ask(&format!("http://rebound.test:{}/hop", outside_port(&stage)), Purpose::Feed).await;
    let Outcome::Refused(why) = &outcome else { panic!("{outcome:?}") };
    stage.inside.is_untouched();
    format!("refused at the second hop: {why}")
}

pub async fn rebound_between_polls() -> String {
    let (stage, _) = Stage::resolving(&[&[true], &[false]]).await;
    let url = format!("http://rebound.test:{}/", outside_port(&stage));
    assert!(matches!(stage.ask(&url, Purpose::Feed).await, Outcome::Fresh(_)));
    for purpose in [Purpose::Feed, Purpose::Picture] {
        let outcome = stage.ask(&url, purpose).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
    stage.inside.is_untouched();
    "asked the first time, refused the second time".to_owned()
}

pub async fn mixed() -> String {
    let (stage, _) = Stage::resolving(&[&[false, true]]).await;
    let outcome = stage.ask(&format!("http://mixed.test:{}/", outside_port(&stage)), Purpose::Feed).await;
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    stage.inside.is_untouched();
    "the public one was dialled, the other was not".to_owned()
}
