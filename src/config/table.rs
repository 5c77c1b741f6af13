//! The one table of keys: name, kind, default, bounds and doc of everything an operator may write.
//!
//! The checker, `newswire schema` and the test of the shipped file all read this table and nothing else. A key is
//! here when its stage works, and not before: a key that is read and ignored would be a lie.

use super::kind::{Default, Key, Kind};

/// Seconds of a day.
const DAY: u64 = 24 * 3600;

/// Longest time that makes sense between two events of a wire: beyond a century it is a typing error.
const CENTURY: u64 = 36_525 * DAY;

/// Most values of one list: an OPML of 10,000 sources is the largest anybody has shown.
const MANY: usize = 100_000;

/// The whole file.
pub const ROOT: &[Key] = &[
    section("site", SITE, "Who publishes this wire, and at which address."),
    section("server", SERVER, "Where readers and operators connect."),
    key(
        "store",
        Kind::Store,
        "sqlite:newswire.db",
        "The database file. Relative to $STATE_DIRECTORY, else to the working directory.",
    ),
    section("output", OUTPUT, "The same documents as static files."),
    section("seeds", SEEDS, "Story documents that editors drop into folders."),
    section("schedule", SCHEDULE, "When the wire wakes up."),
    section("fetch", FETCH, "Manners and limits towards other people's servers."),
    section("enrich", ENRICH, "Reading the articles' own pages."),
    appended("sources", &Kind::Object(SOURCE), "Feeds to poll."),
    appended("topics", &Kind::Object(TOPIC), "What is published. Without topics, every label of a seed becomes one."),
    section("grouping", GROUPING, "Which articles are one story."),
    section("publish", PUBLISH, "How topics are published."),
];

const SITE: &[Key] = &[
    key("title", Kind::Text, "My wire", "The name of the wire in feeds and pages."),
    key(
        "base_url",
        Kind::BaseUrl,
        "https://wire.example.org/",
        "The absolute address readers reach this wire at. It may have a path.",
    ),
    key(
        "contact",
        Kind::Contact,
        "me@example.org",
        "Email or web address in the User-Agent, for people whose servers are asked.",
    ),
    optional(
        "id",
        Kind::TagAuthority,
        "Overrides the authority of entry ids (RFC 4151); else it is taken from base_url at first start and kept.",
    ),
];

const SERVER: &[Key] = &[
    key("listen", Kind::Listen, "127.0.0.1:8080", "Address for readers."),
    key("admin", Kind::Listen, "127.0.0.1:8081", "Address for health, metrics and status. Keep it private."),
];

const OUTPUT: &[Key] = &[optional(
    "dir",
    Kind::Path,
    "Folder for static files. Relative to $STATE_DIRECTORY, else to the working directory.",
)];

const SEEDS: &[Key] = &[
    key(
        "paths",
        list(&Kind::Path, 0, 1_000),
        "[seeds]",
        "Folders that are searched for .md and .yaml seeds, relative to this file.",
    ),
    key("reload", Kind::Cron, "\"*/15 * * * *\"", "When the folders are read again in any case."),
    key("watch", Kind::Bool, "true", "Read a seed as soon as its file changes."),
    key(
        "unpublished",
        Kind::Choice(&["exclude", "include"]),
        "exclude",
        "What happens to seeds that say `published: false`.",
    ),
];

const SCHEDULE: &[Key] = &[
    key("timezone", Kind::Zone, "UTC", "Time zone of every crontab expression."),
    key(
        "poll",
        Kind::Cron,
        "\"*/5 * * * *\"",
        "When to look for sources that are due. When one is due is its own affair.",
    ),
];

