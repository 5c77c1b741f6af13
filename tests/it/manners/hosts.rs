//! S2, S18 to S21 and S25 to S28: what hosts see of us.

use std::collections::BTreeSet;
use std::future::Future;
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use newswire::clock::Clock;
use newswire::fetch::http::HttpFetch;
use newswire::fetch::polite::Polite;
use newswire::fetch::{Fetch, FetchRules};
use newswire::model::{Outcome, Purpose, Request, Validators};
use tokio::net::TcpListener;

use super::wire::{START, Step, Wire, feed, is_conditional, item, tagged};
use crate::support::playhouse::{Asked, Playhouse, Reply};

const FEED: &str = "http://a.test/feed";
const PAGES: &str = "enrich: { seeds: none, sources: all }";

fn names(asked: &Asked) -> Vec<&str> {
    asked.headers.keys().map(String::as_str).collect()
}

pub async fn s2() {
    let mut wire = Wire::of(&[FEED], |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::ok("User-agent: *\nDisallow: /"),
        _ => tagged(asked, "\"1\"", &feed("")),
    })
    .await;
    wire.run(0).await;
    assert_eq!(wire.house.visits(), ["a.test/feed"]);
}

pub async fn s18() {
    let mut wire = Wire::of(&["http://a.test/feed?x=%20y"], |asked| match asked.host.as_str() {
        "a.test" => Reply::redirect(302, "http://b.test/feed?z").header("Set-Cookie", "id=1; Path=/"),
        _ => tagged(asked, "\"1\"", &feed("")).header("Set-Cookie", "id=2; Path=/"),
    })
    .await;
    wire.run(3).await;
    let log = wire.house.log();
    assert!(log.len() >= 6 && log.iter().all(|asked| ["/feed?x=%20y", "/feed?z"].contains(&asked.path.as_str())));
    let known = ["a-im", "accept", "accept-encoding", "host", "if-none-match", "user-agent"];
    assert!(log.iter().all(|asked| names(asked).iter().all(|name| known.contains(name))), "{:?}", names(&log[3]));
}

pub async fn s19() {
    let mut wire = Wire::with(PAGES, &[FEED], |asked| match asked.path.as_str() {
        "/feed" => Reply::ok(feed(&item("http://b.test/1"))).header("ETag", "\"1\""),
        _ => Reply::ok("<title>x</title>"),
    })
    .await;
    wire.run(2).await;
    wire.enrich().await;
    let agents: BTreeSet<String> = wire.house.log().iter().map(|asked| asked.headers["user-agent"].clone()).collect();
    let expect = format!("newswire/{} (+me@example.org)", env!("CARGO_PKG_VERSION"));
    assert_eq!(agents.into_iter().collect::<Vec<_>>(), [expect]);
}

pub async fn s20() {
    let packed = |body: &str| {
        let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        coder.write_all(body.as_bytes()).unwrap();
        coder.finish().unwrap()
    };
    let mut wire = Wire::of(&[FEED], move |_| {
        Reply::ok(packed(&feed(&item("http://a.test/1")))).header("Content-Encoding", "gzip")
    })
    .await;
    wire.poll().await;
    let accepted = wire.house.log()[0].headers["accept-encoding"].clone();
    assert!(["gzip", "br", "zstd", "deflate"].iter().all(|coding| accepted.contains(coding)), "{accepted}");
    assert_eq!(wire.count("SELECT count(*) FROM articles"), 1);
}

pub async fn s21() {
    let sources: Vec<String> =
        (0..12).map(|n| format!("http://{}/{n}", if n % 2 == 0 { "a.test" } else { "www.a.test" })).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let mut wire = Wire::of(&sources, |asked| tagged(asked, "\"1\"", &feed(""))).await;
    wire.poll().await;
    let mut at: Vec<i64> = wire.house.log().iter().map(|asked| asked.at.as_second()).collect();
    at.sort_unstable();
    assert!(at.len() == 12 && at.windows(2).all(|two| two[1] > two[0]), "{at:?}");
    // Two domains at one address share its budget too, and the line of the one waits for the other.
    let clock = Clock::manual(START.parse().unwrap());
    let polite = Polite::with_pause(&FetchRules::default(), clock.clone(), Arc::new(Step(clock.clone())));
    let address: IpAddr = "8.8.8.8".parse().unwrap();
    let first = polite.line("a.test").await.ok().unwrap().turn(vec![address]).await;
    let second = async { polite.line("b.test").await.ok().unwrap().turn(vec![address]).await };
    let mut second = Box::pin(second);
    assert!(is_waiting(second.as_mut()), "two at once at one address");
    let before = clock.now();
    drop(first);
    drop(second.await);
    assert!(clock.now().duration_since(before).as_secs() >= 1);
}

fn is_waiting<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
}

