//! Sources that are one feed: told by where they lead, by what they say of themselves, and by what they bring.
//!
//! In comes what the store knows, out come pairs with the reason. Nobody is asked. The cost grows with the number of
//! sources, not with that of entries: a small sample of each is looked at, and pairs that look alike are compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::Digest;
use crate::store::{Result, RowNo, SourceRow, View};
use crate::url;

/// Keys of a source that are looked at: two feeds of the same entries have all of them in common.
const SAMPLE: usize = 32;

/// Keys that two samples have in common before the sources are compared.
const ALIKE: usize = 3;

/// Sources that a key or title is followed to: what more of them have in common tells nothing.
const MOST_SHARERS: usize = 8;

/// Pairs compared entry by entry, so that 10,000 copies of one feed cost no more than a second.
const MOST_COMPARED: usize = 2_000;

/// Entries compared of each: about what a feed holds.
const LATEST: usize = 30;

/// A source that is the same feed as one listed before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Its address, tokens masked.
    pub url: String,
    /// The other's address, tokens masked.
    pub other: String,
    /// What tells.
    pub why: String,
}

/// How a source comes to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Listed,
    Led,
    Says,
}

/// Duplicates among the listed ones of `rows`, each once, in the order they were added.
///
/// # Errors
/// When the store cannot be read.
pub fn find(view: &View<'_>, rows: &[SourceRow]) -> Result<Vec<Duplicate>> {
    let listed: Vec<&SourceRow> = rows.iter().filter(|row| row.listed).collect();
    let samples: BTreeMap<RowNo, Vec<Digest>> = view.entry_samples(SAMPLE)?.into_iter().collect();
    let mut found: BTreeMap<usize, Duplicate> = BTreeMap::new();
    by_address(&listed, &samples, &mut found);
    by_entries(view, &listed, &samples, &mut found)?;
    Ok(found.into_values().collect())
}

fn by_address(listed: &[&SourceRow], samples: &BTreeMap<RowNo, Vec<Digest>>, found: &mut BTreeMap<usize, Duplicate>) {
    let mut places: BTreeMap<String, Vec<(usize, Way)>> = BTreeMap::new();
    for (at, row) in listed.iter().enumerate() {
        let poll = &row.poll;
        let discovered = poll.discovery.as_ref().map(|discovery| &discovery.feed);
        let led = discovered.or(poll.validators_of.as_ref());
        let ways = [(Way::Listed, Some(&row.source.url)), (Way::Led, led), (Way::Says, poll.hints.self_url.as_ref())];
        for (way, address) in ways.into_iter().filter_map(|(way, address)| Some((way, address?))) {
            let sharers = places.entry(url::listing_key(address)).or_default();
            // The strongest way of each source to an address, which comes first.
            if sharers.len() < MOST_COMPARED && sharers.last().is_none_or(|(other, _)| *other != at) {
                sharers.push((at, way));
            }
        }
    }
    for (address, sharers) in &places {
        let Some((&(first, first_way), others)) = sharers.split_first() else { continue };
        for &(at, way) in others {
            let way = way.max(first_way);
            // Whole sites say of each of their feeds that it is the main one.
            if way == Way::Says && !may_be_one(listed, samples, first, at) {
                continue;
            }
            let shown = url::mask(&format!("https://{address}"));
            let shown = shown.trim_start_matches("https://");
            let why = match way {
                Way::Listed => "their addresses differ in the scheme or the like".to_owned(),
                Way::Led => format!("both lead to {shown}"),
                Way::Says => format!("the feeds say that they are {shown}"),
            };
            note(listed, first, at, why, found);
        }
    }
}

/// Whether two sources have an entry in common, or too little is known to tell.
fn may_be_one(listed: &[&SourceRow], samples: &BTreeMap<RowNo, Vec<Digest>>, one: usize, other: usize) -> bool {
    let sample = |at: usize| listed.get(at).and_then(|row| samples.get(&row.no)).map(Vec::as_slice).unwrap_or_default();
    let (one, other) = (sample(one), sample(other));
    one.is_empty() || other.is_empty() || one.iter().any(|key| other.contains(key))
}

fn by_entries(
    view: &View<'_>,
    listed: &[&SourceRow],
    samples: &BTreeMap<RowNo, Vec<Digest>>,
    found: &mut BTreeMap<usize, Duplicate>,
) -> Result<()> {
    let mut sharers: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    let mut titled: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in listed.iter().enumerate() {
        for key in samples.get(&row.no).into_iter().flatten() {
            sharers.entry(*key).or_default().push(at);
        }
        if let Some(title) = &row.title {
            titled.entry(title).or_default().push(at);
        }
    }
    let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for all in sharers.values() {
        pairs(all).for_each(|pair| *common.entry(pair).or_default() += 1);
    }
    let mut alike: BTreeSet<(usize, usize)> =
        common.into_iter().filter(|(_, count)| *count >= ALIKE).map(|(pair, _)| pair).collect();
    // The same feed in two formats has two ids for every entry, and one title.
    alike.extend(titled.values().flat_map(|all| pairs(all)));
    for (first, at) in
        alike.into_iter().filter(|(_, at)| !found.contains_key(at)).take(MOST_COMPARED).collect::<Vec<_>>()
    {
        let (Some(one), Some(other)) = (listed.get(first), listed.get(at)) else { continue };
        let (one, other) = (view.latest_articles(one.no, LATEST)?, view.latest_articles(other.no, LATEST)?);
        let both = one.iter().filter(|article| other.binary_search(article).is_ok()).count();
        // Three of five, seen from either side: a feed of one category is part of the main one and not the same.
        if both >= ALIKE && both * 5 >= one.len().max(other.len()) * 3 {
            let why = format!("{both} of their latest {} entries are the same", one.len().max(other.len()));
            note(listed, first, at, why, found);
        }
    }
    Ok(())
}

/// The pairs of the first few, in order.
fn pairs(all: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let few = all.get(..MOST_SHARERS).unwrap_or(all);
    few.iter().enumerate().flat_map(move |(at, one)| few.iter().skip(at + 1).map(move |other| (*one, *other)))
}

/// Notes that the source at `at` is the one at `first`, unless that is told already.
fn note(listed: &[&SourceRow], first: usize, at: usize, why: String, found: &mut BTreeMap<usize, Duplicate>) {
    let (Some(one), Some(other)) = (listed.get(first), listed.get(at)) else { return };
    found.entry(at).or_insert_with(|| Duplicate {
        url: url::mask(&other.source.url),
        other: url::mask(&one.source.url),
        why,
    });
}
