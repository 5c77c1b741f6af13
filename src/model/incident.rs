//! Incidents: trouble with a source, from its beginning to its end.

use std::fmt;

use jiff::Timestamp;

/// What is wrong with a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncidentKind {
    /// It cannot be read, or may not be asked.
    Broken,
    /// It asks us to slow down.
    Throttled,
    /// It says that it is gone for good.
    Gone,
    /// After long failure it is not asked any more.
    Resting,
    /// It answers from another address for good; the configuration should name that.
    Moved,
}

impl IncidentKind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Broken, Self::Throttled, Self::Gone, Self::Resting, Self::Moved];

    /// Its name in the store and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Throttled => "throttled",
            Self::Gone => "gone",
            Self::Resting => "resting",
            Self::Moved => "moved",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it may stand beside another incident of the same source: one that moved may also be broken.
    #[must_use]
    pub fn is_move(self) -> bool {
        self == Self::Moved
    }
}

impl fmt::Display for IncidentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One incident as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Counts up and is never used again.
    pub no: i64,
    /// The source's address, tokens masked.
    pub source: String,
    /// The feed's own title.
    pub title: Option<String>,
    /// What is wrong, or was last.
    pub kind: IncidentKind,
    /// The facts, for people.
    pub detail: String,
    /// When it began.
    pub opened: Timestamp,
    /// When it last became another kind, or was closed.
    pub updated: Timestamp,
    /// When it was over, and why.
    pub closed: Option<(Timestamp, String)>,
    /// Polls in trouble since it began.
    pub polls: u32,
}
