//! `EVIDENCE`: what is looked at in a pair of articles and their neighbours.
//!
//! In come two weighed articles, out go the numbers that [`super::Model`] adds up. The first part is of the two texts
//! alone. The second compares the pair with each side's other neighbours in the open window, and is filled in by
//! `cluster::open`, which knows them: two articles may share little, and yet nobody shares more with either. What each
//! brings stands in `MEASURED.md`; the group `circle` brings the sets nothing, and is kept for pairs that stand alone, of
//! which fewer are judged right without it (`cargo bench --bench train -- --pairs`).

use super::profile::Term;
use super::tongue::may_meet;
use super::weighed::{Article, HAS_EXCERPT, NAMED, TITLE_NAME, TITLE_NUMBER, Word, place_weight};

/// Ranks beyond this say the same.
const LAST_RANK: f32 = 50.0;

/// Which way a number may move the score: the learner is held to it, so that no set of stories teaches it nonsense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// More of it never lowers the score.
    Up,
    /// More of it never raises the score.
    Down,
    /// It says how the others are to be read.
    Any,
}

/// One thing that is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As people and weight files call it.
    pub name: &'static str,
    /// Which way it may move the score.
    pub way: Way,
    /// The group that an ablation leaves out together.
    pub group: &'static str,
}

macro_rules! evidence {
    ($($slot:ident $way:ident $group:literal $name:literal)*) => {
        /// The places of the numbers in an [`Evidence`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the table names them")]
        pub enum Slot { $($slot),* }

        /// All there is, in the order of an [`Evidence`].
        pub static EVIDENCE: &[Kind] = &[$(Kind { name: $name, way: Way::$way, group: $group }),*];

        /// How many there are.
        pub const KINDS: usize = [$($name),*].len();
    };
}

evidence! {
    Title        Up   "title"      "title cosine"
    All          Up   "cosine"     "cosine"
    Excerpt      Up   "excerpt"    "excerpt cosine"
    Names        Up   "names"      "names cosine"
    Cross        Up   "excerpt"    "title against excerpt"
    TitleMass    Up   "title"      "rare words shared by titles"
    TitleCovered Up   "title"      "shorter title covered"
    Covered      Up   "cosine"     "shorter article covered"
    NamesCovered Up   "names"      "fewer names covered"
    Rarest       Up   "rarest"     "rarest shared word"
    Second       Up   "rarest"     "second rarest"
    Third        Up   "rarest"     "third rarest"
    Numbers      Up   "numbers"    "numbers shared"
    NumbersClash Down "numbers"    "numbers clash"
    ShortTitle   Any  "shape"      "words of the shorter title"
    Excerpts     Any  "shape"      "excerpts at hand"
    Mass         Up   "cosine"     "rare words shared"
    RarestTitle  Up   "rarest"     "rarest word of both titles"
    NamesClash   Down "names"      "names clash"
    OfBest       Up   "neighbours" "cosine next to the best of both"
    OfWorse      Up   "neighbours" "cosine next to the lesser best"
    TitleOfBest  Up   "neighbours" "titles next to the best of both"
    TitleOfWorse Up   "neighbours" "titles next to the lesser best"
    MassOfBest   Up   "neighbours" "shared words next to the best of both"
    MassOfWorse  Up   "neighbours" "shared words next to the lesser best"
    Circle       Up   "circle"     "same neighbours"
    TitleCircle  Up   "circle"     "same neighbours by title"
    Bridge       Any  "circle"     "best common neighbour"
    Common       Any  "circle"     "share of common neighbours"
    RankBest     Down "rank"       "rank, better side"
    RankWorse    Down "rank"       "rank, worse side"
    Local        Up   "rank"       "cosine next to the usual"
    Strangest    Up   "strange"    "strangest shared word"
    Stranger     Up   "strange"    "second strangest"
}

/// What is known about one pair, in the order of [`EVIDENCE`].
pub type Evidence = [f32; KINDS];

