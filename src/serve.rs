//! HTTP: what readers and operators ask the running daemon.
//!
//! In come requests, out go released documents (headers of a good feed server, 304s from memory), story pages
//! from a handle, and on a listener of its own the admin addresses. It never renders an edition, never writes
//! to the store, never sets a cookie, and never shows an admin address on the public listener.
//!
//! In reading order: `listen` accepts and drains, `public` routes, `document` answers one document with the
//! help of `condition`, `negotiate` and `calendar`, `beside` one that is made for the request (`allowance`: not for everybody without end), `events` tells of
//! news, `websub` hears hubs, `hub` those who follow our own, `form` reads what both say, `admin` is for operators,
//! `metrics` counts.

mod address;
mod admin;
mod allowance;
mod beside;
mod calendar;
mod condition;
mod document;
mod events;
pub mod form;
mod hub;
mod listen;
mod metrics;
mod negotiate;
mod picture;
mod place;
mod public;
mod reply;
mod websub;

use std::pin::Pin;
use std::sync::Arc;

pub use admin::{Admin, AdminSettings};
pub use listen::{Drained, Limits};
pub use metrics::{Sample, SampleKind, Traffic};
pub use place::{Mover, PublicSettings};
pub use public::Public;
use tokio::net::TcpListener;

use crate::model::{Digest, Document, FollowAnswer, FollowWord, HubAnswer, HubWord, StoryId};
use crate::released::Shown;

/// What is known about the story of an address.
#[derive(Debug, Clone, PartialEq)]
pub enum StoryAnswer {
    /// Its page.
    Page(Document),
    /// It was merged into this one: 301.
    MovedTo(StoryId),
    /// It was withdrawn: 410.
    Gone,
    /// There never was one, or it is private: 404.
    Unknown,
    /// Nobody can say at present: 503.
    Later,
}

/// What there is at an address beside the released documents.
#[derive(Debug, Clone, PartialEq)]
pub enum BesideAnswer {
    /// This.
    Document(Document),
    /// A story's page, or what has become of it.
    Story(StoryAnswer),
    /// The question makes no sense, for this reason: 400.
    Refused(&'static str),
    /// Nothing: 404.
    Unknown,
    /// It cannot be made at present: 503.
    Later,
}

/// A picture that a story shows.
#[derive(Debug, Clone, PartialEq)]
pub enum PictureAnswer {
    /// It is here.
    Here {
        /// What it is.
        media_type: &'static str,
        /// All of it.
        bytes: Vec<u8>,
        /// Another picture has another.
        digest: Digest,
    },
    /// It cannot be had: 404.
    Unknown,
    /// Ask again: 503.
    Later,
}

/// Brings the picture at a path; paths as in [`Beside`].
pub type Picture = Arc<dyn Fn(&str) -> Pin<Box<dyn Future<Output = PictureAnswer> + Send>> + Send + Sync>;

/// Makes what stands at a path with a query. In a path below `p/` stands the key of a token, not the token.
pub type Beside = Arc<dyn Fn(&str, Option<&str>) -> BesideAnswer + Send + Sync>;

/// Makes the part of the document at a path that is new since it showed this.
pub type Delta = Arc<dyn Fn(&str, &Shown) -> Option<Document> + Send + Sync>;

/// What somebody who wants to follow a feed is answered.
pub type Follow = Arc<dyn Fn(&FollowWord) -> FollowAnswer + Send + Sync>;

/// Looks a story up and renders its page, or the part of it that the query asks for.
pub type Story = Arc<dyn Fn(StoryId, Option<&str>) -> StoryAnswer + Send + Sync>;

/// Is all well? If not, one sentence that says why. Called on the runtime: it must not block.
pub type Check = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Numbers of the other parts of the process, read when they are asked for.
pub type Samples = Arc<dyn Fn() -> Vec<Sample> + Send + Sync>;

/// The state of the process for `/status`.
pub type Status = Arc<dyn Fn() -> serde_json::Value + Send + Sync>;

/// Explains the story of an id or an address; `None` where there is none.
pub type Explain = Arc<dyn Fn(&str) -> Option<serde_json::Value> + Send + Sync>;

/// What a hub is answered at the call-back address that ends in the secret.
pub type Hub = Arc<dyn Fn(&str, HubWord) -> HubAnswer + Send + Sync>;

/// The sources' health as a document; `None` where it cannot be made.
pub type Health = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What the rest of the process tells to those who ask. Every handle but the checks may block: they are
/// called on threads for that.
#[derive(Clone)]
pub struct Answers {
    /// `/s/<story>`.
    pub story: Story,
    /// `/livez`: the drivers make progress.
    pub live: Check,
    /// `/readyz`: the first release is done. Until then what is missing is answered by 503.
    pub ready: Check,
    /// `/metrics`, besides what is counted here.
    pub samples: Samples,
    /// `/status`.
    pub status: Status,
    /// `/explain`.
    pub explain: Explain,
    /// `/health.atom`.
    pub health: Health,
    /// The same as a page, `/health`.
    pub health_page: Health,
    /// `/websub/<secret>`, on the public listener.
    pub hub: Hub,
    /// Archives, searches, feeds cut to measure, private pages.
    pub beside: Beside,
    /// Feeds to those who ask for what is new (RFC 3229).
    pub delta: Delta,
    /// `/hub`.
    pub follow: Follow,
    /// `/img/<hash>`.
    pub picture: Picture,
}

impl Default for Answers {
    /// All is well, and nothing is known.
    fn default() -> Self {
        Self {
            story: Arc::new(|_, _| StoryAnswer::Unknown),
            live: Arc::new(|| Ok(())),
            ready: Arc::new(|| Ok(())),
            samples: Arc::new(Vec::new),
            status: Arc::new(|| serde_json::Value::Null),
            explain: Arc::new(|_| None),
            health: Arc::new(|| None),
            health_page: Arc::new(|| None),
            hub: Arc::new(|_, _| HubAnswer::Unknown),
            beside: Arc::new(|_, _| BesideAnswer::Unknown),
            delta: Arc::new(|_, _| None),
            follow: Arc::new(|_| FollowAnswer::NoHub),
            picture: Arc::new(|_| Box::pin(std::future::ready(PictureAnswer::Unknown))),
        }
    }
}

impl Public {
    /// Answers readers on `listener` until `shutdown` comes, then drains.
    pub async fn run(mut self, listener: TcpListener, limits: Limits, shutdown: impl Future<Output = ()>) -> Drained {
        let traffic = Arc::clone(self.traffic());
        self.allow(&limits);
        let public = Arc::new(self);
        let ending = Arc::clone(&public);
        let shutdown = async move {
            shutdown.await;
            ending.ended().send_replace(true);
        };
        let service = move |request, peer| {
            let public = Arc::clone(&public);
            async move { public.attend(request, peer).await }
        };
        listen::run(listener, service, limits, traffic, shutdown).await
    }
}

impl Admin {
    /// Answers operators on `listener` until `shutdown` comes, then drains.
    pub async fn run(self, listener: TcpListener, limits: Limits, shutdown: impl Future<Output = ()>) -> Drained {
        let admin = Arc::new(self);
        let service = move |request, _| {
            let admin = Arc::clone(&admin);
            async move { admin.answer(request).await }
        };
        // Operators are not counted as readers, so their connections have counters nobody sees.
        listen::run(listener, service, limits, Arc::default(), shutdown).await
    }
}
