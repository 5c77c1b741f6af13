//! Plain text tidied: white space, invisible characters, length, a publisher's name at a headline's end.

use unicode_segmentation::GraphemeCursor;

/// What a character of a text becomes.
enum Fate {
    Keep,
    Blank,
    Drop,
}

/// Runs of white space become one blank; ends are trimmed; characters nobody sees are removed.
///
/// Removed: control characters, soft hyphens, zero-width spaces and word joiners, byte order marks,
/// non-characters, and the bidirectional embeddings, overrides and isolates, which can turn around the
/// text that follows. Kept: joiners (emoji, Persian), left-to-right and right-to-left marks.
#[must_use]
pub fn squash(text: &str) -> String {
    let mut out = Squashed::new(text.len(), usize::MAX);
    out.push(text);
    out.text
}

/// Text that is squashed while it is put together, up to a number of characters.
pub(super) struct Squashed {
    pub(super) text: String,
    /// A blank is due before the next character.
    blank: bool,
    /// Characters that may still come.
    room: usize,
}

impl Squashed {
    /// For about `bytes` bytes, and for `most` characters: what comes after them may be missing.
    pub(super) fn new(bytes: usize, most: usize) -> Self {
        // A character has four bytes at most; more than the text has are never needed.
        Self { text: String::with_capacity(bytes.min(most.saturating_mul(4))), blank: false, room: most }
    }

    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    pub(super) fn blank(&mut self) {
        self.blank = true;
    }

    /// Copies runs of what stays as they are: most text is one.
    pub(super) fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let (mut from, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            if stays(*byte) {
                at += 1;
                continue;
            }
            // One blank between two words.
            if *byte == b' ' && at > from && bytes.get(at + 1).is_some_and(|next| stays(*next)) {
                at += 2;
                continue;
            }
            let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            let next = at + letter.len_utf8();
            match fate(letter) {
                Fate::Keep => {}
                fate => {
                    self.run(text.get(from..at).unwrap_or_default());
                    if self.room == 0 {
                        return;
                    }
                    self.blank |= matches!(fate, Fate::Blank);
                    from = next;
                }
            }
            at = next;
        }
        self.run(text.get(from..at).unwrap_or_default());
    }

    fn run(&mut self, run: &str) {
        if run.is_empty() || self.room == 0 {
            return;
        }
        if self.blank && !self.text.is_empty() {
            self.text.push(' ');
            self.room = self.room.saturating_sub(1);
        }
        self.blank = false;
        self.text.push_str(run);
        if self.room != usize::MAX {
            // Every byte but the continuing ones starts a character.
            let letters = run.bytes().filter(|byte| *byte & 0xC0 != 0x80).count();
            self.room = self.room.saturating_sub(letters);
        }
    }
}

/// Whether a byte is part of a character that stays, whatever follows. The leading bytes left out are those of the
/// characters that `fate` has an opinion on, and of all characters of four bytes.
fn stays(byte: u8) -> bool {
    match byte {
        b'!'..=b'~' => true,
        0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF => false,
        _ => (0x80..0xF0).contains(&byte),
    }
}

fn fate(letter: char) -> Fate {
    match letter {
        ' ' | '\t'..='\r' => Fate::Blank,
        '!'..='~' => Fate::Keep,
        letter if letter.is_whitespace() => Fate::Blank,
        letter if letter.is_control() => Fate::Drop,
        '\u{ad}'
        | '\u{200b}'
        | '\u{2060}'
        | '\u{feff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Fate::Drop,
        letter if u32::from(letter) & 0xfffe == 0xfffe => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// At most `limit` characters, cut at a word's end and closed with `…`.
///
/// A word that fills half of the room or more is cut inside, between two user-perceived characters.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    let Some(keep) = limit.checked_sub(1) else { return String::new() };
    if text.char_indices().nth(limit).is_none() {
        return text.to_owned();
    }
    let (end, next) = text.char_indices().nth(keep).unwrap_or((0, ' '));
    let head = text.get(..end).unwrap_or_default();
    let word_end = if next.is_whitespace() { Some(end) } else { head.rfind(char::is_whitespace) };
    let cut = match word_end {
        Some(place) if place * 2 >= end => place,
        _ => grapheme_end(text, end),
    };
    let head = text.get(..cut).unwrap_or_default();
    let mut short =
        head.trim_end_matches(|letter: char| letter.is_whitespace() || ",;:.–—-|(".contains(letter)).to_owned();
    short.push('…');
    short
}

/// The last boundary between user-perceived characters at or before `end`.
fn grapheme_end(text: &str, end: usize) -> usize {
    let mut cursor = GraphemeCursor::new(end, text.len(), true);
    match cursor.is_boundary(text, 0) {
        Ok(true) => end,
        _ => cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0),
    }
}

