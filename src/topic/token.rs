//! The tokens of the rule language: text in, operators, parentheses and finished terms out, each with its byte.
//!
//! A term is checked and normalised here, so that the grammar in `parse` sees only terms that can match. Never does
//! this guess: an unknown field or a misplaced star is an error where it stands.

use super::parse::{RuleError, error};
use crate::model::{Term, TermField};
use crate::text;

/// Matching costs a binary search a term: ten thousand stay below a millisecond an article.
pub(super) const MAX_TERMS: usize = 10_000;

/// Terms, operators and parentheses: room for an operator and a parenthesis with each term. 65,536 parentheses and
/// nothing else took five megabytes.
const MAX_TOKENS: usize = 3 * MAX_TERMS;

/// The fields by the names that rules use.
const FIELDS: &[(&str, TermField)] = &[
    ("title", TermField::Title),
    ("excerpt", TermField::Excerpt),
    ("url", TermField::Url),
    ("publisher", TermField::Publisher),
    ("author", TermField::Author),
    ("lang", TermField::Lang),
    ("tag", TermField::Tag),
    ("category", TermField::Category),
    ("kind", TermField::Kind),
];

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Term(Term),
}

impl Kind {
    /// As the operator wrote it, for messages.
    pub(super) fn shown(&self) -> &'static str {
        match self {
            Self::Open => "`(`",
            Self::Close => "`)`",
            Self::And => "`AND`",
            Self::Or => "`OR`",
            Self::Not => "`NOT`",
            Self::Term(_) => "a term",
        }
    }
}

/// One token of a rule and the byte where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

/// The tokens of a rule, at most [`MAX_TOKENS`], and [`MAX_TERMS`] terms among them.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, RuleError> {
    let mut tokens = Vec::new();
    let mut terms = 0;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let offset = text.len() - rest.len();
        let (mut kind, length) = match first {
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            _ => token(rest, offset)?,
        };
        if let Kind::Term(term) = &mut kind {
            rest.get(..length).unwrap_or_default().clone_into(&mut term.written);
            terms += 1;
            if terms > MAX_TERMS {
                return Err(error(offset, format!("a rule has at most {MAX_TERMS} terms")));
            }
        }
        if tokens.len() == MAX_TOKENS {
            return Err(error(offset, format!("a rule has at most {MAX_TOKENS} terms, operators and parentheses")));
        }
        tokens.push(Token { offset, kind });
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// The operator or term that `rest` begins with, and its length in bytes.
fn token(rest: &str, offset: usize) -> Result<(Kind, usize), RuleError> {
    let bare = bare(rest);
    match bare {
        "AND" => return Ok((Kind::And, bare.len())),
        "OR" => return Ok((Kind::Or, bare.len())),
        "NOT" => return Ok((Kind::Not, bare.len())),
        _ => {}
    }
    if let Some((name, field)) = quality_name(bare) {
        return quality(bare, name, field, offset).map(|term| (Kind::Term(term), bare.len()));
    }
    let (field, skip) = match field_name(bare) {
        Some(name) => (Some(field_of(name, offset)?), name.len() + 1),
        None => (None, 0),
    };
    let value = rest.get(skip..).unwrap_or_default();
    let at = offset + skip;
    let (term, length) = if value.starts_with('"') { phrase(field, value, at)? } else { word(field, value, at)? };
    Ok((Kind::Term(term), skip + length))
}

/// Up to the next blank, parenthesis or quote.
fn bare(rest: &str) -> &str {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest)
}

/// The letters before the first colon, if `bare` begins so. `10:30` and `:x` name no field.
fn field_name(bare: &str) -> Option<&str> {
    let (name, _) = bare.split_once(':')?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_')).then_some(name)
}

