//! Values as pages state them → values fit to show: names, addresses, languages, kinds, keywords.
//!
//! Each function takes what a page says and gives the clean value, or `None` when it is none. No control
//! characters, no markup, no `javascript:`.

use crate::text;

/// A name of a person with titles; a longer one is a sentence.
const LONGEST_NAME: usize = 60;
/// Words of a name.
const MOST_WORDS: usize = 6;

/// What stands before names: a preposition in some languages, or a word for writer.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "written by", "reported by", "posted by", "by", "von", "par", "por", "de la rédaction de", "di", "da", "door", "af", "av",
    "text:", "texto:", "autor:", "author:", "authors:", "autorin:", "words:", "foto:", "from",
];

/// What is no author even where an author is expected.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "admin", "administrator", "editor", "author", "staff", "redaktion", "redaction", "rédaction", "guest", "none", "null",
    "undefined", "webmaster", "unknown", "anonymous", "online", "veröffentlicht am", "publié le", "published on", "posted on", "updated", "von", "par", "by", "written by", "n/a", "user", "root",
];

/// Plain text of a value that may hold markup, squashed and without control characters.
pub(super) fn plain(value: &str) -> Option<String> {
    // Values are decoded once already; many are encoded twice, and some hold tags.
    let plain = if value.contains('<') || value.contains('&') { text::from_html(value) } else { text::squash(value) };
    Some(plain).filter(|plain| !plain.is_empty())
}

/// The names in an author value, roles and prepositions removed.
pub(super) fn names(value: &str) -> Vec<String> {
    let Some(value) = plain(value) else { return Vec::new() };
    if value.contains("://") || value.starts_with('@') || value.starts_with("www.") {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for part in parts(without_prefix(&value)) {
        if let Some(name) = name(part)
            && !names.iter().any(|known| known.eq_ignore_ascii_case(&name))
        {
            names.push(name);
        }
    }
    names
}

/// Cuts a list of names at the usual joints. A comma parts only what are names by themselves: `Doe, Jane` is one.
fn parts(value: &str) -> Vec<&str> {
    let joints = [" and ", " und ", " et ", " & ", ";", "|", " / ", " · ", " • ", " y ", "\n"];
    let mut parts = vec![value];
    for joint in joints {
        parts = parts.into_iter().flat_map(|part| part.split(joint)).collect();
    }
    parts
        .into_iter()
        .flat_map(|part| {
            let pieces: Vec<&str> = part.split(',').map(str::trim).collect();
            let are_names = pieces.iter().filter(|piece| !piece.is_empty()).all(|piece| piece.contains(' '));
            match pieces.as_slice() {
                _ if are_names => pieces,
                // `Ann Lee, CNN`: an agency's initials.
                [name, rest @ ..] if name.contains(' ') && rest.iter().all(|part| is_initials(part)) => vec![*name],
                _ => vec![part],
            }
        })
        .collect()
}

fn is_initials(part: &str) -> bool {
    part.len() <= 6 && part.chars().all(|c| c.is_ascii_uppercase() || c == ' ')
}

fn without_prefix(value: &str) -> &str {
    let mut value = value.trim();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| {
        let (head, rest) = value.split_at_checked(prefix.len())?;
        let is_whole = prefix.ends_with(':') || rest.starts_with([' ', ':']);
        (head.eq_ignore_ascii_case(prefix) && is_whole).then(|| rest.trim_start_matches([':', ' ']))
    }) {
        value = rest;
    }
    value
}

fn name(part: &str) -> Option<String> {
    let part = without_prefix(
        part.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '–' | '—' | '|')),
    );
    // `Jane Doe (Reuters)`, `Jane Doe <jane@…>`
    let part = part.split(['(', '<', '[']).next().unwrap_or_default().trim();
    let has_letters = part.chars().any(char::is_alphabetic);
    let has_digits = part.chars().any(|c| c.is_ascii_digit());
    let is_short = part.chars().count() <= LONGEST_NAME && part.split_whitespace().count() <= MOST_WORDS;
    let is_nobody = NOBODY.iter().any(|nobody| part.eq_ignore_ascii_case(nobody));
    let fits = has_letters && !has_digits && is_short && !is_nobody && !part.contains('@') && !part.contains(".com");
    fits.then(|| part.trim_end_matches('.').to_owned()).filter(|name| name.chars().count() > 1)
}

