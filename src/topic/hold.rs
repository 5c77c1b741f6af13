//! Whether a [`Rule`] holds for an article.
//!
//! Words match whole words, whatever their case and width ([`text::words`] on both sides); a phrase is words in a
//! row inside one field, never across two. Nothing here allocates per term but for the fields of names, which are
//! short.

use std::cell::OnceCell;

use crate::model::{Article, Rule, Term, TermField};
use crate::text;

/// Bytes of a name that may have a number behind it: `gpt` and `GPT4` are one, `m` and `M1` are not.
const LEAST_NAME: usize = 3;

/// Whether `rule` holds for `article`. To ask many rules about one article, make one [`Subject`](super::Subject).
#[must_use]
pub fn holds(rule: &Rule, article: &Article) -> bool {
    Reading::of(article).holds(rule)
}

/// An article with its words, taken apart at the first term that asks.
pub(super) struct Reading<'a> {
    pub(super) article: &'a Article,
    title: OnceCell<Words>,
    excerpt: OnceCell<Words>,
    url: OnceCell<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(article: &'a Article) -> Self {
        Self { article, title: OnceCell::new(), excerpt: OnceCell::new(), url: OnceCell::new() }
    }

    pub(super) fn holds(&self, rule: &Rule) -> bool {
        match rule {
            Rule::All(rules) => rules.iter().all(|rule| self.holds(rule)),
            Rule::Any(rules) => rules.iter().any(|rule| self.holds(rule)),
            Rule::Not(rule) => !self.holds(rule),
            Rule::Term(term) => self.has(term),
        }
    }

    fn has(&self, term: &Term) -> bool {
        let article = self.article;
        let Some(field) = term.field else {
            return self.title().has(term) || self.excerpt().has(term);
        };
        match field {
            TermField::Title => self.title().has(term),
            TermField::Excerpt => self.excerpt().has(term),
            TermField::Url => self.url_has(term),
            TermField::Publisher => published_by(article, term),
            TermField::Author => article.authors.iter().any(|author| Words::of(author).has(term)),
            TermField::Lang => article.lang.as_deref().is_some_and(|lang| speaks(lang, term)),
            TermField::Tag => article.tags.iter().any(|tag| Words::of(tag).has(term)),
            TermField::Category => article.category.as_deref().is_some_and(|name| Words::of(name).has(term)),
            TermField::Kind => article.kind.as_deref().is_some_and(|name| Words::of(name).has(term)),
            TermField::Quality => term.at_least.is_some_and(|least| article.quality >= least),
        }
    }

    /// Whether a term that names no field is found in the title.
    pub(super) fn in_title(&self, term: &Term) -> bool {
        self.title().has(term)
    }

    fn title(&self) -> &Words {
        self.title.get_or_init(|| Words::of(&self.article.title))
    }

    fn excerpt(&self) -> &Words {
        self.excerpt.get_or_init(|| Words::of(self.article.excerpt.as_deref().unwrap_or_default()))
    }

    fn url_has(&self, term: &Term) -> bool {
        let url = self.url.get_or_init(|| self.article.url.to_lowercase());
        term.words.first().is_some_and(|part| url.contains(part.as_str()))
    }
}

/// The words of a text in order, with an index by word.
struct Words {
    words: Vec<String>,
    /// Places in `words`, ordered by the word there, then by place.
    sorted: Vec<usize>,
}

impl Words {
    fn of(text: &str) -> Self {
        let words = text::words(text);
        let mut sorted: Vec<usize> = (0..words.len()).collect();
        sorted.sort_by(|a, b| words.get(*a).cmp(&words.get(*b)).then(a.cmp(b)));
        Self { words, sorted }
    }

    fn has(&self, term: &Term) -> bool {
        self.has_row(&term.words, term.prefix)
    }

    /// Whether `row` stands here in a row; with `prefix` its last word may go on.
    fn has_row(&self, row: &[String], prefix: bool) -> bool {
        let Some((first, rest)) = row.split_first() else { return false };
        let open = prefix && rest.is_empty();
        let at = |place: usize| self.words.get(place).map_or("", String::as_str);
        let start = self.sorted.partition_point(|place| at(*place) < first.as_str());
        self.sorted
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(|place| at(**place).starts_with(first.as_str()))
            .any(|place| fits(at(*place), first, open) && self.continues(place + 1, rest, prefix))
    }

    fn continues(&self, from: usize, rest: &[String], prefix: bool) -> bool {
        let Some(here) = self.words.get(from..from + rest.len()) else { return false };
        let last = rest.len();
        here.iter().zip(rest).enumerate().all(|(index, (word, wanted))| fits(word, wanted, prefix && index + 1 == last))
    }
}

