//! `/events`: whoever looks at a page is told when it changes (server-sent events).
//!
//! In comes a request that names a page, out goes a stream that says `news` each time the page is another one: never
//! what is new, so that a stream tells nobody more than its page does. A private page has a stream of its own beside
//! it. The number of streams is bounded, and each ends with the listener, with its page, and with a peer that takes
//! nothing any more.

use std::sync::Arc;
use std::time::Duration;

use ::url::form_urlencoded;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Method, Response};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use super::calendar::Day;
use super::public::Public;
use super::reply::{self, Content};
use crate::model::Digest;
use crate::released::{Packed, Released};

/// Streams at a time: a quarter of the connections, so that looking on keeps nobody from reading.
pub(super) const STREAMS: usize = 256;

/// A stream without news says so, before those between forget the connection: usual timeouts begin at 30 seconds.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// What the stream of all stories is of.
const ALL: &str = "all/";

/// Files of a folder, of which the first that there is stands for it: the page, where it is published.
const FACES: [&str; 4] = ["", "atom.xml", "rss.xml", "feed.json"];

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// One stream.
struct Stream {
    released: Released,
    /// The document that is watched.
    path: String,
    /// The page as the reader calls it.
    called: String,
    /// As the reader knows it.
    known: String,
    ended: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Public {
    /// The answer to `path` where it is one of a stream.
    pub(super) fn events(
        &self,
        (path, query): (&str, Option<&str>),
        method: &Method,
        headers: &HeaderMap,
        day: &Day,
    ) -> Option<Response<Content>> {
        let folder = path.strip_suffix("events").filter(|folder| folder.is_empty() || is_private(folder))?;
        let called = if folder.is_empty() { page_of(query) } else { String::new() };
        if is_private(&called) {
            return None;
        }
        let watched = if folder.is_empty() { &called } else { folder };
        let packed = face(self.released(), watched)?;
        let Ok(place) = Arc::clone(self.streams()).try_acquire_owned() else { return Some(reply::later(day)) };
        if *method == Method::HEAD {
            return Some(reply::stream(Content::empty(), day));
        }
        let last = headers.get(LAST_EVENT_ID).and_then(|last| last.to_str().ok());
        let stream = Stream {
            released: self.released().clone(),
            path: packed.path().to_string(),
            called,
            known: last.filter(is_digest).map_or_else(|| packed.digest().to_string(), str::to_owned),
            ended: self.ended().subscribe(),
            _place: place,
        };
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(stream.run(sender));
        Some(reply::stream(Content::stream(receiver), day))
    }
}

impl Stream {
    /// Tells until the reader, the page or the listener is gone.
    async fn run(mut self, sender: mpsc::Sender<Bytes>) {
        let mut releases = self.released.releases();
        let mut first = Some(Bytes::from(format!("retry: 10000\nid: {}\n\n", self.known)));
        while !*self.ended.borrow() {
            releases.mark_unchanged();
            let Some(packed) = self.released.get(&self.path) else { return };
            let told = first.take().or_else(|| self.news(packed.digest()));
            if let Some(told) = told {
                if sender.send(told).await.is_err() {
                    return;
                }
                continue;
            }
            tokio::select! {
                changed = releases.changed() => if changed.is_err() { return },
                _ = self.ended.changed() => return,
                () = sender.closed() => return,
                () = tokio::time::sleep(HEARTBEAT) => {
                    if sender.send(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// What is told of the page as it is now; nothing where that is known.
    fn news(&mut self, now: Digest) -> Option<Bytes> {
        let now = now.to_string();
        if now == self.known {
            return None;
        }
        let told = format!("event: news\nid: {now}\ndata: {}\n\n", self.called);
        self.known = now;
        Some(Bytes::from(told))
    }
}

/// Whether it may be an id that we gave.
fn is_digest(id: &&str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_private(path: &str) -> bool {
    path.starts_with("p/")
}

/// The page that a query names; all stories where it names none.
fn page_of(query: Option<&str>) -> String {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(8);
    pairs.find(|(name, _)| name == "of").map_or_else(|| ALL.to_owned(), |(_, page)| page.into_owned())
}

/// The document that stands for `page`. Its path is one of ours, so that nothing but a path of ours is said again.
fn face(released: &Released, page: &str) -> Option<Arc<Packed>> {
    FACES.iter().find_map(|file| released.get(&format!("{page}{file}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_queries() {
        let check = |query, expect: &str| assert_eq!(page_of(query), expect, "{query:?}");
        check(None, "all/");
        check(Some("x=1"), "all/");
        check(Some("of="), "");
        check(Some("of=t/ai/"), "t/ai/");
        check(Some("of=t%2Fc%2B%2B%2F"), "t/c++/");
    }
}
