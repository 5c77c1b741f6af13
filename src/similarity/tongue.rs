//! Which language an article is in: a code to find stems by, and a number that says who may be compared.
//!
//! In come what is stated, the text and its words. Never guesses a number: two articles whose languages are known for
//! sure and differ share no word, whatever names they have in common; one in Latin letters whose language is not sure meets
//! all of those.

use super::profile::{EXCERPT_WORDS, TITLE_WORDS, Term};
use super::stop;
use crate::text;

/// The number of an article without letters.
const NONE: u8 = 0;
/// Latin letters, but nobody knows for sure in which language. Those of the languages with a list of stop words follow in
/// the order of [`stop::LANGUAGES`].
const LATIN: u8 = 1;
const ENGLISH: u8 = LATIN + 1;
/// All languages that are written in Cyrillic: their news share words and names. The first that is not Latin.
const CYRILLIC: u8 = 9;
const CHINESE: u8 = 10;
const JAPANESE: u8 = 11;
const KOREAN: u8 = 12;
/// Greek, Arabic, Hindi and so on have no word in common anyway: only names in Latin letters and numbers.
const OTHER: u8 = 13;

/// Stop words of one language alone from which it is sure: two may be chance (names, loan words).
const SURE: u32 = 3;

/// Whether articles may have words in common whose terms have these flags.
pub(super) fn may_meet(one: u8, other: u8) -> bool {
    let (one, other) = (Term::language(one), Term::language(other));
    let (low, high) = (one.min(other), one.max(other));
    low == high || low == NONE || (low == LATIN && high < CYRILLIC)
}

/// How likely it is to be that two lone articles in the language that these flags tell of are about one event, for them to
/// be joined: in 0 to 1. The model has learnt on English news, whose words were counted. Elsewhere a word that all news use
/// may look rare. Headlines in Chinese, Japanese and Korean hold few words and share fewer, however much they say.
#[must_use]
pub fn likely(flags: u8) -> f64 {
    match Term::language(flags) {
        NONE..=ENGLISH => 0.6,
        CHINESE..=KOREAN => 0.1,
        _ => 0.75,
    }
}

/// The code of the language, and its number.
pub(super) fn tongue(stated: Option<&str>, texts: [&str; 2], words: [&[String]; 2]) -> (String, u8) {
    let votes = votes(words);
    let stated: String = stated.unwrap_or_default().chars().take_while(char::is_ascii_alphabetic).take(3).collect();
    let stated = stated.to_ascii_lowercase();
    match script(texts, &stated) {
        CHINESE => ("zh".to_owned(), CHINESE),
        JAPANESE => ("ja".to_owned(), JAPANESE),
        KOREAN => ("ko".to_owned(), KOREAN),
        LATIN => (code(&stated, words, &votes), number(&stated, &votes)),
        other => (code(&stated, words, &votes), other),
    }
}

type Votes = [u32; stop::LANGUAGES.len()];

/// Stop words by language.
fn votes([title, excerpt]: [&[String]; 2]) -> Votes {
    let mut votes = Votes::default();
    for word in title.iter().take(TITLE_WORDS).chain(excerpt.iter().take(EXCERPT_WORDS)) {
        let mask = stop::known(word).stop;
        for (place, count) in votes.iter_mut().enumerate() {
            *count += u32::from(mask >> place & 1);
        }
    }
    votes
}

/// The language with the most stop words, where it is one alone.
fn leader(votes: &Votes) -> Option<(usize, u32)> {
    let most = votes.iter().copied().max()?;
    let mut leaders = votes.iter().enumerate().filter(|(_, count)| **count == most);
    let (place, _) = leaders.next()?;
    leaders.next().is_none().then_some((place, most))
}

/// What most stop words say, else what is stated, else a guess by letters, else English.
fn code(stated: &str, [title, _]: [&[String]; 2], votes: &Votes) -> String {
    match leader(votes).and_then(|(place, most)| Some((*stop::LANGUAGES.get(place)?, most))) {
        Some((code, most)) if most >= SURE || (most >= 1 && stated.is_empty()) => code.to_owned(),
        _ if !stated.is_empty() => stated.to_owned(),
        // Headlines are short: the guess by letters fails on many, and takes a Russian one for Bulgarian.
        _ if title.iter().flat_map(|word| word.chars()).any(|letter| matches!(letter, 'а'..='я')) => "ru".to_owned(),
        _ => text::language(&title.join(" ")).unwrap_or("en").to_owned(),
    }
}

