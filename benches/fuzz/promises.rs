//! What must hold of each reader besides "no panic, in time, in memory": a function a target, which reads the bytes and
//! says what was promised and is not so.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use newswire::config::{self, Environment};
use newswire::extract::{self, Pass, picture};
use newswire::feed::{self, discover as discovery, opml as lists};
use newswire::fetch::head;
use newswire::fetch::robots::Robots;
use newswire::model::{Finding, HubWord, Severity, Site};
use newswire::schedule::cron::Cron;
use newswire::serve::form;
use newswire::{cluster, compose, dates, seed, topic, url};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

const BASE: &str = "http://example.com/base/feed.xml";

pub fn feed(bytes: &[u8]) -> Result<(), String> {
    let read = feed::read(bytes, None, BASE);
    if read.entries.len() > feed::MOST_ENTRIES {
        return Err(format!("{} entries", read.entries.len()));
    }
    if let Some(entry) = read.entries.iter().find(|entry| !entry.url.is_empty() && !url::is_http(&entry.url)) {
        return Err(format!("an entry at {}", entry.url));
    }
    // Some are read twice: the same bytes give the same entries.
    if bytes.len().is_multiple_of(64) && feed::read(bytes, None, BASE) != read {
        return Err("read twice, it differs".to_owned());
    }
    Ok(())
}

pub fn discover(bytes: &[u8]) -> Result<(), String> {
    let mut found = discovery::discover(bytes, None, BASE);
    found.extend(discovery::discover_in_fields(&[String::from_utf8_lossy(bytes).into_owned()], BASE));
    let _ = discovery::is_page(bytes, None);
    found.iter().find(|feed| !url::is_http(&feed.url)).map_or(Ok(()), |feed| Err(format!("a feed at {}", feed.url)))
}

