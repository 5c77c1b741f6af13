//! Names of authors out of what pages write where an author is expected.
//!
//! In comes a value of a meta, a JSON-LD author or a line of the page; out come names, with what kind each is.
//! Lead-ins (`Posted on … by`), roles, affiliations, dates and addresses are taken off; what is no name is
//! refused. A value of [`Trust::Stated`] stands where only names stand, so a nickname is believed; one of
//! [`Trust::Seen`] is a line of text, so that it has to look like a name.

mod words;

use super::clean;
use words::{is_filler, is_lead, is_organisation, is_particle, is_role, is_time};

/// A name of a person with titles; a longer one is a sentence.
const LONGEST: usize = 60;
/// Words of a name: two given names, a double surname with a particle, and a title.
const MOST_WORDS: usize = 7;
/// Words of a name that is merely seen in a line.
const MOST_SEEN: usize = 5;

/// Bytes of a value that are read, and names taken of it: the longest true lists of authors are shorter.
const LONGEST_VALUE: usize = 2_000;
const MOST_NAMES: usize = 40;

/// How much the place says about the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The place is for authors.
    Stated,
    /// The page marks the text as a byline.
    Marked,
    /// The place is a line of text.
    Seen,
}

/// What bears a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bearer {
    /// As far as the name tells.
    Person,
    /// A company, an agency, a department.
    Organisation,
    /// `Redaktion`, `Staff`: people, but nobody says who.
    Newsroom,
}

/// A name and who bears it.
pub(super) type Name = (String, Bearer);

/// The names in `value`, each once.
pub(super) fn read(value: &str, trust: Trust) -> Vec<Name> {
    let value = value.get(..value.floor_char_boundary(LONGEST_VALUE)).unwrap_or(value);
    let Some(plain) = clean::plain(value) else { return Vec::new() };
    if plain.starts_with('@') || plain.starts_with("www.") || plain.contains("://") {
        return Vec::new();
    }
    let text = match trust {
        Trust::Stated => plain.as_str(),
        Trust::Marked | Trust::Seen => after_lead_inside(&plain),
    };
    let mut names: Vec<Name> = Vec::new();
    for part in text.split(['|', '•', '·', ';', '\n', '‧', '⋅', '／', '、']).flat_map(|part| part.split(" / "))
    {
        for name in of_part(part, trust) {
            if names.len() >= MOST_NAMES {
                return names;
            }
            if !names.iter().any(|(known, _)| known.to_lowercase() == name.0.to_lowercase()) {
                names.push(name);
            }
        }
    }
    names
}

/// `Posted on 21 September 2020 by Ann Lee`: what follows the last word for `by` that has a date before it.
fn after_lead_inside(text: &str) -> &str {
    for mark in [" by ", " von ", " par ", " por ", " By ", " Von ", " Par ", " Por "] {
        if let Some((before, after)) = text.split_once(mark) {
            let is_dated = before.chars().any(|c| c.is_ascii_digit());
            let is_led = before.split(' ').all(|word| is_lead(word) || is_filler(word));
            if is_dated || is_led {
                return after;
            }
        }
    }
    text
}

/// The names in a part without hard separators.
fn of_part(part: &str, trust: Trust) -> Vec<Name> {
    let part = without_leads(part.trim());
    let part = part.split(['(', '<', '[', '{']).next().unwrap_or_default();
    let part = before_time(after_time(part)).trim();
    let mut names = Vec::new();
    for piece in pieces(part) {
        let joined = without_leads(piece);
        names.extend(name(joined, trust));
    }
    names
}

/// Takes words such as `By`, `Text:` or `Erstellt von` off the start.
fn without_leads(text: &str) -> &str {
    let mut rest = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '\'');
    while let Some((word, after)) = split_word(rest) {
        let colon = word.ends_with([':', '：']);
        let bare = word.trim_end_matches([':', '：', ',', '.']);
        if !(is_lead(bare) || (colon && (is_role(bare) || is_filler(bare)))) {
            break;
        }
        rest = after;
    }
    rest
}

/// The first word and the rest; a colon without a blank ends a word too.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.char_indices().find(|(_, c)| c.is_whitespace() || matches!(c, ':' | '：'));
    match end {
        Some((at, c)) => {
            let cut = if c.is_whitespace() { at } else { at + c.len_utf8() };
            let (word, rest) = text.split_at_checked(cut)?;
            Some((word, rest.trim_start()))
        }
        None if text.is_empty() => None,
        None => Some((text, "")),
    }
}

