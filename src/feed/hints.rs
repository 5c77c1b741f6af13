//! The fields of a feed itself: its title, its site, its people, and what it asks of its readers.
//!
//! In come values as they are met; out goes a `Feed` without entries. A wish that is no number or no name is none.

use super::address::Addresses;
use super::draft;
use super::scan::{Scanner, Token};
use super::scope::language;
use super::value::Value;
use super::vocabulary::Field;
use crate::model::{Feed, FeedHints};

/// Seconds of the periods of the syndication module.
const PERIODS: &[(&str, u64)] =
    &[("hourly", 3_600), ("daily", 86_400), ("weekly", 604_800), ("monthly", 2_592_000), ("yearly", 31_536_000)];

/// English names of days, as `skipDays` has them.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[derive(Debug, Default)]
pub(super) struct Channel {
    pub(super) title: Option<String>,
    pub(super) lang: Option<String>,
    authors: Vec<String>,
    other_authors: Vec<String>,
    /// The site, as the feed's own words give it, and as others do.
    link: Option<String>,
    alternate: Option<String>,
    moved: Option<String>,
    period: Option<u64>,
    frequency: Option<u64>,
    hints: FeedHints,
}

impl Channel {
    /// Takes one element.
    pub(super) fn take(&mut self, field: Field, value: Value) {
        let text = || value.text();
        let number = || text().trim().parse::<u64>().ok().filter(|number| *number > 0);
        match field {
            Field::Author => draft::name(&mut self.authors, value),
            Field::OtherAuthor => draft::name(&mut self.other_authors, value),
            Field::Language => self.lang = language(&text()).or_else(|| self.lang.take()),
            Field::Ttl => self.hints.ttl_s = number().map(|minutes| minutes.saturating_mul(60)),
            Field::SkipHours => self.hints.skip_hours = hours(value.raw),
            Field::SkipDays => self.hints.skip_days = days(value.raw),
            Field::Period => {
                let period = text();
                let known = PERIODS.iter().find(|(name, _)| name.eq_ignore_ascii_case(period.trim()));
                self.period = known.map(|(_, seconds)| *seconds);
            }
            Field::Frequency => self.frequency = number(),
            Field::Moved => self.moved = value.word(),
            Field::Archive => self.hints.archive = true,
            Field::Complete => self.hints.complete = true,
            // RSS has no other use for them in a feed.
            _ => {}
        }
    }

    /// Takes an address: `is_own` when it is the feed's own word for its site.
    pub(super) fn link(&mut self, at: &mut Addresses, base: usize, stated: &str, rel: Option<&str>, is_own: bool) {
        let slot = match rel {
            _ if is_own => &mut self.link,
            None | Some("alternate") => &mut self.alternate,
            Some("hub") => &mut self.hints.hub,
            Some("self") => &mut self.hints.self_url,
            Some("next") => &mut self.hints.next,
            Some("prev-archive") => &mut self.hints.prev_archive,
            Some(_) => return,
        };
        if slot.is_none() {
            *slot = at.web(base, stated);
        }
    }

    /// The feed, without entries.
    pub(super) fn feed(mut self, addresses: &mut Addresses) -> Feed {
        if let (None, Some(period)) = (self.hints.ttl_s, self.period) {
            self.hints.ttl_s = Some((period / self.frequency.unwrap_or(1)).max(60));
        }
        self.hints.moved = self.moved.and_then(|moved| addresses.web(0, &moved));
        Feed {
            title: self.title,
            link: self.link.or(self.alternate),
            lang: self.lang,
            hints: self.hints,
            ..Feed::default()
        }
    }

    /// The people whose every entry is, where it names none itself.
    pub(super) fn people(&self) -> &[String] {
        if self.authors.is_empty() { &self.other_authors } else { &self.authors }
    }
}

/// `skipHours`: RSS 0.91 counts 1 to 24, 2.0 counts 0 to 23.
fn hours(raw: &str) -> Vec<u8> {
    let mut hours: Vec<u8> = each(raw, "hour")
        .filter_map(|hour| hour.parse().ok())
        .filter(|hour| *hour <= 24)
        .map(|hour: u8| hour % 24)
        .collect();
    hours.sort_unstable();
    hours.dedup();
    hours
}

fn days(raw: &str) -> Vec<String> {
    let stated: Vec<String> = each(raw, "day").collect();
    let is_stated = |day: &&str| stated.iter().any(|stated| stated.eq_ignore_ascii_case(day));
    DAYS.iter().copied().filter(is_stated).map(str::to_owned).collect()
}

/// The insides of the elements `name` in `raw`; a day has 24 hours.
fn each(raw: &str, name: &str) -> impl Iterator<Item = String> {
    let mut scanner = Scanner::new(raw);
    let name = name.to_owned();
    std::iter::from_fn(move || {
        loop {
            if let Token::Start(tag) = scanner.next()?
                && tag.prefix_and_local().1.eq_ignore_ascii_case(&name)
            {
                return Some(scanner.inside(&tag, false, |_| false).text().into_owned());
            }
        }
    })
    .take(25)
}
