//! Plain data of the wire: what the stages hand to each other.
//!
//! Values only. Nothing here does input or output, reads a clock, or imports another module of ours.

mod article;
mod edition;
mod entry;
mod finding;
mod follow;
mod id;
mod incident;
mod metadata;
mod page;
mod polling;
mod seed;
mod site;
mod source;
mod story;
mod subscription;
mod token;
mod topic;
mod visit;
mod when;

pub use article::{Article, Field};
pub use edition::{CoverageView, Document, Edition, FeedLinks, ImageRule, PageRules, RelatedView, StoryView};
pub use entry::{Entry, Image, Publisher, Stated, Statement};
pub use finding::{Finding, MAX_FINDINGS, Place, Severity, foremost, more_findings};
pub use follow::{Delivery, FollowAnswer, FollowWord};
pub use id::{ArticleId, Digest, ParseIdError, StoryId};
pub use incident::{Incident, IncidentKind};
pub use metadata::{Found, PageMetadata};
pub use page::{Failure, FailureKind, Freshness, Judge, Outcome, Page, Purpose, Refusal, Request, Validators};
pub use polling::{Discovery, Moved, Moving, PollState, Rhythm, Tally, Trouble};
pub use seed::Seed;
pub use site::{NameSeen, PlaceSeen, Site, ZoneSeen};
pub use source::{Feed, FeedHints, Source};
pub use story::{Cause, Coverage, Related, Story, Via};
pub use subscription::{HubAnswer, HubWord, Phase, Posted, Subscription};
pub use token::Token;
pub use topic::{LeadRule, Rank, Rule, Term, TermField, Topic};
pub use visit::VisitState;
pub use when::When;
