//! What readers may ask for.
//!
//! In come requests, out go documents, story pages, moves and refusals. The path of a request without its
//! first slash is the path of a document; what is not released is looked for as a story, then as a path that
//! lacks its last slash. It never knows an admin address.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::address::{below, keyed, with_slash};
use super::allowance::Allowance;
use super::beside::cuts;
use super::calendar::{Calendar, Day};
use super::document::{Site, respond, takes_deltas};
use super::events::STREAMS;
use super::listen::Limits;
use super::metrics::Traffic;
use super::negotiate::Wishes;
use super::picture;
use super::place::{Mover, Place, PublicSettings};
use super::reply::{self, Content};
use super::websub::HEARD;
use super::{Answers, StoryAnswer};
use crate::clock::Clock;
use crate::model::{Document, StoryId};
use crate::released::{Coding, Packed, Released};

/// Story pages rendered at a time: each holds a thread and a reader of the store, and more than a few
/// cores' worth only queue there.
const RENDERS: usize = 8;

/// Answers readers.
pub struct Public {
    released: Released,
    place: Arc<ArcSwap<Place>>,
    answers: Answers,
    calendar: Calendar,
    traffic: Arc<Traffic>,
    renders: Semaphore,
    callbacks: Semaphore,
    streams: Arc<Semaphore>,
    allowance: Allowance,
    /// The listener ends: so do streams, which would keep it waiting.
    ended: watch::Sender<bool>,
}

impl Public {
    /// The public side over `released`.
    #[must_use]
    pub fn new(
        released: Released,
        settings: PublicSettings,
        answers: Answers,
        traffic: Arc<Traffic>,
        clock: Clock,
    ) -> Self {
        Self {
            place: Arc::new(ArcSwap::from_pointee(Place::of(settings))),
            released,
            answers,
            calendar: Calendar::new(clock),
            traffic,
            renders: Semaphore::new(RENDERS),
            callbacks: Semaphore::new(HEARD),
            streams: Arc::new(Semaphore::new(STREAMS)),
            allowance: Allowance::of(&Limits::default()),
            ended: watch::Sender::new(false),
        }
    }

    /// Moves the public side while it runs.
    #[must_use]
    pub fn mover(&self) -> Mover {
        Mover::of(Arc::clone(&self.place))
    }

    /// Gives each peer what `limits` say.
    pub(super) fn allow(&mut self, limits: &Limits) {
        self.allowance = Allowance::of(limits);
    }

    /// Takes one request from what `peer` has left; the answer where it has none.
    pub(super) fn charge(&self, peer: Option<IpAddr>, day: &Day) -> Option<Response<Content>> {
        let wait = self.allowance.take(peer?, Instant::now()).err()?;
        Some(reply::too_many(wait, day))
    }

    pub(super) fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    pub(super) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Turns of hubs.
    pub(super) fn callbacks(&self) -> &Semaphore {
        &self.callbacks
    }

    /// Places for streams of events.
    pub(super) fn streams(&self) -> &Arc<Semaphore> {
        &self.streams
    }

    /// Whether the listener ends.
    pub(super) fn ended(&self) -> &watch::Sender<bool> {
        &self.ended
    }

    /// Turns of what is made for one request.
    pub(super) fn renders(&self) -> &Semaphore {
        &self.renders
    }

    pub(super) fn released(&self) -> &Released {
        &self.released
    }

    /// The part of the site's address below which its paths are.
    pub(super) fn prefix(&self) -> String {
        self.place.load().prefix.clone()
    }

    pub(super) fn day(&self) -> Guard<Arc<Day>> {
        self.calendar.now()
    }

    /// Answers one request; its body is not read.
    pub(super) async fn answer<B>(&self, request: &Request<B>, peer: Option<IpAddr>) -> Response<Content> {
        let day = self.calendar.now();
        let is_charged = peer.is_some() && self.may_cost(request);
        let response = match self.charge(peer.filter(|_| is_charged), &day) {
            Some(refused) => refused,
            None => self.route(request, &day).await,
        };
        let sent = if *request.method() == Method::HEAD { 0 } else { response.body().length() };
        self.traffic.answered(response.status(), sent);
        response
    }

    /// Whether something may have to be made for the request: all but what is released, as it is.
    fn may_cost<B>(&self, request: &Request<B>) -> bool {
        if cuts(request.uri().query()) || takes_deltas(request.headers()) {
            return true;
        }
        let path = request.uri().path();
        if self.plain(path).is_some() {
            return false;
        }
        let prefix = self.prefix();
        let paths = [below(path, ""), below(path, &prefix)];
        !paths.into_iter().flatten().any(|path| self.released.get(&keyed(path)).is_some())
    }