/// What parts a headline from its publisher's name.
const SEPARATORS: &[char] = &['-', '–', '—', '|', '·', ':', '«', '»', '•', '‹', '›', '/'];

/// `title` without its publisher's name at the end (`Headline – The Guardian`), or at the start before
/// anything but a colon (`The Guardian | Headline`).
///
/// The name is compared by its letters and digits alone, a leading "the" aside. A title that is nothing
/// but the name stays. Other prefixes (`LIVE:`) and other names are left alone.
#[must_use]
pub fn strip_site_name(title: &str, site: &str) -> String {
    let title = title.trim();
    // What is much longer than the name is not the name, and long titles cost little that way.
    let longest = site.len().saturating_mul(2).saturating_add(32);
    let site = name_letters(site);
    if site.is_empty() {
        return title.to_owned();
    }
    let parts = |letter: char| SEPARATORS.contains(&letter);
    // The name itself may hold a separator, so every place is tried, the longest head first.
    for (index, separator) in title.rmatch_indices(parts) {
        let (Some(head), Some(tail)) = (title.get(..index), title.get(index + separator.len()..)) else { continue };
        if tail.len() > longest {
            break;
        }
        let stands_apart =
            head.ends_with(char::is_whitespace) || (tail.starts_with(char::is_whitespace) && separator != "-");
        if (stands_apart || separator == "|") && name_letters(tail) == site {
            let head = head.trim_end_matches(|letter: char| letter.is_whitespace() || parts(letter));
            return if head.is_empty() { title.to_owned() } else { head.to_owned() };
        }
    }
    for (index, separator) in title.match_indices(parts) {
        let (Some(head), Some(tail)) = (title.get(..index), title.get(index + separator.len()..)) else { continue };
        if head.len() > longest {
            break;
        }
        if separator != ":"
            && head.ends_with(char::is_whitespace)
            && !tail.trim().is_empty()
            && name_letters(head) == site
        {
            return tail.trim_start().to_owned();
        }
    }
    title.to_owned()
}

fn name_letters(name: &str) -> String {
    let name = name.trim();
    let name = match name.split_once(' ') {
        Some((first, rest)) if first.eq_ignore_ascii_case("the") => rest,
        _ => name,
    };
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squashed() {
        let check = |text, expect| assert_eq!(squash(text), expect, "{text:?}");
        check("  a \t\r\n b\u{a0}c\u{3000}d ", "a b c d");
        check("a\u{0}b\u{7}c\u{7f}d\u{9f}e", "abcde");
        check("co\u{ad}operate\u{200b} x\u{feff}y\u{fffe}z\u{1ffff}", "cooperate xyz");
        check("a\u{202e}b\u{2066}c\u{200f}", "abc\u{200f}");
        check("👩\u{200d}🚀 می\u{200c}خواهم", "👩\u{200d}🚀 می\u{200c}خواهم");
        check("Amazon.com Inc <AMZN.O> on", "Amazon.com Inc <AMZN.O> on");
        check("\u{85}\u{2028}", "");
    }

    #[test]
    fn shortened() {
        let check = |text, limit, expect: &str| {
            let short = shorten(text, limit);
            assert_eq!(short, expect, "{text} {limit}");
            assert!(short.chars().count() <= limit);
        };
        check("one two three", 13, "one two three");
        check("one two three", 12, "one two…");
        check("one two three", 8, "one two…");
        check("one two, three", 10, "one two…");
        check("abcdefghij", 5, "abcd…");
        check("a bcdefghijklm", 8, "a bcdef…");
        check("人工智能芯片发布", 5, "人工智能…");
        check("ab👩\u{200d}🚀cd", 5, "ab…");
        check("abc", 0, "");
        check("abc", 1, "…");
        check("", 3, "");
    }

    #[test]
    fn site_names() {
        let check = |title, site, expect| assert_eq!(strip_site_name(title, site), expect, "{title}");
        check("Headline – The Guardian", "The Guardian", "Headline");
        check("Headline - Guardian", "The Guardian", "Headline");
        check("Headline | World | The Guardian", "the guardian", "Headline | World");
        check("Headline|Site", "Site", "Headline");
        check("Headline: Site", "Site", "Headline");
        check("Headline « Site", "Site", "Headline");
        check("Headline - Ars-Technica", "Ars-Technica", "Headline");
        check("Headline - Ars – Technica", "Ars – Technica", "Headline");
        check("Site | Headline", "Site", "Headline");
        check("Reuters: Headline", "Reuters", "Reuters: Headline");
        check("LIVE: Headline", "Site", "LIVE: Headline");
        check("Well-known site", "Site", "Well-known site");
        check("One-Site", "Site", "One-Site");
        check("The Guardian", "The Guardian", "The Guardian");
        check("– The Guardian", "The Guardian", "– The Guardian");
        check("Headline – Other", "", "Headline – Other");
        check("Headline – ", "Site", "Headline –");
    }
}