fn field_of(name: &str, offset: usize) -> Result<TermField, RuleError> {
    if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) {
        return Ok(*field);
    }
    let lower = name.to_ascii_lowercase();
    let near = FIELDS
        .iter()
        .map(|(known, _)| (strsim::osa_distance(known, &lower), *known))
        .min()
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4);
    let help = if let Some((_, known)) = near {
        format!("did you mean `{known}`?")
    } else {
        let names: Vec<_> = FIELDS.iter().map(|(name, _)| format!("`{name}:`")).collect();
        format!("fields are {} and `quality>=`; quote a word that holds a colon", names.join(", "))
    };
    Err(error(offset, format!("unknown field `{}`: {help}", text::shorten(name, 40))))
}

/// `quality` followed by an operator, right or wrong.
fn quality_name(bare: &str) -> Option<(&str, &str)> {
    let (name, rest) = bare.split_at_checked("quality".len())?;
    (name == "quality" && rest.starts_with([':', '>', '<', '='])).then_some((name, rest))
}

fn quality(bare: &str, name: &str, rest: &str, offset: usize) -> Result<Term, RuleError> {
    let Some(number) = rest.strip_prefix(">=") else {
        let shown = text::shorten(bare, 40);
        return Err(error(offset, format!("expected `quality>=` and a whole number, found `{shown}`")));
    };
    let at = offset + name.len() + 2;
    let found = if number.is_empty() { "nothing".to_owned() } else { format!("`{}`", text::shorten(number, 40)) };
    let least = number
        .parse()
        .map_err(|_| error(at, format!("expected a whole number right after `quality>=`, found {found}")))?;
    Ok(Term { at_least: Some(least), ..bare_term(Some(TermField::Quality)) })
}

fn phrase(field: Option<TermField>, value: &str, offset: usize) -> Result<(Term, usize), RuleError> {
    let inside = value.get(1..).unwrap_or_default();
    let Some((inside, after)) = inside.split_once('"') else {
        return Err(error(offset, "this quote is never closed: expected `\"`".to_owned()));
    };
    let starred = after.starts_with('*');
    let length = inside.len() + 2 + usize::from(starred);
    let (inside, prefix) = match inside.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (inside, starred),
    };
    Ok((term(field, inside, prefix, offset + 1)?, length))
}

fn word(field: Option<TermField>, value: &str, offset: usize) -> Result<(Term, usize), RuleError> {
    let value = bare(value);
    if value.is_empty() {
        return Err(error(offset, "expected a word or a \"phrase\" right after the colon".to_owned()));
    }
    // A star is an ordinary character of an address, and a substring needs no prefix.
    let (stem, prefix) = match value.strip_suffix('*') {
        Some(stem) if field != Some(TermField::Url) => (stem, true),
        _ => (value, false),
    };
    Ok((term(field, stem, prefix, offset)?, value.len()))
}

fn term(field: Option<TermField>, value: &str, prefix: bool, offset: usize) -> Result<Term, RuleError> {
    if let Some(star) = value.find('*').filter(|_| field != Some(TermField::Url)) {
        return Err(error(
            offset + star,
            "`*` may only stand at the end, where it makes the last word a prefix".into(),
        ));
    }
    let words = match field {
        Some(TermField::Url) => vec![value.trim().to_lowercase()],
        Some(TermField::Lang) => vec![value.trim().to_lowercase().replace('_', "-")],
        // A domain stays whole, so that `example.com` cannot match `the-example.com`.
        Some(TermField::Publisher) if value.contains('.') && !value.contains(char::is_whitespace) => {
            vec![value.to_lowercase()]
        }
        _ => text::words(value),
    };
    if words.iter().all(String::is_empty) {
        let shown = text::shorten(value, 40);
        return Err(error(offset, format!("`{shown}` holds no letter or digit to look for: expected a word")));
    }
    Ok(Term { words, prefix, ..bare_term(field) })
}

fn bare_term(field: Option<TermField>) -> Term {
    Term { written: String::new(), field, words: Vec::new(), prefix: false, at_least: None }
}