/// What stands after the date that a line begins with: `11.12.2025 - Ann Lee`.
fn after_time(part: &str) -> &str {
    let mut after = None;
    let mut at = 0;
    for word in part.split_inclusive(char::is_whitespace) {
        let bare = word.trim().trim_matches(|c: char| !c.is_alphanumeric());
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit());
        // `PM`, `ET`: short and in capitals, after a number.
        let is_zone = after.is_some() && is_initials(bare);
        if !(is_number || is_zone || bare.is_empty() || is_time(bare) || words::leads_to_time(bare)) {
            break;
        }
        at += word.len();
        if is_number || after.is_some() {
            after = Some(at);
        }
    }
    let rest = after.and_then(|at| part.get(at..)).unwrap_or_default();
    let is_name = rest.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(|c: char| !c.is_lowercase());
    if is_name { rest } else { part }
}

/// What stands before a date or a time: `Ann Lee am 3. Mai`, `Ann Lee, updated 2 hours ago`.
fn before_time(part: &str) -> &str {
    let mut at = 0;
    let mut end = None;
    for word in part.split_inclusive(char::is_whitespace) {
        let bare = word.trim().trim_matches(|c: char| !c.is_alphanumeric());
        let starts_time = bare.starts_with(|c: char| c.is_ascii_digit()) || is_time(bare);
        if starts_time {
            end = end.or(Some(at));
            break;
        }
        // `am`, `on`, `um` lead to a time and fall with it.
        if words::leads_to_time(bare) {
            end = end.or(Some(at));
        } else {
            end = None;
        }
        at += word.len();
    }
    let ends_in_time = part.get(at..).is_some_and(|rest| !rest.is_empty());
    match end {
        Some(end) if ends_in_time => part.get(..end).unwrap_or(part).trim_end_matches([',', ' ', '-', '–', '—', ':']),
        _ => part,
    }
}

/// Cuts at the joints of lists, and drops what only describes the name before it.
fn pieces(part: &str) -> Vec<&str> {
    const JOINTS: &[&str] = &[
        " and ", " und ", " et ", " & ", " y ", " And ", " AND ", " UND ", " sowie ", " with ", " mit ", " och ",
        " og ", " – ", " — ", " - ",
    ];
    let mut parts = vec![part];
    for joint in JOINTS {
        parts = parts.into_iter().flat_map(|part| part.split(joint)).collect();
    }
    let mut pieces = Vec::new();
    for part in parts {
        let listed: Vec<&str> = part.split([',', '，']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
        match listed.as_slice() {
            // `Doe, Jane` is one name.
            [last, first] if is_one_word(last) && is_given_name(first) => pieces.push(part),
            [head, rest @ ..] => {
                pieces.push(head);
                pieces.extend(rest.iter().filter(|piece| !describes(piece)));
            }
            [] => {}
        }
    }
    pieces
}

fn is_one_word(text: &str) -> bool {
    !text.contains(' ') && !is_initials(text)
}

fn is_given_name(text: &str) -> bool {
    text.split(' ').count() <= 2 && text.starts_with(char::is_uppercase) && !is_initials(text) && !describes(text)
}

/// `CNN`, `PhD`, `MD`: what follows a name and is none.
fn is_initials(text: &str) -> bool {
    text.len() <= 6 && !text.contains(' ') && text.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// Whether a piece after a comma says what the one before it is.
fn describes(piece: &str) -> bool {
    let mut words = piece.split(' ');
    is_initials(piece)
        || !piece.starts_with(char::is_uppercase) && piece.contains(|c: char| c.is_alphabetic() && c.is_ascii())
        || words.any(|word| is_role(word) || is_organisation(word))
}

/// A name, when it is one.
fn name(piece: &str, trust: Trust) -> Option<Name> {
    let piece = piece
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '–' | '—' | '|' | '"' | '/' | '*'));
    let whole = without_roles(piece);
    let whole =
        if whole.split(' ').count() == 1 && whole.chars().count() > 3 { whole.trim_end_matches('.') } else { whole };
    let bearer = bearer(piece, whole);
    let whole = if bearer == Bearer::Person { whole } else { piece };
    let count = whole.split_whitespace().count();
    let is_short = whole.chars().count() <= LONGEST && count <= MOST_WORDS;
    let is_address = whole.contains('@') || whole.contains("www.") || whole.contains("http");
    let has_letters = whole.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let is_time = whole.split(' ').any(is_time);
    if !is_short || is_address || !has_letters || is_time || whole.split(' ').all(is_filler) {
        return None;
    }
    let fits = match trust {
        Trust::Stated => true,
        Trust::Marked => looks_like_a_name(whole) || !whole.contains(' '),
        Trust::Seen => bearer != Bearer::Newsroom && looks_like_a_name(whole),
    };
    fits.then(|| (whole.to_owned(), bearer))
}

fn bearer(piece: &str, whole: &str) -> Bearer {
    if whole.is_empty() || piece.split(' ').all(|word| words::is_newsroom(word) || is_role(word) || is_particle(word)) {
        return Bearer::Newsroom;
    }
    let mut words = whole.split([' ', '-', '/']).filter(|word| !word.is_empty());
    if words.any(|word| is_organisation(word) || words::is_newsroom(word)) || words::is_host(piece) {
        return Bearer::Organisation;
    }
    Bearer::Person
}

