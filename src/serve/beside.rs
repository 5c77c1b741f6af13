//! What is made for one request: archives, searches, feeds cut to measure, deltas, private pages.
//!
//! In comes a path that may mean one of these, out goes a response of the same headers as a released document's. A few
//! are made at a time, on threads for that; what cannot be one of these costs nobody a thread.

use std::sync::Arc;

use hyper::header::IF_NONE_MATCH;
use hyper::{HeaderMap, Response};

use super::calendar::Day;
use super::document::{self, Site, respond_as};
use super::negotiate::Wishes;
use super::public::{Public, pack_for};
use super::reply::{self, Content};
use super::{BesideAnswer, StoryAnswer};
use crate::released::Packed;

/// Parameters that cut a feed to measure.
const PARAMETERS: [&str; 3] = ["limit", "min_publishers", "lang"];

/// Bytes of a query: a reader's is far shorter, and what is longer is refused before anybody looks at it.
const LONGEST_QUERY: usize = 4096;

/// Whether `path` may mean something that is made for one request.
fn is_beside(path: &str) -> bool {
    matches!(path, "search" | "search/atom.xml")
        || path.contains("/archive/")
        || (path.starts_with("p/") && path.contains("/s/"))
}

/// Whether `query` may cut a feed.
pub(super) fn cuts(query: Option<&str>) -> bool {
    let names = |pair: &str, name: &str| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
    query.is_some_and(|query| query.split('&').any(|pair| PARAMETERS.iter().any(|name| names(pair, name))))
}

impl Public {
    /// The answer to `path` where it means something that is made for one request; `cut`: it is that of a feed.
    pub(super) async fn made(
        &self,
        (path, query): (&str, Option<&str>),
        cut: bool,
        headers: &HeaderMap,
        (site, day): (&Site, &Day),
    ) -> Option<Response<Content>> {
        if !cut && !is_beside(path) {
            return None;
        }
        if query.is_some_and(|query| query.len() > LONGEST_QUERY) {
            return Some(reply::query_too_long(day));
        }
        let _turn = self.renders().acquire().await.ok()?;
        let (beside, wishes) = (Arc::clone(&self.answers().beside), Wishes::of(headers));
        let (asked, with) = (path.to_owned(), query.map(str::to_owned));
        let made = tokio::task::spawn_blocking(move || match beside(&asked, with.as_deref()) {
            BesideAnswer::Document(document) | BesideAnswer::Story(StoryAnswer::Page(document)) => {
                Made::Document(Box::new(pack_for(document, wishes)))
            }
            BesideAnswer::Story(StoryAnswer::MovedTo(id)) => Made::MovedTo(id.to_string()),
            BesideAnswer::Story(StoryAnswer::Gone) => Made::Gone,
            BesideAnswer::Refused(why) => Made::Refused(why),
            BesideAnswer::Story(StoryAnswer::Unknown) | BesideAnswer::Unknown => Made::Nothing,
            BesideAnswer::Story(StoryAnswer::Later) | BesideAnswer::Later => Made::Later,
        });
        match made.await {
            Ok(Made::Document(packed)) => Some(respond_as(&packed, (headers, wishes), site, day, query)),
            // Only private pages move here: what shared caches must not keep is no permanent redirect to them.
            Ok(Made::MovedTo(id)) => Some(reply::moved_privately(&format!("./{id}"), day)),
            Ok(Made::Gone) => Some(reply::gone(day)),
            Ok(Made::Refused(why)) => Some(reply::refused(why, day)),
            // Who asked for less of a feed gets all of it.
            Ok(Made::Later) if cut => None,
            Ok(Made::Later) => Some(reply::later(day)),
            Ok(Made::Nothing) => None,
            Err(error) => {
                tracing::error!(%error, "a document could not be made");
                Some(reply::failed(day))
            }
        }
    }

    /// What is new in `packed` since the version that the client holds, if we know that version; `None` where it gets the
    /// whole, or a 304. For those who ask for it (RFC 3229 with `feed`).
    pub(super) async fn delta(
        &self,
        path: &str,
        packed: &Packed,
        headers: &HeaderMap,
        (site, day): (&Site, &Day),
    ) -> Option<Response<Content>> {
        if document::holds(packed, headers) {
            return None;
        }
        let lists = headers.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
        let past = lists.flat_map(document::digests).take(8).find_map(|digest| self.released().past(path, &digest))?;
        let _turn = self.renders().acquire().await.ok()?;
        let (delta, asked, wishes) = (Arc::clone(&self.answers().delta), path.to_owned(), Wishes::of(headers));
        let made = tokio::task::spawn_blocking(move || Some(pack_for(delta(&asked, &past)?, wishes)));
        let made = made.await.inspect_err(|error| tracing::error!(%error, "a delta could not be made")).ok()??;
        Some(document::respond_delta(&made, packed, headers, site, day))
    }
}

/// What was made, packed.
enum Made {
    Document(Box<Packed>),
    MovedTo(String),
    Gone,
    Refused(&'static str),
    Nothing,
    Later,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_that_cut() {
        let check = |query: Option<&str>, expect| assert_eq!(cuts(query), expect, "{query:?}");
        check(Some("limit=1"), true);
        check(Some("a=b&lang=en"), true);
        check(Some("limits=1"), false);
        check(Some("limit"), false);
        check(Some("utm_source=limit"), false);
        check(Some(""), false);
        check(None, false);
    }
}