/// The page is read whole, and again in steps whose sizes its own bytes choose: how it comes must not count.
pub fn page(bytes: &[u8]) -> Result<(), String> {
    let whole = extract::read(bytes, None, BASE, Timestamp::MAX);
    let mut pass = Pass::new(BASE);
    let (mut end, mut state) = (0, bytes.len() as u64);
    while end < bytes.len() {
        state = bytes.get(end).map_or(state, |byte| state ^ u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        // From one byte to a good part of what is left: a page of megabytes must not take a million steps.
        let step = 1 + (state >> 40) as usize % (64 + bytes.len() / 8);
        end = (end + step).min(bytes.len());
        let _ = pass.is_enough(&bytes[..end]);
    }
    if pass.read(bytes, None, &Site::default(), Timestamp::MAX).page == whole {
        Ok(())
    } else {
        Err("read in steps, it differs".to_owned())
    }
}

/// The input is the script of a page that has nothing else.
pub fn jsonld(bytes: &[u8]) -> Result<(), String> {
    let mut html = b"<title>x</title><script type=application/ld+json>".to_vec();
    html.extend_from_slice(bytes);
    html.extend_from_slice(b"</script></head><body><h1>x</h1>");
    page(&html)
}

pub fn opml(bytes: &[u8]) -> Result<(), String> {
    let list = lists::read(bytes, None);
    let again = lists::read(lists::write("fuzz", &list.feeds).as_bytes(), None);
    let sorted = |feeds: Vec<lists::Subscription>| {
        let mut feeds: Vec<(String, Vec<String>)> = feeds
            .into_iter()
            .map(|mut feed| {
                feed.labels.sort();
                (feed.url, feed.labels)
            })
            .collect();
        feeds.sort();
        feeds
    };
    if sorted(again.feeds) == sorted(list.feeds) {
        Ok(())
    } else {
        Err("written and read again, it differs".to_owned())
    }
}

pub fn address(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let _ = (url::mask(&text), url::resolve(BASE, &text), url::listing_key(&text), url::registrable_domain(&text));
    let Ok(clean) = url::canonical(&text) else { return Ok(()) };
    let _ = url::key(&clean);
    match url::canonical(&clean) {
        Ok(again) if again == clean => Ok(()),
        again => Err(format!("{clean} becomes {again:?}")),
    }
}

pub fn robots(bytes: &[u8]) -> Result<(), String> {
    let read = Robots::parse(bytes);
    let _ = (read.allows("/"), read.allows("/a/b/c/d?e=f&g=%2f*$"));
    if read.allows("/robots.txt").is_err() {
        return Err("it forbids itself".to_owned());
    }
    // What is kept of a robots.txt is this text.
    if Robots::of(&read.to_text()) != read {
        return Err("written and read again, it differs".to_owned());
    }
    Ok(())
}

/// A date as it is kept and shown says the same as the date that was read.
pub fn date(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    for day_first in [false, true] {
        let Some(stated) = dates::read_as(&text, day_first) else { continue };
        let _ = stated.utc();
        let (when, shown) = (stated.when(), stated.when().to_string());
        if shown.parse().ok() != Some(when) {
            return Err(format!("{shown} is not read as what it was written of"));
        }
    }
    Ok(())
}

/// The fields of an answer as HTTP brings them, a line each.
pub fn fields(bytes: &[u8]) -> Result<(), String> {
    let now = Timestamp::UNIX_EPOCH + Duration::from_hours(24 * 365 * 50);
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(200) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(line[colon + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let _ = (head::freshness(&headers, now), head::freshness(&headers, Timestamp::MAX), head::content_type(&headers));
    let _ = (head::language(&headers), head::links(&headers), head::is_delta(&headers));
    if head::retry_after(&headers, now).is_some_and(|at| at > now + Duration::from_hours(24 * 30)) {
        return Err(format!("a rest of more than 30 days: {:?}", headers.get(RETRY_AFTER)));
    }
    let given = head::validators(&headers);
    for (kept, name) in [(given.etag, "etag"), (given.last_modified, "last-modified")] {
        if kept.is_some_and(|kept| head::verbatim(&kept).as_ref() != headers.get(name)) {
            return Err(format!("{name} does not go back as it came"));
        }
    }
    Ok(())
}

/// The same text as a seed with front matter and as a plain one: there is a seed unless there is an error, and whatever
/// is found can be shown.
pub fn document(bytes: &[u8]) -> Result<(), String> {
    // As much as the daemon reads of a file.
    let bytes = bytes.get(..=seed::MAX_BYTES).unwrap_or(bytes);
    for name in ["fuzz.md", "fuzz.yaml"] {
        let read = seed::read(name, bytes, Timestamp::UNIX_EPOCH);
        told(&read.findings, read.seed.is_some())?;
        let shown = seed::shown(&String::from_utf8_lossy(bytes)).into_owned();
        let _ = config::render(&read.findings, &BTreeMap::from([(name.to_owned(), shown)]), false);
    }
    Ok(())
}

/// What [`configuration`] gives to `${SECRET}`, and must never show.
const SECRET: &str = "hunter2hunter2";

pub fn configuration(bytes: &[u8]) -> Result<(), String> {
    let environment = Environment::new([("SECRET".to_owned(), SECRET.to_owned())], "/nowhere");
    let text = String::from_utf8_lossy(bytes);
    let read = config::read("fuzz.yaml", &text, Path::new("/nowhere"), &environment);
    told(&read.findings, read.config.is_some())?;
    if !text.contains(SECRET) && read.report(false).contains(SECRET) {
        return Err("a secret is shown".to_owned());
    }
    Ok(())
}

/// There is a value unless there is an error.
fn told(findings: &[Finding], is_there: bool) -> Result<(), String> {
    let is_wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    if is_wrong == is_there { Err(format!("there: {is_there}, wrong: {is_wrong}")) } else { Ok(()) }
}

/// Times ascend, by the clocks of zones with and without summer time.
pub fn crontab(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    for zone in ["UTC", "Europe/Berlin", "Australia/Lord_Howe"] {
        let zone = TimeZone::get(zone).map_err(|error| error.to_string())?;
        let cron = match Cron::parse(&text, &zone) {
            Ok(cron) => cron,
            Err(problem) if problem.offset <= text.len() => continue,
            Err(problem) => return Err(format!("trouble at {} of {}", problem.offset, text.len())),
        };
        if Cron::parse(&cron.to_string(), &zone).ok() != Some(cron.clone()) {
            return Err("written and read again, it differs".to_owned());
        }
        for start in [-9_000_000_000, 0, 1_774_745_000, 4_000_000_000, 253_402_200_000] {
            let mut at = Timestamp::from_second(start).map_err(|error| error.to_string())?;
            for _ in 0..4 {
                let Some(next) = cron.next_after(at) else { break };
                if next <= at {
                    return Err(format!("after {at} comes {next}"));
                }
                at = next;
            }
        }
    }
    Ok(())
}

pub fn rule(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let line = r#"{"id":"1","url":"https://a.example/a/1","title":"Rain in the GPT4 valley","excerpt":"chips, job posting","publisher":"A Wire","lang":"en"}"#;
    let article = cluster::line::read(line)?.article;
    match topic::parse_rule(&text) {
        Ok(rule) => _ = topic::holds(&rule, &article),
        Err(problem) if problem.offset > text.len() => {
            return Err(format!("trouble at {} of {}", problem.offset, text.len()));
        }
        Err(_) => {}
    }
    Ok(())
}

/// Forms and queries of WebSub: read, written and read again they say the same.
pub fn websub(bytes: &[u8]) -> Result<(), String> {
    // As much as is read of a form.
    let bytes = bytes.get(..16 << 10).unwrap_or(bytes);
    let said = form::word(bytes);
    let mut written = ::url::form_urlencoded::Serializer::new(String::new());
    written.append_pair("hub.mode", &said.mode).append_pair("hub.topic", &said.topic);
    written.append_pair("hub.callback", &said.callback);
    written.extend_pairs(said.secret.iter().map(|secret| ("hub.secret", secret)));
    written.extend_pairs(said.lease_s.iter().map(|lease| ("hub.lease_seconds", lease)));
    if form::word(written.finish().as_bytes()) != said {
        return Err("written and read again, it differs".to_owned());
    }
    match form::question(&String::from_utf8_lossy(bytes)) {
        Some(HubWord::Verify { challenge, .. }) if challenge.is_empty() => Err("an empty challenge".to_owned()),
        Some(HubWord::Knock | HubWord::Delivery { .. }) => Err("no hub asks that".to_owned()),
        _ => Ok(()),
    }
}

/// More of a picture does not make it smaller: a list of sizes is read to its end.
pub fn image(bytes: &[u8]) -> Result<(), String> {
    let area = |size: Option<(u32, u32)>| size.map_or(0, |(width, height)| u64::from(width) * u64::from(height));
    let (half, whole) = (picture::size(&bytes[..bytes.len() / 2]), picture::size(bytes));
    if area(half) > area(whole) { Err(format!("{half:?} becomes {whole:?}")) } else { Ok(()) }
}

/// Tags that run something, or show somebody else's page.
const RUNS: &[&str] = &["<script", "<style", "<iframe", "<object", "<embed", "<svg", "<form"];

/// An editor's note holds nothing that runs. Text is escaped, so that a `<` is always a tag's.
pub fn note(bytes: &[u8]) -> Result<(), String> {
    let html = compose::note_html(&[String::from_utf8_lossy(bytes).into_owned()]).unwrap_or_default();
    let lower = html.to_ascii_lowercase();
    if let Some(tag) = RUNS.iter().find(|tag| lower.contains(**tag)) {
        return Err(format!("it holds {tag}"));
    }
    let is_in_tag = |at: usize| lower[..at].rfind('<') > lower[..at].rfind('>');
    for address in [" href=\"javascript:", " src=\"javascript:"] {
        if let Some((at, _)) = lower.match_indices(address).find(|(at, _)| is_in_tag(*at)) {
            return Err(format!("it runs at {at}"));
        }
    }
    Ok(())
}

pub fn alarm(bytes: &[u8]) -> Result<(), String> {
    fn deeper(depth: u64) -> u64 {
        if depth == u64::MAX { 0 } else { std::hint::black_box(deeper(std::hint::black_box(depth + 1))) + 1 }
    }
    match bytes.len() % 499 {
        1 => panic!("the alarm panics"),
        2 => return Err("kept badly".to_owned()),
        3 => drop(std::hint::black_box(vec![1_u8; 64 << 20])),
        4 => _ = (0..200_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n)),
        5 => _ = deeper(0),
        _ => {}
    }
    Ok(())
}
