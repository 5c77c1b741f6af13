//! Slugs: a label goes in, a name fit for an address and a file comes out. Equal labels, equal slugs;
//! that two labels do not share one is the caller's care.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Longest slug, in bytes: a file name may have 255, and `.html` or a number may follow.
const MAX_SLUG: usize = 200;

/// The slug of a label without a letter or digit.
const NAMELESS: &str = "topic";

/// A slug for `label`: kebab-case where Latin, accents folded; other scripts kept. `C++` → `c-plus-plus`,
/// `C#` → `c-sharp`, `.NET` → `dot-net`, `R&D` → `r-and-d`. Never empty, never with a `/`, 200 bytes at most.
#[must_use]
pub fn slug(label: &str) -> String {
    let mut out = Builder::default();
    let normal: String = label.nfkc().take(MAX_SLUG * 2).flat_map(char::to_lowercase).nfc().collect();
    let mut before = ' ';
    let mut letters = normal.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let follows = before.is_alphanumeric();
        match letter {
            '+' if follows || before == '+' => out.word("plus"),
            '#' if follows && !next.is_alphanumeric() => out.word("sharp"),
            '.' if before.is_whitespace() && next.is_alphanumeric() => out.word("dot"),
            '&' => out.word("and"),
            '\'' | '’' | '\u{200c}' | '\u{200d}' | '\u{ad}' => {}
            letter if letter.is_alphanumeric() => out.letter(letter),
            letter if is_combining_mark(letter) => out.mark(letter),
            _ => out.gap(),
        }
        before = letter;
    }
    if out.text.is_empty() { NAMELESS.to_owned() } else { out.text }
}

#[derive(Default)]
struct Builder {
    text: String,
    gap: bool,
}

impl Builder {
    fn push(&mut self, letter: char) {
        let wants_gap = self.gap && !self.text.is_empty();
        if self.text.len() + usize::from(wants_gap) + letter.len_utf8() > MAX_SLUG {
            return;
        }
        if wants_gap {
            self.text.push('-');
        }
        self.gap = false;
        self.text.push(letter);
    }

    fn gap(&mut self) {
        self.gap = true;
    }

    fn word(&mut self, word: &str) {
        self.gap();
        word.chars().for_each(|letter| self.push(letter));
        self.gap();
    }

    fn letter(&mut self, letter: char) {
        match letter {
            'ß' => "ss".chars().for_each(|letter| self.push(letter)),
            'æ' => "ae".chars().for_each(|letter| self.push(letter)),
            'œ' => "oe".chars().for_each(|letter| self.push(letter)),
            'þ' => "th".chars().for_each(|letter| self.push(letter)),
            'ø' => self.push('o'),
            'ł' => self.push('l'),
            'đ' | 'ð' => self.push('d'),
            'ı' => self.push('i'),
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => decompose_canonical(letter, |part| {
                if !is_combining_mark(part) {
                    self.push(part);
                }
            }),
            _ => self.push(letter),
        }
    }

    /// A mark stays where its script needs it; on a Latin letter it is an accent and goes.
    fn mark(&mut self, mark: char) {
        if self.text.chars().next_back().is_some_and(|last| !last.is_ascii()) && !self.gap {
            self.push(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(label: &str, expect: &str) {
        assert_eq!(slug(label), expect, "{label}");
    }

    #[test]
    fn slugs() {
        check("AWS AI", "aws-ai");
        check("  Computer   Vision ", "computer-vision");
        check("C++", "c-plus-plus");
        check("C#", "c-sharp");
        check("F# & C", "f-sharp-and-c");
        check(".NET", "dot-net");
        check("ASP.NET / Node.js", "asp-net-node-js");
        check("#AI", "ai");
        check("R&D", "r-and-d");
        check("Disney+", "disney-plus");
        check("Moore’s law", "moores-law");
        check("Élysée Łódź Straße Đà", "elysee-lodz-strasse-da");
        check("İstanbul ISSI", "istanbul-issi");
        check("人工智能", "人工智能");
        check("がぎ 東京 2020", "がぎ-東京-2020");
        check("हिन्दी", "हिन्दी");
        check("Новости дня", "новости-дня");
        check("ＡＩ", "ai");
        check("../../etc/passwd", "etc-passwd");
        check("", "topic");
        check("???", "topic");
        check("-a--b-", "a-b");
    }

    proptest! {
        #[test]
        fn slugs_are_safe_and_stable(label in "\\PC{0,60}") {
            let once = slug(&label);
            prop_assert!(!once.is_empty() && once.len() <= MAX_SLUG);
            prop_assert!(!once.contains(['/', '\\', '.', ' ', '?', '#', '%', '&', '"', '<']), "{once}");
            prop_assert!(!once.starts_with('-') && !once.ends_with('-'), "{once}");
        }
    }
}
