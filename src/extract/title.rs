//! Headlines without the site's name.
//!
//! In come a title as stated and the names the site is known by; out goes the headline. A tail or a head is
//! taken off only where it is known to be the site, or where the rest stands elsewhere on the page as a headline.

/// What parts a headline from a site's name.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • ", " ‹ ", " › ", " // ", " / ", " ~ ", " < ", " > ",
    "｜", "|", ": ",
];

/// Site parts that may be stacked, as in `Headline - Section - Site`.
const MOST_PARTS: usize = 3;

/// `title` without the parts that name one of `sites` (names or hosts), and without a tail or head that leaves
/// one of `headlines`.
pub(super) fn strip(title: &str, sites: &[String], headlines: &[String]) -> String {
    let mut title = title.trim();
    if !SEPARATORS.iter().any(|separator| title.contains(separator)) {
        return title.to_owned();
    }
    let all_bare = |texts: &[String]| texts.iter().map(|text| bare(text)).collect::<Vec<String>>();
    let (sites, headlines) = (all_bare(sites), all_bare(headlines));
    for _ in 0..MOST_PARTS {
        let Some(shorter) = shorter(title, &sites, &headlines) else { break };
        title = shorter;
    }
    title.to_owned()
}

/// `sites` and `headlines` are bare.
fn shorter<'t>(title: &'t str, sites: &[String], headlines: &[String]) -> Option<&'t str> {
    let whole = bare(title);
    if headlines.contains(&whole) {
        return None;
    }
    for separator in SEPARATORS {
        if let Some((head, tail)) = title.rsplit_once(separator)
            && fits(head, tail, *separator == ": ", sites, headlines)
        {
            return Some(head.trim());
        }
        if let Some((head, tail)) = title.split_once(separator)
            && fits(tail, head, *separator == ": ", sites, headlines)
        {
            return Some(tail.trim());
        }
    }
    None
}

/// Whether `kept` is the headline and `part` the site.
fn fits(kept: &str, part: &str, is_colon: bool, sites: &[String], headlines: &[String]) -> bool {
    let (kept, part) = (bare(kept), bare(part));
    if kept.is_empty() || part.is_empty() {
        return false;
    }
    let is_site = sites.iter().any(|site| {
        *site == part
            || (!is_colon && part.len() >= 4 && site.len() >= 4 && (part.contains(site) || site.contains(&part)))
    });
    is_site || (!is_colon && headlines.contains(&kept))
}

/// Letters and digits alone, in lower case: what makes two titles the same.
pub(super) fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            bare.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && c.is_alphanumeric() {
            bare.extend(c.to_lowercase());
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, sites: &[&str], headlines: &[&str], expect: &str) {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(strip(title, &owned(sites), &owned(headlines)), expect, "{title}");
    }

    #[test]
    fn sites() {
        check("Rain stops play | The Wire", &["The Wire"], &[], "Rain stops play");
        check("Rain stops play - Sport - The Wire", &["The Wire"], &["Rain stops play"], "Rain stops play");
        check("The Wire: Rain stops play", &["The Wire"], &[], "Rain stops play");
        check("Rain stops play – thewire.example", &["thewire"], &[], "Rain stops play");
        check("Rain: a history", &["The Wire"], &[], "Rain: a history");
        check("Rain - and what it does", &["The Wire"], &[], "Rain - and what it does");
        check("Rain stops play | Unknown", &[], &["Rain stops play"], "Rain stops play");
        check("The Wire", &["The Wire"], &[], "The Wire");
        check("", &["x"], &[], "");
    }
}