/// The word itself, any word it begins where it is left open, or the word with a number behind it: who asks for
/// `trainium` means `Trainium3` too.
fn fits(word: &str, wanted: &str, open: bool) -> bool {
    let Some(rest) = word.strip_prefix(wanted) else { return false };
    let is_numbered = || {
        wanted.len() >= LEAST_NAME
            && wanted.ends_with(char::is_alphabetic)
            && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    open || rest.is_empty() || is_numbered()
}

/// The publisher's name holds the words, or its domain is the one named or lies below it.
fn published_by(article: &Article, term: &Term) -> bool {
    let publisher = &article.publisher;
    if Words::of(&publisher.name).has(term) {
        return true;
    }
    let Some(named) = term.words.first().filter(|_| term.words.len() == 1) else { return false };
    let domain = publisher.domain.to_lowercase();
    let below = domain.strip_suffix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let named_by_domain = named.contains('.') && (below || (term.prefix && domain.starts_with(named.as_str())));
    named_by_domain || (named.contains('.') && Words::of(&publisher.name).has_row(&text::words(named), term.prefix))
}

/// A tag matches itself and every longer one: `en` matches `en-GB` (RFC 4647 section 3.3.1).
fn speaks(lang: &str, term: &Term) -> bool {
    let lang = lang.to_lowercase().replace('_', "-");
    let Some(wanted) = term.words.first() else { return false };
    lang.strip_prefix(wanted.as_str()).is_some_and(|rest| term.prefix || rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::super::parse_rule;
    use super::super::tests::article;
    use super::*;

    #[track_caller]
    fn check(rule: &str, expect: bool) {
        let mut article = article("https://news.example.org/2020/Chips?id=7", "Example News", "example.org");
        article.title = "Amazon ships Inferentia chips to data centres".to_owned();
        article.excerpt = Some("A new machine learning chip".to_owned());
        article.authors = vec!["Jane Doe".to_owned(), "John Roe".to_owned()];
        article.lang = Some("en-GB".to_owned());
        article.category = Some("Technology".to_owned());
        article.kind = Some("article".to_owned());
        article.tags = vec!["machine learning".to_owned(), "cloud".to_owned()];
        article.quality = 50;
        assert_eq!(holds(&parse_rule(rule).expect(rule), &article), expect, "{rule}");
    }

    #[test]
    fn words_and_phrases() {
        check("amazon", true);
        check("AMAZON", true);
        check("amazo", false);
        check("amazo*", true);
        check("learning", true);
        check("\"machine learning\"", true);
        check("\"learning machine\"", false);
        check("\"machine learn\"", false);
        check("\"machine learn*\"", true);
        check("\"data centres\"", true);
        check("\"centres a\"", false);
        check("title:learning", false);
        check("excerpt:learning", true);
        check("excerpt:amazon", false);
        check("centres*", true);
    }

    #[test]
    fn a_name_may_have_a_number() {
        fn check(rule: &str, title: &str, expect: bool) {
            let article = Article { title: title.to_owned(), ..article("https://a.example/", "A", "a.example") };
            assert_eq!(holds(&parse_rule(rule).expect(rule), &article), expect, "{rule}: {title}");
        }
        check("trainium", "AWS launches Trainium3", true);
        check("\"launches trainium\"", "AWS launches Trainium3 and Trainium-4", true);
        check("trainium3", "AWS launches Trainium", false);
        check("trainium", "AWS launches Trainiums, Trainium3x", false);
        check("trainium", "trainium'x trainium&x trainium4", true);
        check("gpt NOT 4", "GPT4 is here", true);
        check("m", "M1 is here", false);
        check("45", "457 people", false);
    }

    #[test]
    fn fields() {
        check("url:news.example", true);
        check("url:/2020/chips", true);
        check("url:2021", false);
        check("publisher:example", true);
        check("publisher:\"example news\"", true);
        check("publisher:example.org", true);
        check("publisher:ample.org", false);
        check("publisher:news.example.org", false);
        check("author:doe", true);
        check("author:\"doe john\"", false);
        check("lang:en", true);
        check("lang:en-GB", true);
        check("lang:en_gb", true);
        check("lang:e", false);
        check("lang:en-US", false);
        check("tag:learning", true);
        check("tag:\"learning cloud\"", false);
        check("category:technology", true);
        check("kind:video", false);
        check("quality>=50", true);
        check("quality>=51", false);
    }

    #[test]
    fn operators() {
        check("amazon chips", true);
        check("amazon google", false);
        check("amazon OR google", true);
        check("NOT google", true);
        check("amazon NOT chips", false);
        check("(google OR inferentia) AND NOT \"job posting\"", true);
        check("google OR amazon NOT chips", false);
    }

    #[test]
    fn a_domain_matches_what_lies_below_it() {
        let mut article = article("https://a.example/", "A", "beta.example.org");
        let rule = parse_rule("publisher:example.org").unwrap();
        assert!(holds(&rule, &article));
        article.publisher.domain = "my-example.org".to_owned();
        assert!(!holds(&rule, &article));
        article.publisher.domain = String::new();
        assert!(!holds(&rule, &article));
    }

    #[test]
    fn an_article_without_fields_matches_only_what_is_denied() {
        let article = article("https://a.example/", "A", "a.example");
        for rule in ["author:x", "lang:en", "tag:x", "category:x", "kind:x", "excerpt:x", "quality>=1"] {
            assert!(!holds(&parse_rule(rule).unwrap(), &article), "{rule}");
            assert!(holds(&parse_rule(&format!("NOT {rule}")).unwrap(), &article), "{rule}");
        }
    }
}
