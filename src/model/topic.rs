//! `Topic`: a selection of stories, from config.

/// One topic as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Kebab-case slug, unique.
    pub id: String,
    /// For people.
    pub title: String,
    /// What seeds and sources call it.
    pub labels: Vec<String>,
    /// A story is in when the labels or this rule hold.
    pub rule: Option<Rule>,
    /// Publishers (copies not counted) a story needs. Default 1.
    pub min_publishers: usize,
    /// Stories shown that one publisher leads, at most. `None`: no bound.
    pub max_per_publisher: Option<usize>,
    /// Quality that the best article of a story needs. `None`: none.
    pub min_quality: Option<i64>,
    /// Stories whose latest article was published longer ago stay out, in seconds. `None`: no bound.
    pub max_age_s: Option<i64>,
    /// Stories shown. Default 50.
    pub limit: usize,
    /// Order.
    pub rank: Rank,
}

/// The order of a topic's stories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Rank {
    /// Distinct publishers, decayed by age.
    #[default]
    Heat,
    /// Last published first.
    Newest,
    /// Best lead first.
    Quality,
}

/// Which article leads a story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LeadRule {
    /// The best `quality`; then the earliest.
    #[default]
    Quality,
    /// The seed's own article where there is a seed.
    Seed,
}

/// A `match:` rule, parsed (`topic::parse_rule`).
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// All hold.
    All(Vec<Rule>),
    /// At least one holds.
    Any(Vec<Rule>),
    /// It does not hold.
    Not(Box<Rule>),
    /// A term.
    Term(Term),
}

/// One term of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// As the operator wrote it, for `explain`.
    pub written: String,
    /// Where to look; `None` is title and excerpt.
    pub field: Option<TermField>,
    /// Normalised words that must stand in a row; a last word that ended in `*` is a prefix.
    pub words: Vec<String>,
    /// The last word is a prefix.
    pub prefix: bool,
    /// For `quality>=N`.
    pub at_least: Option<i64>,
}

/// A field a term may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the fields of the rule language")]
pub enum TermField {
    Title,
    Excerpt,
    Url,
    Publisher,
    Author,
    Lang,
    Tag,
    Category,
    Kind,
    Quality,
}