const FETCH: &[Key] = &[
    key("min_interval", duration(0, 366 * DAY), "1h", "Floor between two polls of a source that gives validators."),
    key(
        "min_interval_unconditional",
        duration(0, 366 * DAY),
        "24h",
        "Floor between two polls of a source that gives none.",
    ),
    key(
        "quiet_interval",
        duration(0, 7 * DAY),
        "6h",
        "The longest that a source waits only because it posts rarely. 0s: none does.",
    ),
    key("gap", duration(0, DAY), "1s", "Pause between two requests to one host."),
    key("per_host", Kind::Count { least: 1, most: 64 }, "1", "Requests to one host at a time."),
    key("concurrency", Kind::Count { least: 1, most: 1_024 }, "64", "Requests at a time, to all hosts."),
    key("timeout", duration(1, 600), "20s", "Longest time one request may take."),
    key("max_body", Kind::Size { least: 64 << 10, most: 256 << 20 }, "5MiB", "Most bytes of one decoded answer."),
    key("robots", Kind::Bool, "true", "Obey robots.txt for article pages. A feed listed here is asked anyway."),
    key(
        "discover_paths",
        list(&Kind::Text, 0, 20),
        "[]",
        "Paths tried, one a poll, on the host of a listed page that names no feed, such as /feed. robots.txt governs.",
    ),
    key(
        "websub",
        Kind::Choice(&["auto", "always", "never"]),
        "auto",
        "Have hubs that sources name deliver (W3C WebSub); `auto` where site.base_url looks like a public address.",
    ),
    key(
        "ports",
        list(&Kind::Count { least: 1, most: 65_535 }, 1, 100),
        "[80, 443]",
        "Ports that may be dialled, besides those of connect_to and allow_private.",
    ),
    key("allow_private", list(&Kind::Cidr, 0, 100), "[]", "Private networks that may be dialled, on any port."),
    key(
        "connect_to",
        Kind::Map { key: &Kind::Endpoint, item: &Kind::Target },
        "{}",
        "Hosts that are dialled elsewhere: `host` or `host:port` to address and port.",
    ),
    optional("ca_file", Kind::Path, "An extra certificate authority (PEM), for an intranet. Relative to this file."),
    key(
        "hosts",
        Kind::Map { key: &Kind::Host, item: &Kind::Object(HOST) },
        "{}",
        "Other manners for single registrable domains.",
    ),
];

const HOST: &[Key] =
    &[optional("gap", duration(0, DAY), "Pause between two requests to this domain; fetch.gap where not given.")];

const ENRICH: &[Key] = &[
    key("seeds", Kind::Choice(ENRICHED), "all", "Which articles of seeds have their page read."),
    key(
        "sources",
        Kind::Choice(ENRICHED),
        "missing",
        "The same for articles of sources; `missing` is those without image or excerpt, inside the window.",
    ),
    key(
        "revisit",
        list(&duration(60, 366 * DAY), 0, 20),
        "[1h, 6h, 24h]",
        "When a page is read again, counted from its first reading.",
    ),
];

const ENRICHED: &[&str] = &["all", "missing", "none"];

const SOURCE: &[Key] = &[
    required("url", Kind::Url, "The feed's address."),
    key("topics", list(&Kind::Text, 0, 100), "[]", "Labels for every entry of this source."),
];

const TOPIC: &[Key] = &[
    required("id", Kind::Slug, "The topic's slug: its feeds stand at /t/<id>/."),
    optional("title", Kind::Text, "The topic's name; the first label, else the id, where not given."),
    key("labels", list(&Kind::Text, 0, 100), "[]", "What seeds and sources call it."),
    optional("match", Kind::Rule, "A rule over articles. A story is in when the labels or this rule hold."),
    key("min_publishers", Kind::Count { least: 1, most: 1_000 }, "1", "Publishers a story needs, copies not counted."),
    optional(
        "max_per_publisher",
        Kind::Count { least: 1, most: 1_000 },
        "Most stories shown that one publisher leads; the best of them, in the topic's order.",
    ),
    optional(
        "min_quality",
        Kind::Count { least: 0, most: 1_000_000 },
        "Quality that the best article of a story needs.",
    ),
    optional("max_age", duration(1, CENTURY), "Stories whose latest article was published longer ago stay out."),
    key("limit", Kind::Count { least: 1, most: 1_000 }, "50", "Most stories shown."),
    key("rank", Kind::Choice(&["heat", "newest", "quality"]), "heat", "The order of stories."),
    optional("digest", Kind::Cron, "A second feed, /t/<id>/digest.xml, with one entry a period; these are their ends."),
    optional(
        "private",
        Kind::Token,
        "A token of 16 characters or more: the topic is served below /p/<token>/ and appears nowhere else.",
    ),
    key(
        "tests",
        list(&Kind::Object(TOPIC_TEST), 0, 200),
        "[]",
        "Articles that this topic must hold or leave out. `check` and every load of this file judge them.",
    ),
];