/// Sums over the words that two articles share.
#[derive(Default)]
struct Shared {
    words: u32,
    all: f32,
    title: f32,
    excerpt: f32,
    names: f32,
    title_excerpt: f32,
    excerpt_title: f32,
    title_mass: f32,
    mine_title: f32,
    theirs_title: f32,
    idf: f32,
    mine_names: f32,
    theirs_names: f32,
    mass: f32,
    rarest: [f32; 3],
    rarest_title: f32,
    strangest: [u8; 2],
    numbers: f32,
    title_names: u32,
}

impl Shared {
    fn of(a: &Article, b: &Article) -> Self {
        let mut shared = Self::default();
        let (mut mine, mut theirs) = (0, 0);
        // Steps without a branch on who is first: no processor guesses that, and it is asked a hundred times a pair.
        while let (Some(one), Some(other)) = (a.words.get(mine), b.words.get(theirs)) {
            if one.key == other.key {
                shared.add(one, other.flags);
            }
            mine += usize::from(one.key <= other.key);
            theirs += usize::from(other.key <= one.key);
        }
        shared
    }

    /// Adds a word of mine that they have with these flags.
    fn add(&mut self, word: &Word, theirs: u8) {
        let Word { flags: mine, idf, strange, .. } = *word;
        let square = idf * idf;
        let (weight, other_weight) = (place_weight(mine), place_weight(theirs));
        self.words += 1;
        self.all += weight * other_weight * square;
        self.mass += idf * weight.min(other_weight);
        self.idf += idf;
        let in_both = |flag: u8| mine & theirs & flag != 0;
        if in_both(Term::TITLE) {
            self.title += square;
            self.title_mass += idf;
            self.rarest_title = self.rarest_title.max(idf);
            self.title_names += u32::from((mine | theirs) & Term::PROPER != 0);
        }
        let add = |sum: &mut f32, holds: bool, value: f32| *sum += if holds { value } else { 0.0 };
        add(&mut self.excerpt, in_both(Term::EXCERPT), square);
        add(&mut self.title_excerpt, mine & Term::TITLE != 0 && theirs & Term::EXCERPT != 0, square);
        add(&mut self.excerpt_title, mine & Term::EXCERPT != 0 && theirs & Term::TITLE != 0, square);
        add(&mut self.names, mine & NAMED != 0 && theirs & NAMED != 0, square);
        add(&mut self.mine_title, mine & Term::TITLE != 0, idf);
        add(&mut self.theirs_title, theirs & Term::TITLE != 0, idf);
        add(&mut self.mine_names, mine & NAMED != 0, idf);
        add(&mut self.theirs_names, theirs & NAMED != 0, idf);
        add(&mut self.numbers, mine & Term::NUMBER != 0, 1.0);
        let [first, second, third] = &mut self.rarest;
        if idf > *first {
            (*third, *second, *first) = (*second, *first, idf);
        } else if idf > *second {
            (*third, *second) = (*second, idf);
        } else {
            *third = third.max(idf);
        }
        let [strangest, stranger] = &mut self.strangest;
        *stranger = strange.min(*strangest).max(*stranger);
        *strangest = strange.max(*strangest);
    }
}