/// The keywords in a tag value.
pub(super) fn keywords(value: &str) -> Vec<String> {
    let Some(value) = plain(value) else { return Vec::new() };
    let parted = if value.contains(',') { value.split(',') } else { value.split(';') };
    parted
        .map(|word| text::squash(word.trim_matches(['"', '\'', '[', ']', '#', ' '])))
        .filter(|word| !word.is_empty())
        .collect()
}

/// A BCP 47 tag: `en_US` → `en-US`. The form is checked, not the registry.
pub(super) fn language(value: &str) -> Option<String> {
    let value = value.split([',', ';', ' ']).find(|word| !word.is_empty())?.replace('_', "-");
    let mut subtags = value.split('-');
    let primary = subtags.next()?;
    let is_primary = matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut rest = subtags;
    let fits =
        rest.all(|subtag| matches!(subtag.len(), 1..=8) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let undetermined = ["und", "mul", "zxx"].iter().any(|none| primary.eq_ignore_ascii_case(none));
    (is_primary && fits && !undetermined && value.len() <= 35).then_some(value)
}

/// `article`, `video`, … for a schema.org type or an `og:type`.
pub(super) fn kind(value: &str) -> Option<&'static str> {
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "newsarticle"
        | "reportagenewsarticle"
        | "article"
        | "blogposting"
        | "techarticle"
        | "scholarlyarticle"
        | "report"
        | "backgroundnewsarticle"
        | "socialmediaposting"
        | "blog" => "article",
        "liveblogposting" => "live",
        "opinionnewsarticle" => "opinion",
        "analysisnewsarticle" => "analysis",
        "reviewnewsarticle" | "review" => "review",
        "advertisercontentarticle" => "advertisement",
        "satiricalarticle" => "satire",
        "videoobject" | "tvepisode" => "video",
        "podcastepisode" | "radioepisode" => "audio",
        "imagegallery" | "mediagallery" => "gallery",
        "recipe" => "recipe",
        "event" => "event",
        other if other.starts_with("video") => "video",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(value: &str, expect: &[&str]) {
        assert_eq!(names(value), expect, "{value}");
    }

    #[test]
    fn authors() {
        check_names("Ann Lee", &["Ann Lee"]);
        check_names("By Ann Lee", &["Ann Lee"]);
        check_names("by: Ann Lee and Bo Ek", &["Ann Lee", "Bo Ek"]);
        check_names("Von Ann Lee, Bo Ek und Cy Orr", &["Ann Lee", "Bo Ek", "Cy Orr"]);
        check_names("Lee, Ann", &["Lee, Ann"]);
        check_names("Ann Lee, BBC", &["Ann Lee"]);
        check_names("Ann Lee (Reuters)", &["Ann Lee"]);
        check_names("Ann Lee; Ann Lee", &["Ann Lee"]);
        check_names("https://example.org/ann", &[]);
        check_names("@annlee", &[]);
        check_names("ann@example.org", &[]);
        check_names("admin", &[]);
        check_names("Updated on 23 November 2026", &[]);
        check_names("Byron Lee", &["Byron Lee"]);
        check_names("", &[]);
    }

    #[test]
    fn languages() {
        let check = |value: &str, expect: Option<&str>| assert_eq!(language(value).as_deref(), expect, "{value}");
        check("en", Some("en"));
        check("en_US", Some("en-US"));
        check("zh-Hant-TW", Some("zh-Hant-TW"));
        check("en, de", Some("en"));
        check("english", None);
        check("", None);
        check("und", None);
        check("x", None);
        check("de-<script>", None);
    }

    #[test]
    fn tags() {
        assert_eq!(keywords("a, b ,c"), ["a", "b", "c"]);
        assert_eq!(keywords("a b; c"), ["a b", "c"]);
        assert!(keywords(" , ").is_empty());
    }
}
