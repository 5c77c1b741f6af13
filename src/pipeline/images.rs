//! Images: the pictures of stories, for readers who are not to be seen by publishers (`publish.images: proxy`).
//!
//! In comes the address of a picture, which `release` took from a released story, out come its bytes. A picture is
//! asked for when the first reader wants it, through `fetch` with its guard and its manners, a few at a time and once
//! for all who wait; then it is kept in a folder, of which those that nobody wanted for longest are thrown away. Only
//! what begins like a picture is kept. It never asks for what no story shows, and never for what failed a while ago.

mod shelf;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use self::shelf::Shelf;
use super::Wire;
use super::enrich::note_hosts;
use crate::fetch::Fetch;
use crate::model::{Digest, Outcome, Purpose, Request, Validators};

/// Pictures asked for at a time; more readers than this wait for their turn.
const ASKED: usize = 8;

/// Readers that wait at a time for pictures nobody has yet: more are sent away, and their browsers show no picture.
const WAITING: usize = 64;

/// How long a reader waits: longer, and the page seems broken. The picture comes all the same, for the next one.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long what failed is left alone.
const REST: SignedDuration = SignedDuration::from_hours(1);

/// Failures remembered: each is a few dozen bytes.
const FAILURES: usize = 10_000;

/// A picture as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// It is here.
    Here {
        /// Its media type, as its bytes tell it.
        media_type: &'static str,
        /// All of it.
        bytes: Vec<u8>,
        /// Of its address: another picture has another.
        digest: Digest,
    },
    /// It cannot be had.
    Nowhere,
    /// Ask again.
    Later,
}

/// The pictures of a wire. Clones share them.
#[derive(Clone)]
pub struct Images(Arc<Inner>);

struct Inner {
    wire: Wire,
    shelf: Shelf,
    asked: Semaphore,
    waiting: Semaphore,
    /// Pictures that somebody fetches now; who wants one waits for its lock.
    under_way: Mutex<BTreeMap<Digest, Arc<tokio::sync::Mutex<()>>>>,
    /// When what failed may be asked for again.
    failed: Mutex<BTreeMap<Digest, Timestamp>>,
}

impl Images {
    /// Pictures kept in `folder`, which is made when the first one comes.
    #[must_use]
    pub fn new(wire: Wire, folder: PathBuf) -> Self {
        Self(Arc::new(Inner {
            wire,
            shelf: Shelf::new(folder),
            asked: Semaphore::new(ASKED),
            waiting: Semaphore::new(WAITING),
            under_way: Mutex::default(),
            failed: Mutex::default(),
        }))
    }

    /// The picture at `url`, from the folder or through `fetch`.
    pub async fn show<F: Fetch + 'static>(&self, fetch: Arc<F>, url: String) -> Picture {
        let digest = Digest::of(url.as_bytes());
        if let Some(here) = self.kept(digest).await {
            return here;
        }
        if self.has_failed(digest) {
            return Picture::Nowhere;
        }
        let Ok(_place) = self.0.waiting.try_acquire() else { return Picture::Later };
        let images = self.clone();
        // A reader who leaves does not undo what was begun: the host was asked.
        let coming = tokio::spawn(async move { images.bring(&*fetch, url, digest).await });
        match tokio::time::timeout(PATIENCE, coming).await {
            Ok(Ok(picture)) => picture,
            Ok(Err(error)) => {
                tracing::error!(%error, "a picture could not be brought");
                Picture::Nowhere
            }
            Err(_) => Picture::Later,
        }
    }

    /// Asks for a picture, unless somebody did meanwhile.
    async fn bring(&self, fetch: &impl Fetch, url: String, digest: Digest) -> Picture {
        let turn = Arc::clone(lock(&self.0.under_way).entry(digest).or_default());
        let _turn = turn.lock().await;
        if let Some(here) = self.kept(digest).await {
            return here;
        }
        if self.has_failed(digest) {
            return Picture::Nowhere;
        }
        let picture = match self.0.asked.acquire().await {
            Ok(_place) => self.ask(fetch, url, digest).await,
            Err(_) => Picture::Nowhere,
        };
        lock(&self.0.under_way).remove(&digest);
        picture
    }

    async fn ask(&self, fetch: &impl Fetch, url: String, digest: Digest) -> Picture {
        let request = Request {
            url,
            purpose: Purpose::Picture,
            validators: Validators::default(),
            validators_of: None,
            enough: None,
        };
        let outcome = fetch.fetch(&request).await;
        let now = self.0.wire.clock.now();
        if let Err(error) = self.0.wire.store.write(|batch| note_hosts(batch, fetch, now)) {
            tracing::error!(%error, "what was learnt of a host could not be kept");
        }
        let url = request.url;
        let (bytes, until) = match outcome {
            Outcome::Fresh(page) => (page.bytes, None),
            Outcome::Throttled { retry_after, .. } => (Vec::new(), retry_after),
            _ => (Vec::new(), None),
        };
        let Some(media_type) = media_type(&bytes) else {
            tracing::info!(url, "a picture could not be had");
            self.fail(digest, until.unwrap_or(now).max(now.saturating_add(REST).unwrap_or(now)), now);
            return Picture::Nowhere;
        };
        tracing::info!(url, bytes = bytes.len(), "picture kept");
        let shelf = self.clone();
        let put = tokio::task::spawn_blocking(move || {
            // A full disk is no reason to show nothing.
            if let Err(error) = shelf.0.shelf.put(digest, &bytes) {
                tracing::warn!(%error, "a picture could not be kept");
            }
            bytes
        });
        put.await.map_or(Picture::Nowhere, |bytes| Picture::Here { media_type, bytes, digest })
    }

    async fn kept(&self, digest: Digest) -> Option<Picture> {
        let images = self.clone();
        let bytes = tokio::task::spawn_blocking(move || images.0.shelf.take(digest)).await.ok()??;
        let media_type = media_type(&bytes)?;
        Some(Picture::Here { media_type, bytes, digest })
    }

    fn has_failed(&self, digest: Digest) -> bool {
        let now = self.0.wire.clock.now();
        lock(&self.0.failed).get(&digest).is_some_and(|until| *until > now)
    }

    fn fail(&self, digest: Digest, until: Timestamp, now: Timestamp) {
        let mut failed = lock(&self.0.failed);
        if failed.len() >= FAILURES {
            failed.retain(|_, until| *until > now);
        }
        if failed.len() < FAILURES {
            failed.insert(digest, until);
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What picture these are the bytes of. SVG is none: it may hold scripts.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let has = |at: usize, mark: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
    match () {
        () if has(0, b"\xff\xd8\xff") => Some("image/jpeg"),
        () if has(0, b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if has(0, b"GIF87a") || has(0, b"GIF89a") => Some("image/gif"),
        () if has(0, b"RIFF") && has(8, b"WEBP") => Some("image/webp"),
        () if has(4, b"ftypavif") || has(4, b"ftypavis") => Some("image/avif"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_by_their_first_bytes() {
        let check = |bytes: &[u8], expect: Option<&str>| assert_eq!(media_type(bytes), expect, "{bytes:?}");
        check(b"\xff\xd8\xff\xe0", Some("image/jpeg"));
        check(b"\x89PNG\r\n\x1a\n", Some("image/png"));
        check(b"GIF89a", Some("image/gif"));
        check(b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp"));
        check(b"\0\0\0\x1cftypavif", Some("image/avif"));
        check(b"<svg xmlns=", None);
        check(b"<!doctype html>", None);
        check(b"RIFF\0\0\0\0WAVE", None);
        check(b"\0\0\0\x1cftypmp42", None);
        check(b"", None);
    }
}
