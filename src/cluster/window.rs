//! `Window`: the grouped articles that a new one may join.
//!
//! In come profiles with their story, out goes the best story for a unit. Bounded by count, first in, first out.
//! Everything it answers is a function of what it holds and of the order in which that was put.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use super::copy::{Text, copy_of};
use super::postings::{Postings, Slot};
use super::resident::{Held, Resident};
use crate::model::{ArticleId, StoryId};
use crate::similarity::{Profile, Term, Weighed, Weights};

/// A window that has seen nothing takes a term to be in one article of this many, so that nine articles behave.
const BACKGROUND: f64 = 500.0;

/// Articles that are taken to have a term besides those that do: two shared words of a nearly empty window are no proof.
const UNSEEN: f64 = 10.0;

/// Logarithms for frequencies below 8,192: nearly all, and looking up is ten times as fast.
static LOGARITHMS: LazyLock<Vec<f64>> =
    LazyLock::new(|| (1..=8192).map(|count| (f64::from(count) - 1.0 + UNSEEN).ln()).collect());

/// Members among which the original of a copy is sought: originals come early, and a story may have thousands.
const COPY_MEMBERS: usize = 512;

/// How the window decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Farthest two publications may be apart, in seconds; 72 h by default. 0 turns the linker off.
    pub window_s: i64,
    /// Residents that are kept, 100,000 by default.
    pub max_articles: usize,
    /// Least score of a link, in 0 to 1.
    pub threshold: f64,
    /// How much the threshold grows with each doubling of a story.
    pub growth: f64,
    /// What a bundle of several articles needs on top of the threshold: a wrong link of theirs costs more.
    pub bundle: f64,
    /// A story's score is the sum of its best matches over their number to this power.
    pub exponent: f64,
    /// What the features of a pair weigh.
    pub weights: Weights,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window_s: 72 * 3600,
            max_articles: 100_000,
            threshold: 0.3,
            growth: 0.02,
            bundle: 0.1,
            exponent: 0.9,
            weights: Weights::default(),
        }
    }
}

impl Rules {
    /// Whether the linker is off: a window of no length links nothing.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.window_s <= 0
    }
}

/// Where a unit belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The story.
    pub story: StoryId,
    /// In 0 to 1, at or above the threshold.
    pub score: f64,
    /// The member of the story that matched best.
    pub nearest: ArticleId,
    /// The article of the unit that it matched.
    pub of: ArticleId,
}

/// The open window.
#[derive(Debug)]
pub struct Window {
    pub(super) rules: Rules,
    residents: Vec<Option<Resident>>,
    /// By slot: when the resident was published. Apart, since most who are looked at are only asked this.
    times: Vec<i64>,
    free: Vec<Slot>,
    by_id: BTreeMap<ArticleId, Slot>,
    by_order: BTreeMap<u64, Slot>,
    guests: BTreeMap<ArticleId, Slot>,
    /// Whom the guests were invited for.
    occasion: Option<[i64; 3]>,
    pub(super) stories: BTreeMap<StoryId, VecDeque<Slot>>,
    pub(super) postings: Postings,
    next_order: u64,
    /// 1 over the logarithm of the number of residents and the background.
    scale: f64,
}

