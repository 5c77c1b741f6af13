//! The language of a text: its script first, then its most frequent words, then its trigrams.
//!
//! Text goes in, an ISO 639-1 code comes out, or nothing where a guess would be a guess.

use whatlang::{Lang, Script};

/// Below this many letters trigrams tell languages apart no better than chance.
const MIN_LETTERS: usize = 20;

/// Characters that are looked at: more make no guess better, and trigrams cost 0.3 µs a character.
const MAX_LETTERS: usize = 400;

/// Hits of frequent words that make a language sure, and the lead over the next that they need.
const SURE_HITS: usize = 3;

/// The most frequent words of the languages most news is in, each word in one list only: what two of
/// them share says nothing.
const FREQUENT: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "of", "to", "for", "with", "its", "is", "that", "from", "by", "has", "was", "will", "are",
            "after", "how", "what", "his", "their", "this", "it", "says", "new",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "mit", "von", "für", "auf", "nicht", "ein", "eine", "dem", "zu", "sich",
            "im", "wird", "nach", "bei", "auch", "wie", "aus", "den", "zum",
        ],
    ),
    (
        "fr",
        &[
            "le", "les", "et", "des", "est", "une", "dans", "pour", "qui", "sur", "au", "du", "avec", "pas", "ce",
            "ses", "aux", "plus", "sont", "cette",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "y", "del", "por", "para", "una", "es", "al", "su", "más", "como", "sus", "lo", "este",
            "pero", "ha",
        ],
    ),
    (
        "it",
        &[
            "il", "di", "che", "gli", "della", "per", "nel", "sono", "è", "dei", "alla", "delle", "anche", "più",
            "dal", "ai", "degli", "dopo",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "um", "uma", "do", "da", "dos", "em", "não", "na", "no", "ao", "mais", "são", "pela", "pelo",
            "foi",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "van", "op", "voor", "niet", "zijn", "met", "aan", "ook", "naar", "bij", "uit", "dat",
            "wordt", "heeft", "maar", "nog",
        ],
    ),
];

/// Letters that one Cyrillic alphabet has and those in the rows below have not.
const CYRILLIC: &[(&str, &str)] =
    &[("әғқңұһ", "kk"), ("ў", "be"), ("іїєґ", "uk"), ("ђћ", "sr"), ("ѓќѕ", "mk"), ("ыэё", "ru")];

/// Letters that Urdu and Persian have and Arabic has not.
const ARABIC: &[(&str, &str)] = &[("ٹڈڑں", "ur"), ("پچژگ", "fa")];

/// ISO 639-1 code of the language of `text`, when the guess is reliable.
///
/// A script that one language has decides at once. Else the frequent words of seven languages are
/// counted, which takes some microseconds; where they do not decide, at least 20 letters are needed.
#[must_use]
pub fn language(text: &str) -> Option<&'static str> {
    let text = text.char_indices().nth(MAX_LETTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let by_script = if text.is_ascii() { None } else { script_language(text) };
    if by_script.is_some() {
        return by_script;
    }
    if let Some(code) = frequent_words(text) {
        return Some(code);
    }
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    whatlang::detect(text).filter(whatlang::Info::is_reliable).and_then(|info| code(info.lang()))
}

/// The language whose script most letters of `text` are in, where the script has one language.
fn script_language(text: &str) -> Option<&'static str> {
    let (mut letters, mut kana, mut han) = (0usize, 0usize, 0usize);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        letters += 1;
        match letter {
            '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => kana += 1,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => han += 1,
            _ => {}
        }
    }
    // One Han or Kana letter says as much as a Latin syllable, and Latin names are common in both.
    if (kana + han) * 3 > letters {
        return Some(if kana * 10 >= han { "ja" } else { "zh" });
    }
    match whatlang::detect_script(text)? {
        Script::Hangul => Some("ko"),
        Script::Hiragana | Script::Katakana => Some("ja"),
        Script::Mandarin => Some("zh"),
        Script::Thai => Some("th"),
        Script::Greek => Some("el"),
        Script::Hebrew if !text.contains("װ") && !text.contains("ײ") => Some("he"),
        Script::Armenian => Some("hy"),
        Script::Georgian => Some("ka"),
        Script::Tamil => Some("ta"),
        Script::Telugu => Some("te"),
        Script::Kannada => Some("kn"),
        Script::Malayalam => Some("ml"),
        Script::Gujarati => Some("gu"),
        Script::Gurmukhi => Some("pa"),
        Script::Bengali => Some("bn"),
        Script::Sinhala => Some("si"),
        Script::Khmer => Some("km"),
        Script::Myanmar => Some("my"),
        Script::Oriya => Some("or"),
        Script::Cyrillic => by_letters(text, CYRILLIC),
        Script::Arabic => by_letters(text, ARABIC),
        Script::Ethiopic => Some("am"),
        _ => None,
    }
}

