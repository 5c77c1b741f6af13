//! `Profile`: an article as the linker sees it.
//!
//! In comes an [`Article`], out go hashed word stems with flags, the time, the publisher and a sketch of the text.
//! Holds no text and costs bounded time: a title of 100 kB counts for its first words only.

use std::collections::{BTreeMap, BTreeSet};

use super::sketch::Sketch;
use super::tongue::tongue;
use super::{segment, stop};
use crate::model::{Article, ArticleId};
use crate::{text, url};

/// Longer titles are pasted articles; 40 words hold any headline.
pub(super) const TITLE_WORDS: usize = 40;

/// Words of the excerpt that are compared: measured best on news, whose first sentence says what happened.
pub(super) const EXCERPT_WORDS: usize = 40;

/// Characters of the title that are read at all: 40 long words.
const TITLE_CHARS: usize = 600;

/// Characters of the excerpt that are read at all: enough for the sketch's 60 words.
const EXCERPT_CHARS: usize = 800;

/// Share of capitalised words from which a text is in Title Case or CAPITALS, where a capital tells nothing.
const SHOUTED: f64 = 0.6;

/// A word of an article: the hash of its stem, and flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// FNV-1a of the stem, folded to 32 bits: stable across runs, machines and versions.
    pub hash: u32,
    /// A combination of the constants below.
    pub flags: u8,
}

impl Term {
    /// It stands in the title.
    pub const TITLE: u8 = 1;
    /// It stands in the first words of the excerpt.
    pub const EXCERPT: u8 = 2;
    /// It has a digit.
    pub const NUMBER: u8 = 4;
    /// It is written with a capital inside a sentence.
    pub const PROPER: u8 = 8;
    /// From this bit on stands the number of the article's language.
    pub const LANGUAGE: u32 = 4;

    /// Whether all bits of `flag` are set.
    #[must_use]
    pub fn has(self, flag: u8) -> bool {
        self.flags & flag == flag
    }

    /// The number of the language that flags tell of.
    #[must_use]
    pub fn language(flags: u8) -> u8 {
        flags >> Self::LANGUAGE
    }
}

/// An article as the linker sees it: about 35 terms of 8 bytes and 150 bytes besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Whose profile it is.
    pub id: ArticleId,
    /// First publication, in seconds since 1970.
    pub published_s: i64,
    /// Hash of the publisher's domain, or of its name where there is no domain; 0 is unknown.
    pub publisher: u32,
    /// ISO 639-1 or 639-2 code, stated or guessed.
    pub language: [u8; 3],
    /// Terms by hash, each once.
    pub terms: Box<[Term]>,
    /// What finding copies needs.
    pub sketch: Sketch,
    /// The article at the address that this one's page calls canonical.
    pub points_to: Option<ArticleId>,
}

impl Profile {
    /// The profile of `article`.
    #[must_use]
    pub fn of(article: &Article) -> Self {
        let title = head(&article.title, TITLE_CHARS);
        let title = text::strip_site_name(title, &article.publisher.name);
        let excerpt = head(article.excerpt.as_deref().unwrap_or_default(), EXCERPT_CHARS);
        let (title_words, excerpt_words) = (segment::words(&title), segment::words(excerpt));
        let (language, number) = tongue(article.lang.as_deref(), [&title, excerpt], [&title_words, &excerpt_words]);
        let capitals: BTreeSet<u32> = proper_words(&title).chain(proper_words(excerpt)).collect();
        let mut terms: BTreeMap<u32, u8> = BTreeMap::new();
        let number = number << Term::LANGUAGE;
        for (word, stem) in stems(title_words.iter().take(TITLE_WORDS), &language) {
            *terms.entry(hash(&stem)).or_insert(number) |= Term::TITLE | flags(word, &capitals);
        }
        for (word, stem) in stems(excerpt_words.iter().take(EXCERPT_WORDS), &language) {
            *terms.entry(hash(&stem)).or_insert(number) |= Term::EXCERPT | flags(word, &capitals);
        }
        let mut code = [0; 3];
        code.iter_mut().zip(language.bytes()).for_each(|(slot, byte)| *slot = byte);
        Self {
            id: article.id,
            published_s: article.published.as_second(),
            publisher: publisher(article),
            language: code,
            terms: terms.into_iter().map(|(hash, flags)| Term { hash, flags }).collect(),
            sketch: Sketch::of(&title_words, &excerpt_words),
            points_to: points_to(article),
        }
    }
}

/// FNV-1a, 64 bits folded to 32: fixed for ever, since stored decisions rest on it.
pub(super) fn hash(word: &str) -> u32 {
    let long = word
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    fold(long)
}