/// The evidence of the two texts alone; what is of their neighbours is 0, and all where their languages differ. Symmetric.
#[must_use]
pub fn compare(a: &Article, b: &Article) -> Evidence {
    if a.words.first().zip(b.words.first()).is_some_and(|(one, other)| !may_meet(one.flags, other.flags)) {
        return [0.0; KINDS];
    }
    let shared = Shared::of(a, b);
    let mut evidence = [0.0; KINDS];
    let mut put = |slot: Slot, value: f32| {
        if let Some(place) = evidence.get_mut(slot as usize) {
            *place = value;
        }
    };
    put(Slot::Title, ratio(shared.title, a.title_norm * b.title_norm));
    put(Slot::All, ratio(shared.all, a.norm * b.norm));
    put(Slot::Excerpt, ratio(shared.excerpt, a.excerpt_norm * b.excerpt_norm));
    put(Slot::Names, ratio(shared.names, a.names_norm * b.names_norm));
    let cross = ratio(shared.title_excerpt, a.title_norm * b.excerpt_norm);
    put(Slot::Cross, cross.max(ratio(shared.excerpt_title, a.excerpt_norm * b.title_norm)));
    put(Slot::TitleMass, shared.title_mass);
    put(Slot::TitleCovered, ratio(shared.mine_title, a.title_mass).max(ratio(shared.theirs_title, b.title_mass)));
    put(Slot::Covered, ratio(shared.idf, a.mass.min(b.mass)));
    put(Slot::NamesCovered, ratio(shared.mine_names, a.names_mass).max(ratio(shared.theirs_names, b.names_mass)));
    for (slot, idf) in [Slot::Rarest, Slot::Second, Slot::Third].into_iter().zip(shared.rarest) {
        put(slot, idf);
    }
    put(Slot::Numbers, ratio(shared.numbers, f32::from(a.numbers.min(b.numbers))));
    let both = |bit: u8| a.has & b.has & bit != 0;
    let truth = |holds: bool| f32::from(u8::from(holds));
    put(Slot::NumbersClash, truth(shared.numbers == 0.0 && both(TITLE_NUMBER)));
    put(Slot::ShortTitle, f32::from(a.title_words.min(b.title_words)));
    put(Slot::Excerpts, truth(a.has & HAS_EXCERPT != 0) + truth(b.has & HAS_EXCERPT != 0));
    put(Slot::Mass, shared.mass);
    put(Slot::RarestTitle, shared.rarest_title);
    for (slot, strange) in [Slot::Strangest, Slot::Stranger].into_iter().zip(shared.strangest) {
        put(slot, f32::from(strange));
    }
    put(Slot::NamesClash, truth(shared.title_names == 0 && both(TITLE_NAME)));
    evidence
}

/// The number at `slot`.
#[must_use]
pub fn at(evidence: &Evidence, slot: Slot) -> f32 {
    evidence.get(slot as usize).copied().unwrap_or_default()
}

/// What the neighbours of both sides say about a pair.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around {
    /// The largest cosine, title cosine and shared mass of each side over all its pairs.
    pub best: [[f32; 3]; 2],
    /// Cosine of the two rows of cosines, and of title cosines, with 1 for oneself.
    pub circle: [f32; 2],
    /// The largest lesser cosine to one common neighbour.
    pub bridge: f32,
    /// Common neighbours over all of both.
    pub common: f32,
    /// Neighbours of each side that are nearer than the other.
    pub nearer: [u32; 2],
    /// Mean of each side's five best cosines.
    pub usual: [f32; 2],
}

impl Around {
    /// Fills in what neighbours say.
    pub fn put_into(&self, evidence: &mut Evidence) {
        let own = [at(evidence, Slot::All), at(evidence, Slot::Title), at(evidence, Slot::Mass)];
        let [mine, theirs] = self.best;
        let slots = [
            [Slot::OfBest, Slot::OfWorse],
            [Slot::TitleOfBest, Slot::TitleOfWorse],
            [Slot::MassOfBest, Slot::MassOfWorse],
        ];
        let mut put = |slot: Slot, value: f32| {
            if let Some(place) = evidence.get_mut(slot as usize) {
                *place = value;
            }
        };
        for (([of_best, of_worse], value), (a, b)) in slots.into_iter().zip(own).zip(mine.into_iter().zip(theirs)) {
            put(of_best, ratio(value, a.max(b)));
            put(of_worse, ratio(value, a.min(b)));
        }
        let [circle, title_circle] = self.circle;
        let [a, b] = self.nearer.map(|rank| (rank as f32).min(LAST_RANK));
        let [usual, other_usual] = self.usual;
        put(Slot::Circle, circle);
        put(Slot::TitleCircle, title_circle);
        put(Slot::Bridge, self.bridge);
        put(Slot::Common, self.common);
        put(Slot::RankBest, a.min(b));
        put(Slot::RankWorse, a.max(b));
        put(Slot::Local, ratio(own.first().copied().unwrap_or_default(), (usual * other_usual).sqrt()));
    }
}

fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
