//! What is fuzzed: a row a reader. A new reader is a new row, a function in `promises.rs`, and words in `words.rs`.

use super::promises::{self as p};
use super::words::{self as w};

/// One reader of foreign bytes.
pub struct Target {
    pub name: &'static str,
    /// What must hold besides: no panic, in time, in memory.
    pub promise: &'static str,
    /// Reads, and says what was promised and is not so.
    pub run: fn(&[u8]) -> Result<(), String>,
    /// CPU milliseconds a megabyte, beside 50 for every input.
    pub a_megabyte_ms: u64,
    /// Memory may be this many times the input, beside 4 MiB.
    pub times: u64,
    pub stock: Words,
}

/// Some bytes each.
type Pieces = &'static [&'static [u8]];

/// What inputs of a target are made of.
pub struct Words {
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    pub dictionary: Pieces,
    /// These nest or multiply when they are repeated.
    pub bombs: Pieces,
}

const fn row(
    name: &'static str,
    promise: &'static str,
    run: fn(&[u8]) -> Result<(), String>,
    (a_megabyte_ms, times): (u64, u64),
    stock: Words,
) -> Target {
    Target { name, promise, run, a_megabyte_ms, times, stock }
}

const fn of(seeds: fn() -> Vec<Vec<u8>>, dictionary: Pieces, bombs: Pieces) -> Words {
    Words { seeds, dictionary, bombs }
}

/// What a reader of foreign bytes may cost: milliseconds of CPU a megabyte, and its memory as a multiple of the input.
const USUAL: (u64, u64) = (100, 10);

/// Pages come by the thousand.
const PAGE: (u64, u64) = (50, 10);

/// What makes a tree of a text that operators and editors write: it is capped, and read seldom. Short values cost most:
/// a value of two letters takes 800 bytes in a configuration, each with its place, and half of the time is a YAML reader's.
const TREE: (u64, u64) = (400, 200);

/// Lists of feeds, which operators bring.
const LIST: (u64, u64) = (200, 10);

/// All of them.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    row("seed", "a seed or an error, and every finding can be shown", p::document, TREE, of(w::documents, w::SEED_WORDS, w::SEED_BOMBS)),
    row("config", "a configuration or an error; no secret is shown", p::configuration, TREE, of(w::configurations, w::CONFIG_WORDS, w::CONFIG_BOMBS)),
    row("crontab", "times ascend in every zone; written and read again it is the same", p::crontab, USUAL, of(w::crontabs, w::CRON_WORDS, w::CRON_BOMBS)),
    row("rule", "an error names a byte of the text", p::rule, TREE, of(w::rules, w::RULE_WORDS, w::RULE_BOMBS)),
    row("feed", "at most so many entries, of http addresses; the same bytes, the same entries", p::feed, USUAL, of(w::feeds, w::FEED_WORDS, w::FEED_BOMBS)),
    row("discover", "feeds at http addresses only", p::discover, USUAL, of(w::pages, w::PAGE_WORDS, w::PAGE_BOMBS)),
    row("opml", "written and read again it is the same", p::opml, LIST, of(w::lists, w::LIST_WORDS, w::LIST_BOMBS)),
    row("page", "read in steps or whole, it says the same", p::page, PAGE, of(w::pages, w::PAGE_WORDS, w::PAGE_BOMBS)),
    row("jsonld", "the same, of a page's script", p::jsonld, PAGE, of(w::blocks, w::BLOCK_WORDS, w::BLOCK_BOMBS)),
    row("robots", "it never forbids itself; written and read again it is the same", p::robots, USUAL, of(w::robots_files, w::ROBOTS_WORDS, w::ROBOTS_BOMBS)),
    row("url", "canonical twice is canonical once", p::address, USUAL, of(w::addresses, w::URL_WORDS, w::URL_BOMBS)),
    row("date", "shown and read again it is the same", p::date, USUAL, of(w::moments, w::DATE_WORDS, w::DATE_BOMBS)),
    row("http", "no rest of more than 30 days; validators go back as they came", p::fields, USUAL, of(w::heads, w::FIELD_WORDS, w::FIELD_BOMBS)),
    row("websub", "written and read again it is the same; no empty challenge", p::websub, USUAL, of(w::forms, w::FORM_WORDS, w::FORM_BOMBS)),
    row("picture", "more of it does not make it smaller", p::image, USUAL, of(w::pictures, w::PICTURE_WORDS, w::PICTURE_BOMBS)),
    row("note", "nothing that runs comes out", p::note, TREE, of(w::notes, w::NOTE_WORDS, w::NOTE_BOMBS)),
];

/// A reader with every fault there is, to see that each is found.
pub const ALARM: Target = row("alarm", "none", p::alarm, USUAL, of(w::rules, w::RULE_WORDS, w::RULE_BOMBS));