impl Window {
    /// An empty window.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let mut window = Self {
            rules,
            residents: Vec::new(),
            times: Vec::new(),
            free: Vec::new(),
            by_id: BTreeMap::new(),
            by_order: BTreeMap::new(),
            guests: BTreeMap::new(),
            occasion: None,
            stories: BTreeMap::new(),
            postings: Postings::default(),
            next_order: 0,
            scale: 0.0,
        };
        window.rescale();
        window
    }

    /// Residents, without guests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_order.len()
    }

    /// Whether there is no resident.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_order.is_empty()
    }

    /// The story that `article` is in, if the window holds it, as a resident or a guest.
    #[must_use]
    pub fn story_of(&self, article: ArticleId) -> Option<StoryId> {
        let slot = self.by_id.get(&article).or_else(|| self.guests.get(&article))?;
        self.resident(*slot).map(|resident| resident.story)
    }

    /// Takes `profile` in as a resident of `story`. A known one is replaced and keeps its place in the row; beyond
    /// `max_articles` the one that was put first leaves.
    pub fn put(&mut self, profile: &Profile, story: StoryId) {
        let order = match self.by_id.get(&profile.id).and_then(|slot| self.resident(*slot)) {
            Some(known) => known.order,
            None => self.next(),
        };
        self.take(profile.id);
        let slot = self.seat(profile, story, order, false);
        self.by_id.insert(profile.id, slot);
        self.by_order.insert(order, slot);
        while self.by_order.len() > self.rules.max_articles {
            let Some((_, oldest)) = self.by_order.pop_first() else { break };
            if let Some(id) = self.clear_seat(oldest) {
                self.by_id.remove(&id);
            }
        }
        self.rescale();
    }

    /// Takes `profile` in as a candidate that counts in no frequency, until [`Self::clear_guests`]. A resident stays
    /// what it is.
    pub fn put_guest(&mut self, profile: &Profile, story: StoryId) {
        if self.by_id.contains_key(&profile.id) {
            return;
        }
        self.take(profile.id);
        let order = self.next();
        let slot = self.seat(profile, story, order, true);
        self.guests.insert(profile.id, slot);
    }

    /// Whether the guests of `occasion` are still to be invited; those of another one are sent away.
    pub fn expects_guests(&mut self, occasion: [i64; 3]) -> bool {
        if self.occasion == Some(occasion) {
            return false;
        }
        self.clear_guests();
        self.occasion = Some(occasion);
        true
    }

    /// Sends all guests away.
    pub fn clear_guests(&mut self) {
        self.occasion = None;
        for slot in std::mem::take(&mut self.guests).into_values() {
            self.clear_seat(slot);
        }
    }

    /// Forgets `article`, resident or guest.
    pub fn take(&mut self, article: ArticleId) {
        if let Some(slot) = self.by_id.remove(&article).or_else(|| self.guests.remove(&article)) {
            if let Some(resident) = self.resident(slot) {
                let order = resident.order;
                self.by_order.remove(&order);
            }
            self.clear_seat(slot);
            self.rescale();
        }
    }

    /// Every member of `from` is now in `to`, which may have members already.
    pub fn rename(&mut self, from: StoryId, to: StoryId) {
        if from == to {
            return;
        }
        let Some(moved) = self.stories.remove(&from) else { return };
        for slot in &moved {
            if let Some(Some(resident)) = self.residents.get_mut(*slot as usize) {
                resident.story = to;
            }
        }
        let mut members = self.stories.remove(&to).unwrap_or_default();
        members.extend(moved);
        members.make_contiguous().sort_by_key(|slot| self.order_of(*slot));
        self.stories.insert(to, members);
    }

    /// Members of `story` that the window holds, guests included.
    #[must_use]
    pub fn size_of(&self, story: StoryId) -> usize {
        self.stories.get(&story).map_or(0, VecDeque::len)
    }

    /// The member of `story` that `profile` is a copy of (see [`copy_of`]). Looks at the members that were put first.
    #[must_use]
    pub fn copy_of(&self, profile: &Profile, story: StoryId) -> Option<ArticleId> {
        let members = self.stories.get(&story).into_iter().flatten().filter_map(|slot| self.resident(*slot));
        let members: Vec<Text> = members.take(COPY_MEMBERS).map(Resident::text).collect();
        copy_of(Text::from(profile), &members)
    }

    pub(super) fn resident(&self, slot: Slot) -> Option<&Resident> {
        self.residents.get(slot as usize)?.as_ref()
    }

    pub(super) fn order_of(&self, slot: Slot) -> u64 {
        self.resident(slot).map_or(0, |resident| resident.order)
    }

    /// Rarity of the term with `hash` under what the residents hold now: 1 for a word that nobody has, 0 for one that
    /// all have, logarithmic in between, whatever the size of the window.
    pub(super) fn rarity(&self, hash: u32) -> f64 {
        self.rarity_of(self.postings.number(hash).map_or(0, |number| self.postings.facts(number).frequency))
    }

    pub(super) fn rarity_of(&self, frequency: u32) -> f64 {
        let log = |count: f64| (count + UNSEEN).ln();
        let held = LOGARITHMS.get(frequency as usize).copied().unwrap_or_else(|| log(f64::from(frequency)));
        (1.0 - held * self.scale).max(0.0)
    }

    /// When the resident at `slot` was published, in seconds.
    pub(super) fn published_s(&self, slot: Slot) -> i64 {
        self.times.get(slot as usize).copied().unwrap_or_default()
    }

    /// Weighs the resident into `into`.
    pub(super) fn weigh(&self, resident: &Resident, into: &mut Weighed) {
        let terms = resident.terms.iter().map(|held| {
            let facts = self.postings.facts(held.number());
            (Term { hash: facts.hash, flags: held.flags() }, self.rarity_of(facts.frequency))
        });
        into.fill(resident.published_s, resident.publisher, terms);
    }

    /// To be called whenever the number of residents has changed.
    fn rescale(&mut self) {
        self.scale = 1.0 / (self.len() as f64 + BACKGROUND).ln();
    }

    fn next(&mut self) -> u64 {
        self.next_order += 1;
        self.next_order
    }

    fn seat(&mut self, profile: &Profile, story: StoryId, order: u64, guest: bool) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.residents.push(None);
            self.times.push(0);
            Slot::try_from(self.residents.len() - 1).unwrap_or(Slot::MAX)
        });
        let terms = profile.terms.iter().map(|term| Held::new(self.postings.intern(term.hash), term.flags)).collect();
        let resident = Resident {
            id: profile.id,
            story,
            published_s: profile.published_s,
            publisher: profile.publisher,
            order,
            guest,
            terms,
            sketch: profile.sketch.clone(),
            points_to: profile.points_to,
        };
        let residents = &self.residents;
        let when = |other: Slot| match residents.get(other as usize) {
            Some(Some(resident)) => resident.order,
            _ => order,
        };
        for held in &resident.terms {
            self.postings.add(held.number(), slot, !guest, when);
        }
        let members = self.stories.entry(story).or_default();
        let place = members.partition_point(|other| when(*other) < order);
        members.insert(place, slot);
        if let Some(seat) = self.residents.get_mut(slot as usize) {
            *seat = Some(resident);
        }
        if let Some(time) = self.times.get_mut(slot as usize) {
            *time = profile.published_s;
        }
        slot
    }

    fn clear_seat(&mut self, slot: Slot) -> Option<ArticleId> {
        let resident = self.residents.get_mut(slot as usize)?.take()?;
        for held in &resident.terms {
            self.postings.remove(held.number(), slot, !resident.guest);
        }
        if let Some(members) = self.stories.get_mut(&resident.story) {
            // Nearly always the first: the oldest is evicted.
            if let Some(place) = members.iter().position(|member| *member == slot) {
                members.remove(place);
            }
            if members.is_empty() {
                self.stories.remove(&resident.story);
            }
        }
        self.free.push(slot);
        Some(resident.id)
    }
}
