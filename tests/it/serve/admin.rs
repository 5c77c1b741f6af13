//! The admin listener: what it tells, to whom, and that the public one tells none of it.

use std::sync::atomic::{AtomicBool, Ordering};

use newswire::cli::healthcheck;
use newswire::serve::{Admin, AdminSettings, Sample};
use serde_json::json;

use super::*;

async fn admin(answers: Answers, traffic: Arc<Traffic>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let admin = Admin::new(AdminSettings::default(), answers, traffic);
    tokio::spawn(admin.run(listener, Limits::default(), std::future::pending()));
    address
}

fn answers() -> Answers {
    Answers {
        samples: Arc::new(|| vec![Sample::counter("newswire_steps_total", "Rows taken", 7.0).with("stage", "poll")]),
        status: Arc::new(|| json!({ "sources": 2, "last_error": "<b>&" })),
        explain: Arc::new(|subject| (subject == "https://e.example/a?b=c").then(|| json!({ "story": "x" }))),
        ..Answers::default()
    }
}

async fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Reply {
    ask(address, &head("GET", path, "127.0.0.1:8081", headers)).await
}

#[tokio::test]
async fn health_follows_its_checks() {
    let well = Arc::new(AtomicBool::new(true));
    let check = |well: &Arc<AtomicBool>, why: &'static str| -> newswire::serve::Check {
        let well = Arc::clone(well);
        Arc::new(move || if well.load(Ordering::SeqCst) { Ok(()) } else { Err(why.into()) })
    };
    let answers =
        Answers { live: check(&well, "poll stands still"), ready: check(&well, "no release yet"), ..answers() };
    let address = admin(answers, Arc::default()).await;
    let expect = async |path, status, text: &str| {
        let reply = get(address, path, &[]).await;
        assert_eq!((reply.status, reply.text()), (status, text), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    };
    expect("/livez", 200, "alive\n").await;
    expect("/readyz", 200, "ready\n").await;
    assert_eq!(format!("{:?}", healthcheck::run(address).await), format!("{:?}", std::process::ExitCode::SUCCESS));
    well.store(false, Ordering::SeqCst);
    expect("/livez", 503, "poll stands still\n").await;
    expect("/readyz", 503, "no release yet\n").await;
    assert_eq!(format!("{:?}", healthcheck::run(address).await), format!("{:?}", std::process::ExitCode::FAILURE));
}

#[tokio::test]
async fn numbers_of_both_sides_stand_in_one_text() {
    let wire = Wire::start().await;
    let address = admin(answers(), Arc::clone(&wire.traffic)).await;
    wire.get("/nowhere").await;
    let reply = get(address, "/metrics", &[]).await;
    assert!(reply.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(reply.text().contains("newswire_steps_total{stage=\"poll\"} 7\n"), "{}", reply.text());
    assert!(reply.text().contains("newswire_http_answers_total{status=\"4xx\"} 1\n"), "{}", reply.text());
}

#[tokio::test]
async fn state_is_json_and_a_page_for_browsers() {
    let address = admin(answers(), Arc::default()).await;
    let reply = get(address, "/status", &[]).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&reply.body).unwrap()["last_error"], "<b>&");
    let reply = get(address, "/status", &["Accept: text/html,application/xhtml+xml,*/*;q=0.8"]).await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(reply.text().contains("&lt;b&gt;&amp;"));
    assert!(!reply.text().contains("<b>"));
}

#[tokio::test]
async fn explanations_are_asked_by_story_or_address() {
    let address = admin(answers(), Arc::default()).await;
    let expect = async |path, status| assert_eq!(get(address, path, &[]).await.status, status, "{path}");
    expect("/explain?url=https%3A%2F%2Fe.example%2Fa%3Fb%3Dc", 200).await;
    expect("/explain?story=https://e.example/a?b%3Dc", 200).await;
    expect("/explain?story=unknown", 404).await;
    expect("/explain?story=", 404).await;
    expect("/explain", 400).await;
    expect("/explain?other=1", 400).await;
    expect("/explain?url=%ff", 404).await;
}

#[tokio::test]
async fn neither_listener_answers_for_the_other() {
    let wire = Wire::start().await;
    wire.released.replace(vec![page(""), page("t/ai/")], &[]);
    for path in ["/livez", "/readyz", "/metrics", "/status", "/explain?url=x"] {
        assert_eq!(wire.get(path).await.status, 404, "{path}");
    }
    let address = admin(answers(), Arc::default()).await;
    for path in ["/", "/t/ai/", "/s/x", "/robots.txt"] {
        assert_eq!(get(address, path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(ask(address, &head("POST", "/status", "localhost", &[])).await.status, 405);
}

#[tokio::test]
async fn a_name_that_points_here_reads_nothing() {
    let address = admin(answers(), Arc::default()).await;
    for path in ["/status", "/livez", "/nowhere"] {
        let reply = ask(address, &head("GET", path, "rebound.example:8081", &[])).await;
        assert_eq!(reply.status, 421, "{path}");
    }
    assert_eq!(ask(address, "GET /status HTTP/1.0\r\n\r\n").await.status, 421);
    assert_eq!(ask(address, &head("GET", "/status", "localhost:8081", &[])).await.status, 200);
}

#[tokio::test]
async fn a_healthcheck_of_nobody_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(format!("{:?}", healthcheck::run(address).await), format!("{:?}", std::process::ExitCode::FAILURE));
}
