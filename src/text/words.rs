//! Words of a text for comparing and searching: text goes in, normalised words come out in order.
//!
//! The rules follow Unicode's word boundaries (UAX 29) where those serve news, and part from them where
//! they do not: a full stop with no blank after it parts two sentences, names like `AT&T`, `C++` and `C#`
//! stay whole, and scripts written without blanks give overlapping pairs of characters.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word kept, in bytes; the rest of a longer one is no word but data.
const MAX_WORD: usize = 96;

/// What French, Italian and Catalan elide before an apostrophe: the word after it is a word of its own.
const ELISIONS: &[&str] = &["l", "d", "j", "m", "n", "s", "t", "c", "qu", "un", "all", "dall", "dell", "nell", "sull"];

/// Words of `text` for comparing: NFKC, lower case, accents kept, possessive `'s` dropped, numbers kept
/// whole (`3.5`, `1,000`).
///
/// Hyphens part words. Runs of Han, Kana, Thai, Lao, Khmer and Burmese letters become overlapping pairs
/// (`人工智能` → `人工`, `工智`, `智能`), a lone letter stays alone. Words end after 96 bytes.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::with_capacity(text.len() / 6);
    each_word(text, |word| words.push(word.to_owned()));
    words
}

/// Hands each of [`words`] to `take`, in order and without a copy of its own.
pub fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let text = composed(text);
    let mut scan = Scan { word: String::with_capacity(MAX_WORD), pair: None, take: &mut take };
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        rest = scan.step(rest);
    }
    scan.end();
}

/// `text` in NFKC. Most news text is, and a look at its characters is cheaper than composing it.
fn composed(text: &str) -> Cow<'_, str> {
    // Latin with accents, dashes and quotes; `ĳ`, `ŀ`, `ŉ` and `ſ` have compatibility forms.
    let is_composed = |letter: char| match letter {
        '\0'..='\u{7f}' | 'À'..='ſ' => !matches!(letter, 'Ĳ' | 'ĳ' | 'Ŀ' | 'ŀ' | 'ŉ' | 'ſ'),
        '\u{2010}'..='\u{2022}' => true,
        _ => false,
    };
    if text.is_ascii() || text.chars().all(is_composed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkc().collect())
}

/// A walk over composed text that gathers one word at a time.
struct Scan<'a, F: FnMut(&str)> {
    word: String,
    /// The letter before, inside a run of a script without blanks, and whether it was part of a pair.
    pair: Option<(char, bool)>,
    take: &'a mut F,
}

impl<F: FnMut(&str)> Scan<'_, F> {
    /// Reads one character of `rest` and returns what remains.
    fn step<'t>(&mut self, rest: &'t str) -> &'t str {
        let mut letters = rest.chars();
        let Some(letter) = letters.next() else { return "" };
        let after = letters.as_str();
        if letter.is_ascii_alphanumeric() {
            self.end_pair();
            self.push(letter.to_ascii_lowercase());
        } else if letter.is_ascii() || !is_word_part(letter) {
            return self.step_between(letter, after);
        } else if is_unspaced(letter) {
            self.push_unspaced(letter);
        } else if is_combining_mark(letter) && self.word.is_empty() {
            // A mark on a letter of an unspaced script, or on nothing.
        } else {
            self.end_pair();
            letter.to_lowercase().for_each(|letter| self.push(if letter == 'ς' { 'σ' } else { letter }));
        }
        after
    }

    /// Reads a character that is no letter: it joins, belongs to, or ends the word before it.
    fn step_between<'t>(&mut self, letter: char, after: &'t str) -> &'t str {
        let Some(last) = self.word.chars().next_back() else {
            self.end_pair();
            return after;
        };
        // A script without blanks joins nothing.
        let next = after.chars().next().filter(|letter| !is_unspaced(*letter)).unwrap_or(' ');
        match letter {
            '\'' | '’' => return self.apostrophe(after),
            '.' | ',' if last.is_numeric() && next.is_numeric() => self.push(letter),
            '.' if last.is_alphabetic() && next.is_alphabetic() && self.is_initials(after) => self.push('.'),
            '&' if last.is_alphanumeric() && next.is_alphanumeric() => self.push('&'),
            '+' if self.is_one_letter() && after.starts_with('+') => {
                self.word.push_str("++");
                self.end_word();
                return after.strip_prefix('+').unwrap_or(after);
            }
            '#' if self.is_one_letter() && !next.is_alphanumeric() => {
                self.word.push('#');
                self.end_word();
            }
            '\u{200c}' | '\u{200d}' | '\u{ad}' => {}
            _ => self.end_word(),
        }
        after
    }

    /// `dog's` loses its end, `l'école` becomes two words, `don't` stays one.
    fn apostrophe<'t>(&mut self, after: &'t str) -> &'t str {
        let mut letters = after.chars();
        let next = letters.next().unwrap_or(' ');
        if !next.is_alphabetic() || is_unspaced(next) {
            self.end_word();
            return after;
        }
        let is_end = !letters.clone().next().is_some_and(is_word_part);
        if matches!(next, 's' | 'S') && is_end {
            self.end_word();
            return letters.as_str();
        }
        if !is_end && ELISIONS.contains(&self.word.as_str()) {
            self.end_word();
        } else {
            self.push('\'');
        }
        after
    }

    /// Whether a full stop here lies inside initials like `U.S.`: single letters on both sides.
    fn is_initials(&self, after: &str) -> bool {
        let is_single = |mut letters: std::str::Chars<'_>| {
            letters.next();
            !letters.next().is_some_and(char::is_alphanumeric)
        };
        let last = self.word.rsplit('.').next().unwrap_or_default();
        is_single(last.chars()) && is_single(after.chars())
    }

    fn is_one_letter(&self) -> bool {
        let mut letters = self.word.chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
    }

    fn push(&mut self, letter: char) {
        if self.word.len() + letter.len_utf8() <= MAX_WORD {
            self.word.push(letter);
        }
    }

    fn push_unspaced(&mut self, letter: char) {
        self.end_word();
        if let Some((last, _)) = self.pair {
            self.word.push(last);
            self.word.push(letter);
            self.end_word();
        }
        self.pair = Some((letter, self.pair.is_some()));
    }

    fn end_pair(&mut self) {
        if let Some((letter, false)) = self.pair.take() {
            self.word.push(letter);
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            (self.take)(&self.word);
            self.word.clear();
        }
    }

    fn end(&mut self) {
        self.end_pair();
        self.end_word();
    }
}

