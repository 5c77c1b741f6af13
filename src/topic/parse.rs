//! The rule language of `match:`, text in, [`Rule`] out.
//!
//! ```text
//! rule  = and { "OR" and }                      OR binds weakest
//! and   = not { [ "AND" ] not }                 standing side by side means AND
//! not   = { "NOT" } ( "(" rule ")" | term )     NOT binds strongest
//! term  = [ field ":" ] ( word | "\"" words "\"" ) [ "*" ]  |  "quality>=" number
//! ```
//!
//! It never guesses: what it does not understand is an error with the byte where it stands. Text, terms and
//! nesting are capped, so that a rule from anywhere costs bounded time and stack.

use super::token::{Kind, Token, tokens};
use crate::model::Rule;

/// A rule longer than this many bytes is a word list that lost its way; a long rule of people has a few KiB.
const MAX_BYTES: usize = 64 * 1024;

/// Parentheses and NOTs inside each other; keeps the parser's and the matcher's recursion far from the stack's end.
const MAX_DEPTH: usize = 64;

/// What may open an operand, for messages.
const OPERAND: &str = "a word, a \"phrase\", a field such as `title:` or `(`";

/// Why a rule cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// Byte in the rule's text where the trouble stands; at most its length.
    pub offset: usize,
    /// What is wrong and what was expected, one sentence without a full stop.
    pub message: String,
}

/// Reads a rule.
///
/// # Errors
/// The first thing that is not in the language, with its byte offset. Also when `text` is longer than 64 KiB, holds
/// more than 10,000 terms, or nests deeper than 64.
pub fn parse_rule(text: &str) -> Result<Rule, RuleError> {
    if text.len() > MAX_BYTES {
        let end = text.floor_char_boundary(MAX_BYTES);
        return Err(error(end, format!("a rule has at most {MAX_BYTES} bytes, this one has {}", text.len())));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.len(), depth: 0 };
    if tokens.is_empty() {
        return Err(error(0, format!("the rule is empty: expected {OPERAND}")));
    }
    let rule = parser.any()?;
    match parser.peek() {
        None => Ok(rule),
        Some(token) => Err(error(token.offset, "`)` closes nothing that was opened".to_owned())),
    }
}

pub(super) fn error(offset: usize, message: String) -> RuleError {
    RuleError { offset, message }
}

struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
    end: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn takes(&mut self, kind: &Kind) -> bool {
        let taken = self.peek().is_some_and(|token| token.kind == *kind);
        self.next += usize::from(taken);
        taken
    }

    fn any(&mut self) -> Result<Rule, RuleError> {
        let mut rules = vec![self.all()?];
        while self.takes(&Kind::Or) {
            rules.push(self.all()?);
        }
        Ok(one_or(rules, Rule::Any))
    }

    fn all(&mut self) -> Result<Rule, RuleError> {
        let mut rules = vec![self.not()?];
        while self.takes(&Kind::And)
            || self.peek().is_some_and(|token| matches!(token.kind, Kind::Not | Kind::Open | Kind::Term(_)))
        {
            rules.push(self.not()?);
        }
        Ok(one_or(rules, Rule::All))
    }

    fn not(&mut self) -> Result<Rule, RuleError> {
        let Some(token) = self.peek() else {
            return Err(error(self.end, format!("expected {OPERAND}{}, found the end of the rule", self.after())));
        };
        match &token.kind {
            Kind::Term(term) => {
                self.next += 1;
                Ok(Rule::Term(term.clone()))
            }
            Kind::Not => self.nested(token, |parser| Ok(Rule::Not(Box::new(parser.not()?)))),
            Kind::Open => self.nested(token, |parser| {
                let rule = parser.any()?;
                if parser.takes(&Kind::Close) {
                    return Ok(rule);
                }
                Err(error(token.offset, "this parenthesis is never closed: expected `)`".to_owned()))
            }),
            other => {
                let found = other.shown();
                Err(error(token.offset, format!("expected {OPERAND}{}, found {found}", self.after())))
            }
        }
    }

    /// Steps over `token` and reads what it opens, one level deeper.
    fn nested(
        &mut self,
        token: &Token,
        read: impl FnOnce(&mut Self) -> Result<Rule, RuleError>,
    ) -> Result<Rule, RuleError> {
        if self.depth == MAX_DEPTH {
            return Err(error(token.offset, format!("a rule nests at most {MAX_DEPTH} deep")));
        }
        self.next += 1;
        self.depth += 1;
        let rule = read(self);
        self.depth -= 1;
        rule
    }

    /// ` after X` where X is the token before the one we stand at.
    fn after(&self) -> String {
        let before = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.map(|token| format!(" after {}", token.kind.shown())).unwrap_or_default()
    }
}