const TOPIC_TEST: &[Key] = &[
    required("article", Kind::Object(TESTED_ARTICLE), "What the article says, by the fields of rules."),
    required("expect", Kind::Choice(&["in", "out"]), "Whether the labels or the rule of the topic hold for it."),
];

/// The fields that a rule may name, and the labels.
const TESTED_ARTICLE: &[Key] = &[
    key("title", Kind::Text, "untitled", "Its headline."),
    optional("excerpt", Kind::Text, "Its summary."),
    key("url", Kind::Url, "https://article.invalid/", "Its address."),
    optional("publisher", Kind::Text, "Its publisher: a name, or a domain."),
    key("author", Kind::Texts, "[]", "Who wrote it."),
    optional("lang", Kind::Text, "Its language, as a BCP 47 tag."),
    key("tag", Kind::Texts, "[]", "Its tags."),
    optional("category", Kind::Text, "Its section."),
    optional("kind", Kind::Text, "What it is: article, video, …"),
    key("quality", Kind::Count { least: 0, most: 1_000_000 }, "0", "Its editorial worth."),
    key("labels", Kind::Texts, "[]", "Labels of its source or seed."),
];

const TOGETHER: Kind = list(&Kind::Article, 2, 1_000);

const GROUPING: &[Key] = &[
    key(
        "window",
        duration(0, 366 * DAY),
        "72h",
        "Farthest apart two articles of one story are published. 0s: only what seeds tie, and identical articles.",
    ),
    key(
        "max_articles",
        Kind::Count { least: 1, most: 1_000_000 },
        "100000",
        "Articles that new ones are compared with, the last that came: about 2 kB of memory each.",
    ),
    key("same", list(&TOGETHER, 0, MANY), "[]", "Groups of articles that are one story, whatever the linker thinks."),
    key("different", list(&TOGETHER, 0, MANY), "[]", "Groups of articles of which no two are ever in one story."),
    key("pin", list(&Kind::Article, 0, MANY), "[]", "Articles that lead their story."),
    key(
        "drop_publishers",
        list(&Kind::Host, 0, MANY),
        "[]",
        "Domains of publishers whose articles are left out of every story.",
    ),
];

const PUBLISH: &[Key] = &[
    key("formats", list(&Kind::Format, 1, 10), "[rss, atom, json, html]", "What is made of each topic."),
    key(
        "lead",
        Kind::Choice(&["quality", "seed"]),
        "quality",
        "Which article leads a story: the best, or the seed's own.",
    ),
    key(
        "updated_on",
        Kind::Choice(&["new-source", "lead-changed", "never"]),
        "new-source",
        "Which change of a story marks it as updated for readers.",
    ),
    key(
        "websub",
        Kind::Hub,
        "none",
        "Who tells subscribers of changes at once (W3C WebSub): nobody, this wire itself, or the hub at an address.",
    ),
    key(
        "images",
        Kind::Choice(&["link", "proxy", "none"]),
        "link",
        "Where readers get pictures: from the publisher, from this wire, which fetches and keeps them, or not at all.",
    ),
];

const fn key(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Key {
    Key { name, kind, default: Default::Yaml(default), doc, appends: false }
}

const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, default: Default::Nothing, doc, appends: false }
}

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, default: Default::Required, doc, appends: false }
}

const fn section(name: &'static str, keys: &'static [Key], doc: &'static str) -> Key {
    Key { name, kind: Kind::Object(keys), default: Default::Section, doc, appends: false }
}

const fn appended(name: &'static str, item: &'static Kind, doc: &'static str) -> Key {
    Key { name, kind: list(item, 0, MANY), default: Default::Yaml("[]"), doc, appends: true }
}

const fn list(item: &'static Kind, least: usize, most: usize) -> Kind {
    Kind::List { item, least, most }
}

const fn duration(least_s: u64, most_s: u64) -> Kind {
    Kind::Duration { least_s, most_s }
}