/// The language of the first row one of whose letters is in `text`.
fn by_letters(text: &str, rows: &[(&str, &'static str)]) -> Option<&'static str> {
    let lower = text.to_lowercase();
    rows.iter().find(|(letters, _)| lower.contains(|letter| letters.contains(letter))).map(|(_, code)| *code)
}

fn frequent_words(text: &str) -> Option<&'static str> {
    let mut hits = [0usize; FREQUENT.len()];
    let parts = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in parts {
        // The longest frequent word has five letters, "wordt" and its like.
        if word.len() > 8 {
            continue;
        }
        let lower = word.to_lowercase();
        for (count, (_, words)) in hits.iter_mut().zip(FREQUENT) {
            *count += usize::from(words.contains(&lower.as_str()));
        }
    }
    let (best, code) =
        hits.iter().zip(FREQUENT).map(|(count, (code, _))| (*count, *code)).max_by_key(|(count, _)| *count)?;
    let next = hits.iter().zip(FREQUENT).filter(|(_, (other, _))| *other != code).map(|(count, _)| *count).max();
    (best >= SURE_HITS && best >= 2 * next.unwrap_or_default()).then_some(code)
}

/// The languages that whatlang knows, by ISO 639-3 code, with their ISO 639-1 code.
#[rustfmt::skip]
const CODES: &[(&str, &str)] = &[
    ("eng", "en"), ("rus", "ru"), ("cmn", "zh"), ("spa", "es"), ("por", "pt"), ("ita", "it"), ("ben", "bn"),
    ("fra", "fr"), ("deu", "de"), ("ukr", "uk"), ("kat", "ka"), ("ara", "ar"), ("hin", "hi"), ("jpn", "ja"),
    ("heb", "he"), ("yid", "yi"), ("pol", "pl"), ("amh", "am"), ("jav", "jv"), ("kor", "ko"), ("nob", "nb"),
    ("dan", "da"), ("swe", "sv"), ("fin", "fi"), ("tur", "tr"), ("nld", "nl"), ("hun", "hu"), ("ces", "cs"),
    ("ell", "el"), ("bul", "bg"), ("bel", "be"), ("mar", "mr"), ("kan", "kn"), ("ron", "ro"), ("slv", "sl"),
    ("hrv", "hr"), ("srp", "sr"), ("mkd", "mk"), ("lit", "lt"), ("lav", "lv"), ("est", "et"), ("tam", "ta"),
    ("vie", "vi"), ("urd", "ur"), ("tha", "th"), ("guj", "gu"), ("uzb", "uz"), ("pan", "pa"), ("aze", "az"),
    ("ind", "id"), ("tel", "te"), ("pes", "fa"), ("mal", "ml"), ("ori", "or"), ("mya", "my"), ("nep", "ne"),
    ("sin", "si"), ("khm", "km"), ("tuk", "tk"), ("aka", "ak"), ("zul", "zu"), ("sna", "sn"), ("afr", "af"),
    ("lat", "la"), ("slk", "sk"), ("cat", "ca"), ("tgl", "tl"), ("hye", "hy"), ("epo", "eo"), ("cym", "cy"),
];

fn code(lang: Lang) -> Option<&'static str> {
    CODES.iter().find(|(long, _)| *long == lang.code()).map(|(_, short)| *short)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(language(text), expect, "{text}");
    }

    #[test]
    fn scripts_decide() {
        check("人工智能芯片发布", Some("zh"));
        check("AWS发布新芯片", Some("zh"));
        check("東京でAIの会議", Some("ja"));
        check("한국 뉴스", Some("ko"));
        check("Ειδήσεις", Some("el"));
        check("חדשות", Some("he"));
        check("ข่าว", Some("th"));
        check("Новые правила", Some("ru"));
        check("Нові правила", Some("uk"));
        check("خبرگزاری", Some("fa"));
    }

    #[test]
    fn frequent_words_decide() {
        check("Chip maker moves part of the work to its own data centre and the cloud", Some("en"));
        check("Der Konzern will die Arbeit nicht mit dem Partner teilen", Some("de"));
        check("Le groupe et les salariés sont dans une impasse pour des mois", Some("fr"));
        check("El gobierno y los sindicatos firman el acuerdo por las pensiones", Some("es"));
        check("Il governo e gli enti della regione sono per il dialogo che verrà", Some("it"));
        check("Het bedrijf wordt niet naar een andere stad verplaatst", Some("nl"));
    }

    #[test]
    fn trigrams_decide_the_rest() {
        check("Правительство сообщило, что новые правила начнут действовать весной", Some("ru"));
        check("Rząd ogłosił, że nowe przepisy zaczną obowiązywać na wiosnę przyszłego roku", Some("pl"));
    }

    #[test]
    fn no_guess_is_better_than_a_bad_one() {
        check("", None);
        check("Trainium3", None);
        check("12345 67890 !!!", None);
        check("OpenAI Nvidia", None);
    }

    #[test]
    fn frequent_words_stand_in_one_list() {
        let mut all: Vec<&str> = FREQUENT.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = language(&text);
        }
    }
}