    /// What nearly all ask for stands just there; no path that has its key for a token begins so.
    fn plain<'a>(&self, path: &'a str) -> Option<(&'a str, Arc<Packed>)> {
        let plain = path.strip_prefix('/').filter(|plain| !plain.starts_with("p/"))?;
        Some((plain, self.released.get(plain)?))
    }

    async fn route<B>(&self, request: &Request<B>, day: &Day) -> Response<Content> {
        let (method, headers, request) = (request.method(), request.headers(), request.uri());
        if !matches!(*method, Method::GET | Method::HEAD) {
            return reply::method_not_allowed(day);
        }
        let place = self.place.load();
        let (path, query) = (request.path(), request.query());
        if let Some((plain, packed)) = self.plain(path) {
            return self.document((plain, query), &packed, headers, (&place.site, day)).await;
        }
        let paths = [below(path, ""), below(path, &place.prefix).filter(|_| !place.prefix.is_empty())];
        let paths = paths.map(|path| path.map(keyed));
        let paths = || paths.iter().flatten().map(AsRef::as_ref);
        if let Some((path, packed)) = paths().find_map(|path| Some((path, self.released.get(path)?))) {
            return self.document((path, query), &packed, headers, (&place.site, day)).await;
        }
        for path in paths() {
            if let Some(stream) = self.events((path, query), method, headers, day) {
                return stream;
            }
            if let Some(found) = Box::pin(self.beside((path, query), headers, &place.site, day)).await {
                return found;
            }
        }
        // What is redirected to is what was asked: a token's key means nothing in an address.
        let with_end = [below(path, ""), below(path, &place.prefix)].into_iter().flatten();
        let mut with_end = with_end.map(|path| keyed(Cow::Owned(format!("{path}/"))));
        let is_folder = !path.ends_with('/') && with_end.any(|path| self.released.get(&path).is_some());
        if is_folder || (!place.prefix.is_empty() && path == place.prefix) {
            return reply::moved(
                StatusCode::PERMANENT_REDIRECT,
                &with_slash(&below(path, "").unwrap_or_default()),
                day,
            );
        }
        if (self.answers.ready)().is_err() {
            return reply::not_ready(day);
        }
        reply::not_found(day)
    }

    /// A released document: whole, cut to measure, or what is new of it.
    async fn document(
        &self,
        (path, query): (&str, Option<&str>),
        packed: &Arc<Packed>,
        headers: &HeaderMap,
        (site, day): (&Site, &Day),
    ) -> Response<Content> {
        let wishes = Wishes::of(headers);
        let coding = wishes.choose(|coding| packed.may_have(coding));
        if !packed.is_ready(coding) {
            Box::pin(self.compress(packed, coding)).await;
        }
        if !packed.is_page() {
            if cuts(query)
                && let Some(cut) = Box::pin(self.made((path, query), true, headers, (site, day))).await
            {
                return cut;
            }
            if takes_deltas(headers)
                && let Some(delta) = Box::pin(self.delta(path, packed, headers, (site, day))).await
            {
                return delta;
            }
        }
        respond(packed, headers, wishes, site, day)
    }

    /// Compresses a document for the first who wants it so, on a thread for that: the others do not wait.
    async fn compress(&self, packed: &Arc<Packed>, coding: Coding) {
        let Ok(_turn) = self.renders.acquire().await else { return };
        let packed = Arc::clone(packed);
        if let Err(error) = tokio::task::spawn_blocking(move || packed.ensure(coding)).await {
            tracing::error!(%error, "a document could not be compressed");
        }
    }

    /// What `path` means beside the released documents.
    async fn beside(
        &self,
        (path, query): (&str, Option<&str>),
        headers: &HeaderMap,
        site: &Site,
        day: &Day,
    ) -> Option<Response<Content>> {
        if is_picture(path) {
            return Some(picture::answer(&self.answers.picture, path, headers, day).await);
        }
        if let Some(id) = path.strip_prefix("s/") {
            return self.story((id, query), headers, site, day).await;
        }
        match path {
            "robots.txt" => return Some(reply::robots(day)),
            "live.js" => return Some(reply::script(self.place.load().script, day)),
            _ => {}
        }
        self.made((path, query), false, headers, (site, day)).await
    }

    async fn story(
        &self,
        (id, query): (&str, Option<&str>),
        headers: &HeaderMap,
        site: &Site,
        day: &Day,
    ) -> Option<Response<Content>> {
        if let Some(id) = id.strip_suffix('/') {
            let id = id.parse::<StoryId>().ok()?;
            return Some(reply::moved(StatusCode::PERMANENT_REDIRECT, &format!("../{id}"), day));
        }
        let id = id.parse::<StoryId>().ok()?;
        let _turn = self.renders.acquire().await.ok()?;
        let look_up = Arc::clone(&self.answers.story);
        let (wishes, query) = (Wishes::of(headers), query.map(str::to_owned));
        let looked_up = tokio::task::spawn_blocking(move || match look_up(id, query.as_deref()) {
            StoryAnswer::Page(document) => Found::Page(Box::new(pack_for(document, wishes))),
            StoryAnswer::MovedTo(id) => Found::MovedTo(id),
            StoryAnswer::Gone => Found::Gone,
            StoryAnswer::Unknown => Found::Unknown,
            StoryAnswer::Later => Found::Later,
        });
        match looked_up.await {
            Ok(Found::Page(packed)) => Some(respond(&packed, headers, wishes, site, day)),
            Ok(Found::MovedTo(id)) => Some(reply::moved(StatusCode::MOVED_PERMANENTLY, &format!("./{id}"), day)),
            Ok(Found::Gone) => Some(reply::gone(day)),
            Ok(Found::Unknown) => None,
            Ok(Found::Later) => Some(reply::later(day)),
            Err(error) => {
                tracing::error!(story = %id, %error, "rendering a story page failed");
                Some(reply::failed(day))
            }
        }
    }
}

/// Whether `path` may mean a picture, of this site or within a private topic.
fn is_picture(path: &str) -> bool {
    path.starts_with("img/") || (path.starts_with("p/") && path.contains("/img/"))
}

/// A [`StoryAnswer`] with its page packed.
enum Found {
    Page(Box<Packed>),
    MovedTo(StoryId),
    Gone,
    Unknown,
    Later,
}

/// Packs only in the coding that this one client will get.
pub(super) fn pack_for(document: Document, wishes: Wishes) -> Packed {
    let packed = Packed::plain(document);
    packed.ensure(wishes.choose(|_| true));
    packed
}