/// The 32 bits of a 64-bit hash that are kept, after a last mixing of the high bits into the low ones.
pub(super) fn fold(long: u64) -> u32 {
    let mixed = (long ^ (long >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    u32::try_from(mixed >> 32).unwrap_or_default()
}

/// The content words of `words` with their stems: no stop words of the language, no single letters.
pub(super) fn stems<'a>(words: impl Iterator<Item = &'a String>, language: &str) -> Vec<(&'a str, String)> {
    let bit = stop::LANGUAGES.iter().position(|known| *known == language).map_or(0, |place| 1u8 << place);
    let says_something = |word: &&String| {
        let single = word.chars().nth(1).is_none() && !word.bytes().all(|byte| byte.is_ascii_digit());
        !single && stop::known(word).stop & bit == 0
    };
    words.filter(says_something).map(|word| (word.as_str(), text::stem(word, language))).collect()
}

/// The first `limit` characters.
pub(super) fn head(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// Hashes of the words, in lower case, that are written with a capital although no sentence starts there. None where
/// everything is capitalised.
fn proper_words(text: &str) -> impl Iterator<Item = u32> {
    let mut found = Vec::new();
    let (mut words, mut capitals, mut opens) = (0u32, 0u32, true);
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        words += 1;
        capitals += u32::from(capital);
        if capital && !opens {
            let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
            found.push(hash(&bare.to_lowercase()));
        }
        opens = word.ends_with(['.', '!', '?', ':', '|', '–', '—']);
    }
    if f64::from(capitals) > SHOUTED * f64::from(words) {
        found.clear();
    }
    found.into_iter()
}

fn flags(word: &str, capitals: &BTreeSet<u32>) -> u8 {
    let number = if word.bytes().any(|byte| byte.is_ascii_digit()) { Term::NUMBER } else { 0 };
    let proper = if capitals.contains(&hash(word)) { Term::PROPER } else { 0 };
    number | proper
}

fn publisher(article: &Article) -> u32 {
    match article.publisher.domain.as_str() {
        "" if article.publisher.name.is_empty() => 0,
        "" => hash(&article.publisher.name.to_lowercase()),
        domain => hash(domain.strip_prefix("www.").unwrap_or(domain)),
    }
}

fn points_to(article: &Article) -> Option<ArticleId> {
    let canonical = url::canonical(article.canonical_elsewhere.as_deref()?).ok()?;
    Some(ArticleId::of(&url::key(&canonical))).filter(|target| *target != article.id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::Publisher;

    fn article(title: &str, excerpt: &str, lang: Option<&str>) -> Article {
        Article {
            id: ArticleId::of("a"),
            url: "https://news.example/a".to_owned(),
            title: title.to_owned(),
            excerpt: Some(excerpt.to_owned()),
            authors: Vec::new(),
            publisher: Publisher { name: "Example Times".to_owned(), domain: "news.example".to_owned() },
            published: Timestamp::UNIX_EPOCH,
            image: None,
            lang: lang.map(str::to_owned),
            category: None,
            kind: None,
            tags: Vec::new(),
            labels: Vec::new(),
            quality: 0,
            canonical_elsewhere: None,
        }
    }

    /// The flags of the term of `stem`, if the profile has it.
    fn flags_of(profile: &Profile, stem: &str) -> Option<u8> {
        let term = profile.terms.iter().find(|term| term.hash == hash(stem))?;
        assert_eq!(Term::language(term.flags), 2, "{stem}");
        Some(term.flags & 15)
    }

    #[test]
    fn terms_know_where_they_stand() {
        let profile =
            Profile::of(&article("Ferries stop at 9 ports", "All ferries of Calder stopped on Monday.", None));
        let check = |stem: &str, expect: Option<u8>| assert_eq!(flags_of(&profile, stem), expect, "{stem}");
        check("ferri", Some(Term::TITLE | Term::EXCERPT));
        check("port", Some(Term::TITLE));
        check("9", Some(Term::TITLE | Term::NUMBER));
        check("calder", Some(Term::EXCERPT | Term::PROPER));
        check("monday", Some(Term::EXCERPT | Term::PROPER));
        check("all", None);
        check("at", None);
        assert!(profile.terms.is_sorted());
    }

    #[test]
    fn the_publishers_name_is_no_word_of_the_title() {
        let named = Profile::of(&article("Ferries stop – Example Times", "", None));
        assert_eq!(named.terms, Profile::of(&article("Ferries stop", "", None)).terms);
    }

    #[test]
    fn a_profile_is_bounded() {
        let words: Vec<String> = (0..20_000).map(|n| format!("word{n}")).collect();
        let words = words.join(" ");
        let profile = Profile::of(&article(&words, &words, None));
        assert!(profile.terms.len() <= TITLE_WORDS + EXCERPT_WORDS);
        assert!(Profile::of(&article("", "", None)).terms.is_empty());
    }

    #[test]
    fn hashes_never_change() {
        // Stored decisions rest on them.
        assert_eq!([hash(""), hash("ferri"), hash("人工")], [3_971_628_530, 2_493_425_967, 4_085_677_645]);
    }
}
