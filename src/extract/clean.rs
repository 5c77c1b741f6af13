//! Values as pages state them → values fit to show: plain text, languages, kinds, keywords.
//!
//! Each function takes what a page says and gives the clean value, or `None` when it is none. No control
//! characters, no markup, no `javascript:`.

use crate::text;

/// Plain text of a value that may hold markup, squashed and without control characters.
pub(super) fn plain(value: &str) -> Option<String> {
    // Values are decoded once already; many are encoded twice, and some hold tags.
    let plain = if value.contains('<') || value.contains('&') { text::from_html(value) } else { text::squash(value) };
    Some(plain).filter(|plain| !plain.is_empty())
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
