//! Single values: each by its kind, and what to say about those that are wrong.

use jiff::tz::TimeZone;

use super::{Checked, Checker, SHOWN, did_you_mean, suggest};
use crate::config::kind::{self, Kind};
use crate::config::node::{Node, Value};
use crate::config::scalar::{self, Trouble};
use crate::model::{Severity, Token};
use crate::schedule::cron::Cron;
use crate::text::shorten;

impl Checker<'_> {
    /// Checks text as a value of `kind`.
    pub(super) fn text(&mut self, node: &Node, text: &str, kind: &'static Kind) -> Option<Checked> {
        let owned = |text: String| Checked::Text(text);
        let parsed = match kind {
            Kind::Text | Kind::Path if text.trim().is_empty() => Err(Trouble::default()),
            Kind::Text | Kind::Path => Ok(Checked::Text(text.trim().to_owned())),
            // What comes from outside is text, whatever it says.
            Kind::Bool if node.is_expanded => text.parse().map(Checked::Bool).map_err(|_| Trouble::default()),
            Kind::Count { .. } | Kind::Duration { .. } | Kind::Size { .. } => return self.quantity(node, text, kind),
            Kind::Choice(words) => one_of(text, words),
            Kind::Format => one_of(text, &kind::formats()),
            Kind::Cron => Cron::parse(text, &self.zone)
                .map(|cron| Checked::Cron(Box::new(cron)))
                .map_err(|problem| Trouble { offset: Some(problem.offset), ..Trouble::why(problem.message) }),
            Kind::Rule => crate::topic::parse_rule(text)
                .map(Checked::Rule)
                .map_err(|error| Trouble { offset: Some(error.offset), ..Trouble::why(error.message) }),
            Kind::Zone => TimeZone::get(text).map(Checked::Zone).map_err(|_| Trouble::default()),
            Kind::BaseUrl => scalar::base_url(text).map(owned),
            Kind::Url => scalar::web_address(text).map(|_| owned(text.to_owned())),
            Kind::Article => scalar::article(text).map(owned),
            Kind::Contact => scalar::contact(text).map(owned),
            Kind::TagAuthority => scalar::tag_authority(text).map(owned),
            Kind::Listen => scalar::listen(text).map(Checked::Socket),
            Kind::Target => scalar::target(text).map(Checked::Socket),
            Kind::Cidr => scalar::cidr(text).map(|(address, bits)| Checked::Cidr(address, bits)),
            Kind::Host => scalar::host(text).map(owned),
            Kind::Endpoint => scalar::endpoint(text).map(owned),
            Kind::Store => scalar::store(text).map(owned),
            Kind::Slug => scalar::slug(text).map(owned),
            Kind::Hub if matches!(text, "none" | "own") => Ok(owned(text.to_owned())),
            Kind::Hub => scalar::web_address(text).map(|_| owned(text.to_owned())),
            Kind::Token => match Token::of(text) {
                Some(_) => Ok(owned(text.to_owned())),
                // A token is a secret, even one that is none.
                None => return self.secret(node, kind),
            },
            Kind::Bool | Kind::Texts | Kind::List { .. } | Kind::Map { .. } | Kind::Object(_) => {
                Err(Trouble::default())
            }
        };
        parsed.map_err(|trouble| self.wrong(node, kind, trouble)).ok()
    }

    /// Notes that a secret is not what was expected, without showing it.
    fn secret(&mut self, node: &Node, kind: &'static Kind) -> Option<Checked> {
        let message = format!("`{}`: expected {}", node.at.path, kind.expected());
        let help = "`openssl rand -hex 16` makes one; keep it in a file and write ${file:PATH}".to_owned();
        self.error(&node.at, message, Some(help));
        None
    }

    fn quantity(&mut self, node: &Node, text: &str, kind: &'static Kind) -> Option<Checked> {
        let parsed = match kind {
            Kind::Duration { least_s, most_s } => scalar::duration(text).map(|found| {
                let millis = u64::try_from(found.as_millis()).unwrap_or(u64::MAX);
                let (least, most) = (least_s.saturating_mul(1000), most_s.saturating_mul(1000));
                self.bounded(node, millis, least, most, scalar::show_duration).map(|_| Checked::Duration(found))
            }),
            Kind::Size { least, most } => scalar::size(text)
                .map(|bytes| self.bounded(node, bytes, *least, *most, scalar::show_size).map(Checked::Count)),
            Kind::Count { least, most } if node.is_expanded => text
                .parse()
                .map(|number| {
                    self.bounded(node, number, *least, *most, |number| number.to_string()).map(Checked::Count)
                })
                .map_err(|_| Trouble::default()),
            _ => Err(Trouble::default()),
        };
        parsed.unwrap_or_else(|trouble| self.wrong(node, kind, trouble))
    }

    pub(super) fn bounded(
        &mut self,
        node: &Node,
        value: u64,
        least: u64,
        most: u64,
        show: fn(u64) -> String,
    ) -> Option<u64> {
        if (least..=most).contains(&value) {
            return Some(value);
        }
        let found = if node.is_expanded { "another value".to_owned() } else { show(value) };
        let message = format!("`{}` is {} to {}, found {found}", node.at.path, show(least), show(most));
        self.error(&node.at, message, None);
        None
    }

    /// Notes that a value is not what was expected. What came from `${…}` is not shown, nor is what quotes it.
    pub(super) fn wrong(&mut self, node: &Node, kind: &Kind, trouble: Trouble) -> Option<Checked> {
        let name = if node.at.path.is_empty() { "the file" } else { &node.at.path };
        let message = match (&trouble.why, node.is_expanded) {
            (_, true) => {
                format!("`{name}`: expected {}, found something else in `${{…}}`, which is not shown", kind.expected())
            }
            (Some(why), false) if trouble.offset.is_some() => format!("`{name}`: {why}"),
            (Some(why), false) => {
                format!("`{name}`: expected {}, found {}: {why}", kind.expected(), found(&node.value))
            }
            (None, false) => format!("`{name}`: expected {}, found {}", kind.expected(), found(&node.value)),
        };
        let help = trouble.help.filter(|_| !node.is_expanded);
        let place = trouble.offset.filter(|_| !node.is_expanded).and_then(|offset| {
            let file = self.files.get(node.at.file?)?;
            file.spans.inside(&file.text, &node.at.path, offset)
        });
        match place {
            Some(place) => self.note(Severity::Error, &node.at, Some(place), message, help),
            None => self.error(&node.at, message, help),
        }
        None
    }
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(_, text) => format!("the number {text}"),
        Value::Text(text) if text.is_empty() => "empty text".to_owned(),
        // An address may hold a token.
        Value::Text(text) if text.contains("://") => format!("`{}`", shorten(&crate::url::mask(text), SHOWN)),
        Value::Text(text) => format!("`{}`", shorten(text, SHOWN)),
        Value::Tagged(tag) => format!("a value with the tag `!{}`", shorten(tag.trim_start_matches('!'), SHOWN)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "keys and values".to_owned(),
    }
}

fn one_of(text: &str, words: &[&str]) -> Result<Checked, Trouble> {
    if words.contains(&text) {
        return Ok(Checked::Text(text.to_owned()));
    }
    Err(Trouble { help: suggest(text, words).map(did_you_mean), ..Trouble::default() })
}