/// `Staff Writer Ann Lee`, `Ann Lee Staff Writer`, `Wire-Experte Ann Lee` → `Ann Lee`.
fn without_roles(piece: &str) -> &str {
    let mut rest = piece.trim();
    while let Some((word, after)) = rest.split_once(' ')
        && is_role(word)
    {
        rest = after.trim_start();
    }
    // A role at the end takes what stands before it of its own: `Ann Lee Senior Staff Writer`.
    let words: Vec<&str> = rest.split(' ').collect();
    let role = words.iter().position(|word| is_role(word));
    match role {
        Some(at @ 1..) => {
            let kept: usize = words.iter().take(at).map(|word| word.len() + 1).sum();
            rest.get(..kept.saturating_sub(1)).unwrap_or(rest).trim_end_matches([',', ' '])
        }
        Some(0) => "",
        None => rest,
    }
}

/// Two to five words that begin like names, particles aside; or a short name in a script without capitals.
fn looks_like_a_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_cjk = text
        .chars()
        .all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | ' '));
    if is_cjk {
        return (2..=8).contains(&text.chars().count());
    }
    let is_word = |word: &str| word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | '‐'));
    let capitals = words.iter().filter(|word| word.starts_with(char::is_uppercase)).count();
    words.len() <= MOST_SEEN
        && words.iter().all(|word| is_word(word))
        && words.iter().all(|word| word.starts_with(char::is_uppercase) || is_particle(word))
        && capitals >= 1
        && words.len() >= 2
        && words.first().is_some_and(|word| !is_filler(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, trust: Trust, expect: &[&str]) {
        let names: Vec<String> = read(value, trust).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, expect, "{value}");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(read(&"Ann Lee, ".repeat(100_000), Trust::Stated).len(), 1);
        let many: Vec<String> = (0..10_000).map(|n| format!("Ann{n} Lee")).collect();
        assert_eq!(read(&many.join(";"), Trust::Stated).len(), MOST_NAMES);
    }

    #[test]
    fn stated() {
        let check = |value: &str, expect: &[&str]| check(value, Trust::Stated, expect);
        check("Ann Lee", &["Ann Lee"]);
        check("By Ann Lee", &["Ann Lee"]);
        check("by: Ann Lee and Bo Ek", &["Ann Lee", "Bo Ek"]);
        check("Von Ann Lee, Bo Ek und Cy Orr", &["Ann Lee", "Bo Ek", "Cy Orr"]);
        check("Lee, Ann", &["Lee, Ann"]);
        check("Ann Lee, BBC", &["Ann Lee"]);
        check("Ann Lee, PhD", &["Ann Lee"]);
        check("Ann Lee (Reuters)", &["Ann Lee"]);
        check("Ann Lee; Ann Lee", &["Ann Lee"]);
        check("Ann Lee, Projektleiterin in Tunis", &["Ann Lee"]);
        check("Wire-Experte Ann Lee", &["Ann Lee"]);
        check("Ann Lee Staff Writer", &["Ann Lee"]);
        check("Erstellt von Ann Lee", &["Ann Lee"]);
        check("Text und Interview: Ann Lee", &["Ann Lee"]);
        check("annlee7", &["annlee7"]);
        check("https://example.org/ann", &[]);
        check("@annlee", &[]);
        check("ann@example.org", &[]);
        check("admin", &[]);
        check("Updated on 23 November 2026", &[]);
        check("Byron Lee", &["Byron Lee"]);
        check("", &[]);
    }

    #[test]
    fn seen() {
        let check = |value: &str, expect: &[&str]| check(value, Trust::Seen, expect);
        check("Posted on September 21, 2020 by Ann Lee", &["Ann Lee"]);
        check("06.11.2023 13:30 von Olga Orr", &["Olga Orr"]);
        check("Von Olga", &[]);
        check("Von Ann Lee am 3. Mai 2026", &["Ann Lee"]);
        check("Autor: Bo2man am 29.12.2010, 13:36 Uhr", &[]);
        check("Ann Lee, 01.12.2021", &["Ann Lee"]);
        check("Ann van der Berg | Updated 2 hours ago", &["Ann van der Berg"]);
        check("By the time it rained", &[]);
        check("责任编辑：焦鹏", &["焦鹏"]);
    }

    #[test]
    fn bearers() {
        let check = |value: &str, expect: &[Bearer]| {
            let found: Vec<Bearer> = read(value, Trust::Stated).into_iter().map(|(_, bearer)| bearer).collect();
            assert_eq!(found, expect, "{value}");
        };
        check("Redaktion", &[Bearer::Newsroom]);
        check("Staff", &[Bearer::Newsroom]);
        check("Wire Media GmbH", &[Bearer::Organisation]);
        check("wire.example.de", &[Bearer::Organisation]);
        check("Ann Lee", &[Bearer::Person]);
    }
}
