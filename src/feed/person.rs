//! The inside of an `author` element → a name.
//!
//! In comes text (`mail (Name)`, `Name <mail>`, a name) or an Atom person; out goes the name. An e-mail address is no
//! name, and is not passed on: what is published here is read by collectors of addresses too.

use super::scan::{Scanner, Token};
use super::value::{Shape, Value};
use crate::text;

/// E-mail addresses taken out of one name.
const MOST_MAILS: usize = 4;

/// The name that `stated` gives.
pub(super) fn name(stated: Value) -> Option<String> {
    let inner = if matches!(stated.shape, Shape::Mixed { .. }) { element(stated.raw, "name") } else { None };
    let is_person = inner.is_some() || (stated.shape == Shape::Mixed { has_tags: true } && has_parts(stated.raw));
    let text = match inner {
        Some(name) => name.text(),
        None if is_person => return None,
        None => stated.text(),
    };
    let mut name = if text.contains('@') { without_mails(&text) } else { text.into_owned() };
    if name.contains(['<', '&']) {
        name = text::from_html(&name);
    }
    let name = text::squash(&name);
    let name = name.trim_matches(['(', ')', '<', '>', '"', ' ', ',', '（', '）', '[', ']', ';', ':']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// An Atom person without a name.
fn has_parts(raw: &str) -> bool {
    ["email", "uri", "url"].iter().any(|part| element(raw, part).is_some())
}

/// The first element of this local name inside of `raw`.
pub(super) fn element<'t>(raw: &'t str, name: &str) -> Option<Value<'t>> {
    let mut scanner = Scanner::new(raw);
    while let Some(token) = scanner.next() {
        if let Token::Start(tag) = token
            && tag.prefix_and_local().1.eq_ignore_ascii_case(name)
        {
            return Some(scanner.inside(&tag, false, |_| false));
        }
    }
    None
}

/// `text` without its e-mail addresses.
fn without_mails(text: &str) -> String {
    let mut text = text.replace("mailto:", "");
    for _ in 0..MOST_MAILS {
        let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
        let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let found = text.match_indices('@').find_map(|(at, _)| {
            let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
            let start = before.trim_end_matches(is_local).len();
            let domain = after.len() - after.trim_start_matches(is_domain).len();
            let is_mail = start < at && after.get(..domain)?.trim_matches('.').contains('.');
            is_mail.then_some((start, at + 1 + domain))
        });
        let Some((start, end)) = found else { break };
        text.replace_range(start..end, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |raw: &str, expect: &str| {
            let has_tags = raw.contains('<');
            let shape = if has_tags { Shape::Mixed { has_tags } } else { Shape::Text };
            assert_eq!(name(Value { raw, shape }).unwrap_or_default(), expect, "{raw}");
        };
        check("Ann Lee", "Ann Lee");
        check("ann@wire.example (Ann Lee)", "Ann Lee");
        check("Ann Lee &lt;ann@wire.example&gt;", "Ann Lee");
        check("mailto:ann@wire.example", "");
        check("山田（yamada@wire.example）", "山田");
        check("@ann", "@ann");
        check("ann@home", "ann@home");
        check("<name>Ann Lee</name><email>a@wire.example</email>", "Ann Lee");
        check("<email>a@wire.example</email>", "");
        check("<uri>https://wire.example/</uri>", "");
        check("&lt;a href='/x'&gt;Ann&lt;/a&gt; &amp; Bo", "Ann & Bo");
        check(&"@".repeat(5_000), &"@".repeat(5_000));
    }
}
