//! Stems: a word of [`super::words()`] and its language go in, the part that its forms share comes out.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// The stem of `word` in `lang`, an ISO 639-1 code or a BCP 47 tag that starts with one.
///
/// A word of a language without stemmer, with a digit or a mark in it, or of fewer than three letters,
/// stays as it is.
#[must_use]
pub fn stem(word: &str, lang: &str) -> String {
    if lang == "ko" || lang.starts_with("ko-") {
        return without_particle(word).to_owned();
    }
    let Some(algorithm) = algorithm(lang) else { return word.to_owned() };
    if word.chars().count() < 3 || !word.chars().all(|letter| letter.is_alphabetic() || letter == '\'') {
        return word.to_owned();
    }
    // Russian prints `ё` as `е` at will, and the stemmer expects that (Snowball, Russian stemming algorithm).
    let word = if matches!(algorithm, Algorithm::Russian) {
        Cow::Owned(word.replace('ё', "е"))
    } else {
        Cow::Borrowed(word)
    };
    let stem = Stemmer::create(algorithm).stem(&word);
    if stem.is_empty() { word.into_owned() } else { stem.into_owned() }
}

/// Korean particles that are written without a blank after a noun, the longer first: of its forms only they are cut off.
const PARTICLES: [&str; 28] = [
    "으로부터",
    "에서는",
    "에서도",
    "에게서",
    "이라고",
    "으로는",
    "에서",
    "에게",
    "으로",
    "까지",
    "부터",
    "처럼",
    "보다",
    "만큼",
    "이나",
    "라고",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "와",
    "과",
    "도",
    "로",
];

/// `word` without the particle at its end, where two letters are left.
fn without_particle(word: &str) -> &str {
    let noun = PARTICLES.iter().find_map(|particle| word.strip_suffix(particle)).unwrap_or(word);
    if noun.chars().nth(1).is_some() { noun } else { word }
}

fn algorithm(lang: &str) -> Option<Algorithm> {
    Some(match lang.get(..2)? {
        _ if lang.as_bytes().get(2).is_some_and(u8::is_ascii_alphanumeric) => return None,
        "en" => Algorithm::English,
        "de" => Algorithm::German,
        "fr" => Algorithm::French,
        "es" => Algorithm::Spanish,
        "it" => Algorithm::Italian,
        "pt" => Algorithm::Portuguese,
        "nl" => Algorithm::Dutch,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "da" => Algorithm::Danish,
        "no" | "nb" | "nn" => Algorithm::Norwegian,
        "fi" => Algorithm::Finnish,
        "hu" => Algorithm::Hungarian,
        "ro" => Algorithm::Romanian,
        "tr" => Algorithm::Turkish,
        "el" => Algorithm::Greek,
        "ar" => Algorithm::Arabic,
        "ta" => Algorithm::Tamil,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stems() {
        let check = |word, lang, expect: &str| assert_eq!(stem(word, lang), expect, "{word} {lang}");
        check("shifting", "en", "shift");
        check("shifts", "en-US", "shift");
        check("chips", "en", "chip");
        check("häuser", "de", "haus");
        check("новости", "ru", "новост");
        check("учёные", "ru", "учен");
        check("ученые", "ru", "учен");
        check("지진의", "ko", "지진");
        check("청해시에서", "ko", "청해시");
        check("도로", "ko", "도로");
        check("chips", "zz", "chips");
        check("chips", "eng", "chips");
        check("chips", "", "chips");
        check("us", "en", "us");
        check("u.s", "en", "u.s");
        check("covid19s", "en", "covid19s");
        check("人工", "en", "人工");
    }

    proptest! {
        #[test]
        fn nothing_panics(word in "\\PC{0,20}", lang in "(en|de|fr|es|it|pt|nl|ru|sv|da|no|fi|hu|ro|tr|el|ar|ta)") {
            prop_assert!(word.is_empty() || !stem(&word, &lang).is_empty());
        }
    }
}
