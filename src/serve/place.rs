//! Where the site lives, and how to move it while readers are answered.
//!
//! In come settings, out goes what every answer needs of them, exchanged as a whole.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper::header::HeaderValue;

use super::address::prefix_of;
use super::document::Site;

/// What the public side needs to know.
#[derive(Debug, Clone)]
pub struct PublicSettings {
    /// Absolute address of the site, ending in `/`. Requests are understood with and without its path, so
    /// that a reverse proxy may strip it or not.
    pub base_url: String,
    /// Content-Security-Policy of pages.
    pub csp: String,
    /// The hub that feeds name in their `Link` field.
    pub hub: Option<String>,
    /// The script of pages, `live.js`.
    pub script: &'static str,
}

/// Where the site lives, as its base URL says.
pub(super) struct Place {
    pub(super) site: Site,
    pub(super) prefix: String,
    pub(super) script: &'static str,
}

impl Place {
    pub(super) fn of(settings: PublicSettings) -> Self {
        let PublicSettings { base_url, csp, hub, script } = settings;
        // A policy that is no header value must not mean no policy.
        let csp = HeaderValue::try_from(csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { prefix: prefix_of(&base_url), site: Site { base_url, hub, csp }, script }
    }
}

/// Gives a running public side other settings.
pub struct Mover(Arc<ArcSwap<Place>>);

impl Mover {
    pub(super) fn of(place: Arc<ArcSwap<Place>>) -> Self {
        Self(place)
    }

    /// From the next request on.
    pub fn to(&self, settings: PublicSettings) {
        self.0.store(Arc::new(Place::of(settings)));
    }
}