/// The number of a language in Latin letters: what is stated and no stop word speaks against, or what they say alone.
fn number(stated: &str, votes: &Votes) -> u8 {
    let most = votes.iter().copied().max().unwrap_or_default();
    let agrees = |place: &usize| most >= 1 && votes.get(*place) == Some(&most);
    let stated = stop::LANGUAGES.iter().position(|code| *code == stated).filter(agrees);
    let said = || leader(votes).filter(|(_, most)| *most >= SURE).map(|(place, _)| place);
    stated.or_else(said).and_then(|place| u8::try_from(place).ok()).map_or(LATIN, |place| LATIN + 1 + place)
}

/// The number that most letters decide.
fn script(texts: [&str; 2], stated: &str) -> u8 {
    if texts.iter().all(|text| text.is_ascii()) {
        return if texts.iter().any(|text| text.bytes().any(|byte| byte.is_ascii_alphabetic())) { LATIN } else { NONE };
    }
    let [mut latin, mut cyrillic, mut han, mut kana, mut hangul, mut other] = [0u32; 6];
    for letter in texts.iter().flat_map(|text| text.chars()) {
        let count = match letter {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => &mut latin,
            '\u{400}'..='\u{52f}' => &mut cyrillic,
            '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => &mut han,
            '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => &mut kana,
            '\u{ac00}'..='\u{d7a3}' => &mut hangul,
            letter if letter.is_alphabetic() => &mut other,
            _ => continue,
        };
        *count += 1;
    }
    // One of these letters says as much as a Latin syllable, and Latin names are common among them.
    let (wide, letters) = (han + kana + hangul, latin + cyrillic + other);
    if wide * 3 > letters {
        // Japanese headlines leave out what they can, but hardly all Kana.
        return match (hangul > han + kana, kana * 20 >= wide || stated == "ja") {
            (true, _) => KOREAN,
            (false, true) => JAPANESE,
            (false, false) => CHINESE,
        };
    }
    match cyrillic.max(other).max(latin) {
        0 => NONE,
        most if most == latin => LATIN,
        most if most == cyrillic => CYRILLIC,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, stated: Option<&str>, code: &str, number: u8) {
        let found = tongue(stated, [title, ""], [&text::words(title), &[]]);
        assert_eq!(found, (code.to_owned(), number), "{title}");
    }

    #[test]
    fn the_language_is_found() {
        check("The ferry that was late", None, "en", 2);
        check("Die Fähre ist nicht da", None, "de", 3);
        check("Die Fähre ist nicht da", Some("en"), "de", 3);
        check("Fähre für Calder", Some("de-DE"), "de", 3);
        check("Fähre für Calder", None, "de", LATIN);
        check("Paris Match", Some("fr-FR"), "fr", LATIN);
        check("Paris Match", Some("DE"), "de", LATIN);
        check("", None, "en", NONE);
        check("1862", Some("en"), "en", NONE);
    }

    #[test]
    fn who_may_meet() {
        let check = |one: u8, other: u8, expect: bool| {
            let (one, other) = (one << Term::LANGUAGE | Term::TITLE, other << Term::LANGUAGE);
            assert_eq!([may_meet(one, other), may_meet(other, one)], [expect; 2]);
        };
        check(LATIN + 1, LATIN + 1, true);
        check(LATIN + 1, LATIN + 2, false);
        check(LATIN + 1, LATIN, true);
        check(NONE, JAPANESE, true);
        check(LATIN, CYRILLIC, false);
        check(CHINESE, JAPANESE, false);
    }

    #[test]
    fn the_script_is_sure() {
        check("Паром опоздал на час из-за шторма", None, "ru", CYRILLIC);
        check("Нові правила", Some("uk"), "uk", CYRILLIC);
        check("AWS发布新芯片", Some("en"), "zh", CHINESE);
        check("東京でAIの会議", None, "ja", JAPANESE);
        check("日銀総裁会見", Some("ja"), "ja", JAPANESE);
        check("삼성 AI 공장", None, "ko", KOREAN);
        check("Ειδήσεις", None, "el", OTHER);
    }
}