fn one_or(mut rules: Vec<Rule>, join: fn(Vec<Rule>) -> Rule) -> Rule {
    match rules.pop() {
        Some(only) if rules.is_empty() => only,
        Some(last) => {
            rules.push(last);
            join(rules)
        }
        None => join(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::MAX_TERMS;
    use super::*;
    use crate::model::Rule;

    /// A rule written out with every operator and parenthesis.
    fn shown(rule: &Rule) -> String {
        let join = |rules: &[Rule], by: &str| rules.iter().map(shown).collect::<Vec<_>>().join(by);
        match rule {
            Rule::All(rules) => format!("({})", join(rules, " & ")),
            Rule::Any(rules) => format!("({})", join(rules, " | ")),
            Rule::Not(rule) => format!("!{}", shown(rule)),
            Rule::Term(term) => {
                let field = term.field.map(|field| format!("{field:?}:")).unwrap_or_default();
                let least = term.at_least.map(|least| least.to_string()).unwrap_or_default();
                let star = if term.prefix { "*" } else { "" };
                format!("{field}{}{least}{star}", term.words.join("+"))
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(parse_rule(text).as_ref().map(shown).map_err(ToString::to_string), Ok(expect.to_owned()), "{text}");
    }

    #[track_caller]
    fn fails(text: &str, offset: usize, message: &str) {
        let error = parse_rule(text).expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error}");
        assert!(error.message.contains(message), "{text}: {error}");
    }

    #[test]
    fn terms() {
        check("chip", "chip");
        check("Chip", "chip");
        check("chip*", "chip*");
        check("\"data centre\"", "data+centre");
        check("\"data cent*\"", "data+cent*");
        check("\"data cent\"*", "data+cent*");
        check("title:chip", "Title:chip");
        check("title:\"Big Chip\"", "Title:big+chip");
        check("title:chip*", "Title:chip*");
        check("url:https://Example.org/a?b=*", "Url:https://example.org/a?b=*");
        check("publisher:Example.COM", "Publisher:example.com");
        check("publisher:\"Ars Technica\"", "Publisher:ars+technica");
        check("lang:en_US", "Lang:en-us");
        check(
            "tag:ai category:tech kind:video author:doe excerpt:x",
            "(Tag:ai & Category:tech & Kind:video & Author:doe & Excerpt:x)",
        );
        check("quality>=50", "Quality:50");
        check("quality>=-5", "Quality:-5");
        check("quality", "quality");
        check("and or not", "(and & or & not)");
        check("\"AND\"", "and");
        check("ANDROID", "android");
        check("10:30", "10+30");
        check("C++ AT&T", "(c++ & at&t)");
        check("人工智能", "人工+工智+智能");
        check("ＡＩ", "ai");
    }

    #[test]
    fn precedence() {
        check("a b OR c d", "((a & b) | (c & d))");
        check("a AND b OR c", "((a & b) | c)");
        check("a OR b AND c", "(a | (b & c))");
        check("a AND (b OR c)", "(a & (b | c))");
        check("NOT a b", "(!a & b)");
        check("NOT a OR b", "(!a | b)");
        check("NOT (a OR b)", "!(a | b)");
        check("NOT NOT a", "!!a");
        check("a NOT b", "(a & !b)");
        check("a AND NOT \"b c\"", "(a & !b+c)");
        check("(a)(b)", "(a & b)");
        check("((a))", "a");
        check("a(b OR c)d", "(a & (b | c) & d)");
        check(" \n a\tOR\n b ", "(a | b)");
        check("a\"b c\"", "(a & b+c)");
    }

    #[test]
    fn errors() {
        fails("", 0, "the rule is empty: expected a word");
        fails("  ", 0, "the rule is empty");
        fails("titel:x", 0, "unknown field `titel`: did you mean `title`?");
        fails("a AND Title:x", 6, "unknown field `Title`: did you mean `title`?");
        fails("ü titel:x", 3, "did you mean `title`?");
        fails("http://a", 0, "quote a word that holds a colon");
        fails("a AND", 5, "expected a word, a \"phrase\", a field such as `title:` or `(` after `AND`, found the end");
        fails("a OR OR b", 5, "after `OR`, found `OR`");
        fails("AND a", 0, "found `AND`");
        fails("a NOT", 5, "after `NOT`, found the end");
        fails("(a", 0, "this parenthesis is never closed");
        fails("b (a", 2, "this parenthesis is never closed");
        fails("a)", 1, "`)` closes nothing");
        fails("()", 1, "after `(`, found `)`");
        fails("a \"b", 2, "this quote is never closed");
        fails("title:\"b", 6, "this quote is never closed");
        fails("title: x", 6, "right after the colon");
        fails("title:(x)", 6, "right after the colon");
        fails("c*p", 1, "`*` may only stand at the end");
        fails("*", 0, "holds no letter or digit");
        fails("a \"\"", 3, "holds no letter or digit");
        fails("quality>5", 0, "expected `quality>=` and a whole number, found `quality>5`");
        fails("a quality:5", 2, "expected `quality>=`");
        fails("quality>=", 9, "right after `quality>=`, found nothing");
        fails("quality>= 5", 9, "found nothing");
        fails("quality>=high", 9, "found `high`");
    }

    #[test]
    fn caps() {
        fails(&"a".repeat(MAX_BYTES + 1), MAX_BYTES, "at most 65536 bytes");
        fails(&"é".repeat(MAX_BYTES).replacen('é', "e", 1), MAX_BYTES - 1, "at most 65536 bytes");
        fails(&"a ".repeat(MAX_TERMS + 1), 2 * MAX_TERMS, "at most 10000 terms");
        fails(&"(".repeat(30_000), MAX_DEPTH, "at most 64 deep");
        // Found by `cargo bench --bench fuzz -- rule`: nothing but parentheses took a hundred times their bytes.
        fails(&")".repeat(60_000), 30_000, "at most 30000 terms, operators and parentheses");
        fails(&"NOT ".repeat(16_000), 4 * MAX_DEPTH, "at most 64 deep");
        assert!(parse_rule(&"a ".repeat(MAX_TERMS)).is_ok());
        assert!(parse_rule(&format!("{}a{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH))).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_points_into_the_text(text in "[a-c \"():*>=NOTANDRqualitytitle\u{e9}]{0,60}") {
            if let Err(error) = parse_rule(&text) {
                assert!(error.offset <= text.len() && text.is_char_boundary(error.offset), "{text}: {error:?}");
            }
        }
    }
}
