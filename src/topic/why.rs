//! Why a rule holds for an article, or does not: the terms that decide it, for people.
//!
//! In come a rule and an article's words, out goes half a sentence. It is asked for one story at a time (`explain`,
//! topic tests), never while stories are released.

use super::hold::Reading;
use crate::model::{Rule, Term};

/// Terms named in one answer; a rule of ten thousand has as many reasons not to hold.
const NAMED: usize = 6;

/// Characters of a term that an answer shows.
const SHOWN: usize = 60;

/// A term that decides, and whether the article has it.
struct Reason<'a> {
    term: &'a Term,
    is_there: bool,
}

/// The terms that decide, e.g. "it has `trainium` in its title, no `job posting`".
pub(super) fn because(rule: &Rule, read: &Reading<'_>) -> String {
    let mut reasons = Vec::new();
    collect(rule, read, &mut reasons);
    let beyond = reasons.len().saturating_sub(NAMED);
    let told = |reason: &Reason<'_>| {
        if reason.is_there { found(reason.term, read) } else { format!("no {}", shown(reason.term)) }
    };
    let (there, missing): (Vec<&Reason<'_>>, Vec<_>) = reasons.iter().take(NAMED).partition(|reason| reason.is_there);
    let parts: Vec<String> = there.into_iter().chain(missing).map(told).collect();
    let more = if beyond > 0 { format!(" and {beyond} more terms") } else { String::new() };
    format!("it has {}{more}", parts.join(", "))
}

/// The terms without which `rule` would come out the other way.
fn collect<'a>(rule: &'a Rule, read: &Reading<'_>, reasons: &mut Vec<Reason<'a>>) {
    match rule {
        Rule::Not(rule) => collect(rule, read, reasons),
        Rule::Term(term) => reasons.push(Reason { term, is_there: read.holds(rule) }),
        // Of operands that all must hold one that does not decides, of operands of which one must, one that does;
        // else all of them decide together.
        Rule::All(rules) | Rule::Any(rules) => {
            let deciding = matches!(rule, Rule::Any(_));
            match rules.iter().find(|rule| read.holds(rule) == deciding) {
                Some(one) => collect(one, read, reasons),
                None => rules.iter().for_each(|rule| collect(rule, read, reasons)),
            }
        }
    }
}

/// A term and, where the rule leaves it open, the field it stands in.
fn found(term: &Term, read: &Reading<'_>) -> String {
    let place = match term.field {
        Some(_) => "",
        None if read.in_title(term) => " in its title",
        None => " in its excerpt",
    };
    format!("{}{place}", shown(term))
}

fn shown(term: &Term) -> String {
    format!("`{}`", crate::text::shorten(&term.written, SHOWN))
}

#[cfg(test)]
mod tests {
    use super::super::parse_rule;
    use super::super::tests::article;
    use super::*;

    #[track_caller]
    fn check(rule: &str, expect: &str) {
        let mut article = article("https://a.example/1", "A", "a.example");
        article.title = "Amazon ships Trainium chips".to_owned();
        article.excerpt = Some("A new machine learning chip".to_owned());
        article.quality = 50;
        assert_eq!(because(&parse_rule(rule).expect(rule), &Reading::of(&article)), expect, "{rule}");
    }

    #[test]
    fn reasons() {
        check("trainium", "it has `trainium` in its title");
        check("learning", "it has `learning` in its excerpt");
        check("title:train*", "it has `title:train*`");
        check("inferentia", "it has no `inferentia`");
        check("inferentia OR trainium", "it has `trainium` in its title");
        check("inferentia OR graviton", "it has no `inferentia`, no `graviton`");
        check("amazon inferentia graviton", "it has no `inferentia`");
        check("amazon NOT \"job posting\"", "it has `amazon` in its title, no `\"job posting\"`");
        check("trainium NOT amazon", "it has `amazon` in its title");
        check("quality>=60", "it has no `quality>=60`");
        check("(a OR b) c", "it has no `c`");
    }

    #[test]
    fn a_long_rule_is_told_shortly() {
        let rule: Vec<String> = (0..5_000).map(|number| format!("word{number}")).collect();
        check(
            &rule.join(" OR "),
            "it has no `word0`, no `word1`, no `word2`, no `word3`, no `word4`, no `word5` and 4994 more terms",
        );
    }
}