fn is_word_part(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// Whether the script of `letter` is written without blanks between words.
fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '々' | '〆' | '〇' // marks that stand for Han letters
        | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // Kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Han
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(words(text).join(" "), expect, "{text}");
    }

    #[test]
    fn latin_words() {
        check("Amazon's new Chip, the \"Inferentia\"!", "amazon new chip the inferentia");
        check("the chips.The Inferentia", "the chips the inferentia");
        check("don’t can't O’Brien", "don't can't o'brien");
        check("state-of-the-art COVID-19", "state of the art covid 19");
        check("l’école d'Arcy qu'il dell’arte", "l école d arcy qu il dell arte");
        check("ÉLYSÉE Élysée straße", "élysée élysée straße");
        check("the dogs' bowl 'quoted'", "the dogs bowl quoted");
        check("U.S. and U.S.A., e.g. a.b.example", "u.s and u.s.a e.g a.b example");
        check("AT&T R&D a & b C++ C# #AI x#y", "at&t r&d a b c++ c# ai x y");
        check("snake_case a/b a|b", "snake case a b a b");
        check("", "");
        check(" ... ", "");
    }

    #[test]
    fn numbers_stay_whole() {
        check("3.5% of 1,000,000.25 in 2020.", "3.5 of 1,000,000.25 in 2020");
        check("$1.5bn, 5G, 10:30", "1.5bn 5g 10 30");
        check("v1.2.3 1. 2", "v1.2.3 1 2");
    }

    #[test]
    fn other_scripts() {
        check("ﬁne Ｆｕｌｌ ①", "fine full 1");
        check("e\u{301}te\u{301}", "été");
        check("Москва́ ОДЕССА", "москва\u{301} одесса");
        check("ΟΔΟΣ οδός", "οδοσ οδόσ");
        check("हिन्दी में", "हिन्दी में");
        check("מגזין עברי", "מגזין עברי");
        check("می\u{200c}خواهم", "میخواهم");
    }

    #[test]
    fn unspaced_scripts_become_pairs() {
        check("人工智能", "人工 工智 智能");
        check("人 工智", "人 工智");
        check("アマゾンのAI芯片x人", "アマ マゾ ゾン ンの ai 芯片 x 人");
        check("東京2020年", "東京 2020 年");
        check("ﾊﾝｶｸ", "ハン ンカ カク");
        check("한국 뉴스", "한국 뉴스");
    }

    #[test]
    fn long_words_end() {
        assert_eq!(words(&"x".repeat(1_000)), vec!["x".repeat(MAX_WORD)]);
    }

    proptest! {
        #[test]
        fn words_are_lower_case_and_not_empty(text in "\\PC{0,60}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?}");
            }
        }

        #[test]
        fn words_of_words_are_the_same(text in "[a-zA-Z0-9 .,'&+#é人ア-]{0,40}") {
            let once = words(&text);
            let again: Vec<String> = once.iter().flat_map(|word| words(word)).collect();
            prop_assert_eq!(once, again);
        }
    }
}