pub async fn s25() {
    let mut wire = Wire::of(&[FEED], |asked| Reply::redirect(301, &format!("{}x", asked.path))).await;
    wire.poll().await;
    assert_eq!(wire.house.log().len(), 6);
    assert!(wire.state(FEED).problem.unwrap().contains("redirects"));
    for target in ["http://169.254.169.254/latest", "http://10.0.0.1/", "ftp://a.test/"] {
        let mut wire = Wire::of(&[FEED], move |asked| match asked.path.as_str() {
            "/feed" => Reply::redirect(302, target),
            path => panic!("{path} is asked"),
        })
        .await;
        wire.poll().await;
        let state = wire.state(FEED);
        assert!(state.problem.as_ref().unwrap().contains("redirects to where we may not go"), "{state:?}");
        // It was asked, so a restart does not ask at once again.
        wire.restart();
        wire.poll().await;
        assert_eq!(wire.house.log().len(), 1, "{target}");
    }
}

pub async fn s26() {
    let mut wire = Wire::of(&["http://a.test/feed", "http://b.test/none"], |asked| match asked.path.as_str() {
        "/feed" => tagged(asked, "\"1\"", &feed("<image><url>http://c.test/icon.png</url></image>")),
        _ => Reply::status(404),
    })
    .await;
    wire.run(24).await;
    let visits: BTreeSet<String> = wire.house.visits().into_iter().collect();
    assert_eq!(visits.into_iter().collect::<Vec<_>>(), ["a.test/feed", "b.test/none"]);
}

pub async fn s27() {
    let mut wire = Wire::with(PAGES, &[FEED], |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::ok("User-agent: *\nDisallow: /private"),
        "/feed" => tagged(
            asked,
            "\"1\"",
            &feed(&["1", "2", "private/3"].map(|n| item(&format!("http://a.test/{n}"))).concat()),
        ),
        _ => tagged(
            asked,
            "\"p\"",
            "<html><head><title>News</title><meta property='og:image' content='http://a.test/i.png'></head></html>",
        ),
    })
    .await;
    for hour in 0..30 {
        wire.run(1).await;
        wire.enrich().await;
        if hour % 5 == 0 {
            wire.restart();
        }
    }
    // Once a day, a restart or not.
    let robots = wire.asked("a.test/robots.txt");
    assert_eq!(robots.len(), 2, "{:?}", robots.iter().map(|asked| asked.at).collect::<Vec<_>>());
    assert!(robots[1].at.duration_since(robots[0].at).as_hours() >= 24);
    let page = wire.asked("a.test/1");
    assert!((2..=4).contains(&page.len()) && !is_conditional(&page[0]) && page[1..].iter().all(is_conditional));
    assert!(wire.asked("a.test/private/3").is_empty());
    // Two articles show one picture, whose size nobody states.
    assert_eq!(wire.asked("a.test/i.png").len(), 1);
    let mut at: Vec<i64> = wire.house.log().iter().map(|asked| asked.at.as_second()).collect();
    at.sort_unstable();
    assert!(at.windows(2).all(|two| two[1] > two[0]), "feed, robots.txt and pages share one budget");
}

pub async fn s27_refused() {
    let mut wire = Wire::with(PAGES, &[FEED], |asked| match asked.path.as_str() {
        "/feed" => tagged(asked, "\"1\"", &feed(&item("http://[::1]:9/1"))),
        path => panic!("{path} is asked"),
    })
    .await;
    wire.poll().await;
    wire.enrich().await;
    let refused = "SELECT count(*) FROM pages WHERE visit ->> 'problem' LIKE 'not allowed%'";
    assert_eq!(wire.count(refused), 1);
    wire.restart();
    wire.enrich().await;
    assert_eq!(wire.count("SELECT visit ->> 'refusals' FROM pages"), 1, "nothing has changed");
    wire.reconfigure("127.0.0.0/8", "127.0.0.0/8, '::1/128'");
    wire.enrich().await;
    assert_eq!(wire.count(refused), 0, "nobody listens there, but it is allowed now");
}

pub async fn s28() {
    let clock = Clock::manual(START.parse().unwrap());
    let house = Playhouse::open(clock.clone(), |_| Reply::ok("x")).await;
    let six = TcpListener::bind(("::1", 0)).await.ok();
    let six = six.map(|listener| Playhouse::open_on(listener, clock.clone(), |_| Reply::ok("x")));
    let rules = FetchRules {
        allow_private: vec![("127.0.0.0".parse().unwrap(), 8), ("::1".parse().unwrap(), 128)],
        connect_to: [("a.test".to_owned(), house.address())].into(),
        idle: Duration::from_millis(100),
        ..FetchRules::default()
    };
    let polite = Arc::new(Polite::with_pause(&rules, clock.clone(), Arc::new(Step(clock.clone()))));
    let fetch = HttpFetch::new(rules, polite, clock).unwrap();
    let ask = async |url: &str| {
        let validators = Validators::default();
        let request =
            Request { url: url.to_owned(), purpose: Purpose::Feed, validators, validators_of: None, enough: None };
        assert!(matches!(fetch.fetch(&request).await, Outcome::Fresh(_)), "{url}");
    };
    ask("http://a.test/1").await;
    ask("http://a.test/2").await;
    let log = house.log();
    assert_eq!(log[0].connection, log[1].connection, "a run keeps its connection");
    house.left_alone().await;
    ask("http://a.test/3").await;
    assert_ne!(house.log()[2].connection, log[1].connection);
    // A machine without IPv6 cannot show that it is used.
    if let Some(six) = six {
        ask(&format!("http://[::1]:{}/feed", six.address().port())).await;
        assert_eq!(six.log().len(), 1);
    }
}
