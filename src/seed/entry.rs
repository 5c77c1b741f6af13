//! One entry: keys as written go in, an [`Entry`] of clean values comes out, and what was odd is reported.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::lint;
use super::raw::{RawEntry, RawImage, RawProvider};
use super::report::{Report, name};
use crate::model::{Entry, Image, Publisher};
use crate::yaml::{item, join};
use crate::{text, url};

/// How far ahead a publication time may lie before it is reported: clocks and zones differ by less.
const FUTURE: SignedDuration = SignedDuration::from_hours(24);

/// Longest label, in characters: what an overview can show.
const MAX_LABEL: usize = 100;

/// Most labels of a seed, and most related entries: more are no story but a list of something else.
const MAX_LABELS: usize = 100;
const MAX_RELATED: usize = 1_000;

/// Makes entries and collects what is odd about them.
pub(super) struct Builder<'a> {
    pub(super) now: Timestamp,
    pub(super) report: &'a mut Report,
}

impl Builder<'_> {
    /// The entry at `path`; the empty path is the seed's own. `None` when it has no title or no address.
    pub(super) fn entry(&mut self, raw: RawEntry, path: &str) -> Option<Entry> {
        let known = if path.is_empty() { lint::SEED_KEYS } else { lint::ENTRY_KEYS };
        for key in &raw.unknown.0 {
            self.unknown(path, key, known);
        }
        let title = self.title(raw.title.as_deref(), path);
        let address = self.address(raw.web_url, path, raw.amp_web_url.is_some() || raw.cdn_amp_web_url.is_some());
        let (title, address) = (title?, address?);
        let aliases =
            [("originalUrl", raw.original_url), ("ampWebUrl", raw.amp_web_url), ("cdnAmpWebUrl", raw.cdn_amp_web_url)];
        let aliases = self.aliases(aliases, &address, path);
        if url::looks_amp(&address) && aliases.iter().all(|alias| url::looks_amp(alias)) {
            self.report
                .warn(join(path, "webUrl"), "this is an AMP address, and the entry has no canonical one")
                .help("put the article's own address into `webUrl` and this one into `ampWebUrl`");
        }
        Some(Entry {
            published: self.time(raw.published_date_time, path),
            publisher: self.publisher(raw.provider, &address, path),
            images: self.images(raw.images, path),
            excerpt: self.prose(raw.excerpt, path, "excerpt"),
            category: self.text(raw.category, path, "category"),
            kind: self.text(raw.kind, path, "type"),
            quality: raw.quality,
            title: Some(title),
            url: address,
            aliases,
            ..Entry::default()
        })
    }

    /// The usable related entries, each with its path.
    pub(super) fn related(&mut self, mut related: Vec<RawEntry>) -> Vec<(String, Entry)> {
        if related.len() > MAX_RELATED {
            let message = format!("`related` has {} entries, only the first {MAX_RELATED} count", related.len());
            self.report.warn(item("related", MAX_RELATED), message);
            related.truncate(MAX_RELATED);
        }
        let mut entries = Vec::with_capacity(related.len());
        for (index, raw) in related.into_iter().enumerate().filter(|(_, raw)| !raw.is_broken) {
            let path = item("related", index);
            let idle = [
                ("heat", raw.heat.is_some()),
                ("published", raw.published.is_some()),
                ("topics", raw.topics.is_some()),
                ("related", raw.related.is_some()),
                ("secured", raw.secured.is_some()),
            ];
            for (key, _) in idle.into_iter().filter(|(_, is_there)| *is_there) {
                let message = format!("`{key}` means nothing in a related entry");
                self.report.warn(join(&path, key), message).help("leave it out, or say it of the seed");
            }
            if let Some(entry) = self.entry(raw, &path) {
                entries.push((path, entry));
            }
        }
        entries
    }

    /// Topic labels, each once.
    pub(super) fn labels(&mut self, topics: Option<Vec<Option<String>>>) -> Vec<String> {
        let Some(mut topics) = topics else { return Vec::new() };
        if topics.len() > MAX_LABELS {
            let message = format!("`topics` has {} labels, only the first {MAX_LABELS} count", topics.len());
            self.report.warn(item("topics", MAX_LABELS), message);
            topics.truncate(MAX_LABELS);
        }
        if topics.is_empty() {
            self.report.empty("topics");
        }
        let mut labels = Vec::with_capacity(topics.len());
        for (index, topic) in topics.into_iter().enumerate() {
            let label = text::shorten(&text::squash(&topic.unwrap_or_default()), MAX_LABEL);
            if label.is_empty() {
                self.report.warn(item("topics", index), "this topic is empty").help("leave it out");
            } else if labels.contains(&label) {
                self.report.warn(item("topics", index), "this topic is in the list already").help("leave it out");
            } else {
                labels.push(label);
            }
        }
        labels
    }

    /// Editorial heat; below zero means "compute it".
    pub(super) fn heat(&mut self, heat: Option<f64>) -> Option<f64> {
        let heat = heat?;
        if !heat.is_finite() {
            self.report.warn("heat", "`heat` is no number and does not count");
            return None;
        }
        (heat >= 0.0).then_some(heat)
    }

    fn title(&mut self, title: Option<&str>, path: &str) -> Option<String> {
        let key = join(path, "title");
        let message = match title.map(text::squash) {
            Some(squashed) if !squashed.is_empty() => {
                self.markup(&squashed, &key);
                return Some(squashed);
            }
            Some(_) => "`title` is empty",
            None => "`title` is missing",
        };
        self.unusable(if title.is_some() { &key } else { path }, path, message.to_owned());
        None
    }

    fn address(&mut self, raw: Option<String>, path: &str, has_amp: bool) -> Option<String> {
        let key = join(path, "webUrl");
        let Some(raw) = raw.filter(|raw| !raw.trim().is_empty()) else {
            self.unusable(path, path, "`webUrl` is missing".to_owned());
            if has_amp {
                self.report.help("an AMP address is not enough: give the article's own address");
            }
            return None;
        };
        match url::canonical(&raw) {
            Ok(address) => Some(address),
            Err(problem) => {
                self.unusable(&key, path, format!("`webUrl` cannot be used: {problem}"));
                None
            }
        }
    }

    /// Says why the entry at `path` is of no use: an error for the seed's own, else it is skipped.
    fn unusable(&mut self, place: &str, path: &str, message: String) {
        if path.is_empty() {
            self.report.error(place, message);
        } else {
            self.report.warn(place, format!("this entry is skipped: {message}"));
        }
    }

    fn aliases(&mut self, given: [(&str, Option<String>); 3], address: &str, path: &str) -> Vec<String> {
        let mut aliases: Vec<String> = Vec::new();
        if given.iter().all(|(_, raw)| raw.is_none()) {
            return aliases;
        }
        let mut keys = vec![url::key(address)];
        for (key, raw) in given {
            let Some(raw) = raw else { continue };
            let path = join(path, key);
            if raw.trim().is_empty() {
                self.report.empty(path);
                continue;
            }
            match url::canonical(&raw) {
                Ok(alias) => {
                    let identity = url::key(&alias);
                    if !keys.contains(&identity) {
                        keys.push(identity);
                        aliases.push(alias);
                    }
                }
                Err(problem) => {
                    self.report.warn(path, format!("`{key}` does not count: {problem}"));
                }
            }
        }
        aliases
    }

    fn time(&mut self, raw: Option<String>, path: &str) -> Option<Timestamp> {
        let raw = raw?;
        let path = join(path, "publishedDateTime");
        if raw.trim().is_empty() {
            self.report.empty(path);
            return None;
        }
        let Some(time) = time(&raw) else {
            self.report
                .warn(path, "`publishedDateTime` is no time and does not count")
                .help("write it like 2024-02-22T23:23:00Z");
            return None;
        };
        if time > self.now.saturating_add(FUTURE).unwrap_or(Timestamp::MAX) {
            self.report.warn(path, format!("`publishedDateTime` is in the future: {time}"));
        }
        Some(time)
    }

    fn publisher(&mut self, provider: Option<RawProvider>, address: &str, path: &str) -> Option<Publisher> {
        let Some(raw) = provider else {
            let message = "`provider` is missing";
            let place = if path.is_empty() { "webUrl".to_owned() } else { path.to_owned() };
            self.report.warn(place, message).help("without it the publisher is named after the address's domain");
            return None;
        };
        let path = join(path, "provider");
        for key in &raw.unknown.0 {
            self.unknown(&path, key, lint::PROVIDER_KEYS);
        }
        if raw.name.is_none() && raw.domain.is_none() {
            self.report.empty(path);
            return None;
        }
        let name = self.text(raw.name, &path, "name");
        let domain = self.text(raw.domain, &path, "domain").and_then(|domain| self.domain(&domain, &path));
        if name.is_none() && domain.is_none() {
            return None;
        }
        let domain = domain.or_else(|| url::registrable_domain(address)).unwrap_or_default();
        Some(Publisher { name: name.unwrap_or_else(|| domain.clone()), domain })
    }

    fn domain(&mut self, raw: &str, path: &str) -> Option<String> {
        let address = if raw.contains("://") { raw.to_owned() } else { format!("https://{raw}") };
        let domain = url::canonical(&address).ok().and_then(|address| url::registrable_domain(&address));
        if domain.is_none() {
            self.report.warn(join(path, "domain"), "`domain` is no domain and does not count");
        }
        domain
    }

    fn images(&mut self, images: Option<Vec<RawImage>>, path: &str) -> Vec<Image> {
        let Some(images) = images else { return Vec::new() };
        let path = join(path, "images");
        if images.is_empty() {
            self.report.empty(path.as_str());
        }
        images.into_iter().enumerate().filter_map(|(index, raw)| self.image(raw, &item(&path, index))).collect()
    }

    fn image(&mut self, raw: RawImage, path: &str) -> Option<Image> {
        for key in &raw.unknown.0 {
            self.unknown(path, key, lint::IMAGE_KEYS);
        }
        let Some(address) = raw.url.filter(|address| !address.trim().is_empty()) else {
            self.report.warn(path, "an image without `url` shows nothing").help("leave it out");
            return None;
        };
        // Checked like any address, but kept as it is: what tracks a reader of a page may select a picture.
        if let Err(problem) = url::canonical(&address) {
            self.report.warn(join(path, "url"), format!("this image does not count: {problem}"));
            return None;
        }
        let width = self.pixels(raw.width, path, "width");
        let height = self.pixels(raw.height, path, "height");
        Some(Image { url: url::resolve("", &address)?, width, height })
    }

    /// A size; 0 is what generators write where they do not know it.
    fn pixels(&mut self, raw: Option<i64>, path: &str, key: &str) -> Option<u32> {
        let pixels = u32::try_from(raw?);
        if pixels.is_err() {
            self.report.warn(join(path, key), format!("`{key}` is no number of pixels and does not count"));
        }
        pixels.ok().filter(|pixels| *pixels > 0)
    }

    fn prose(&mut self, raw: Option<String>, path: &str, key: &str) -> Option<String> {
        let prose = self.text(raw, path, key)?;
        self.markup(&prose, &join(path, key));
        Some(prose)
    }

    fn text(&mut self, raw: Option<String>, path: &str, key: &str) -> Option<String> {
        let squashed = text::squash(&raw?);
        if squashed.is_empty() {
            self.report.empty(join(path, key));
            return None;
        }
        Some(squashed)
    }

    fn markup(&mut self, text: &str, path: &str) {
        if let Some(markup) = lint::markup(text) {
            self.report
                .warn(path, format!("`{}` has HTML in it: `{markup}`", name(path)))
                .help("text is plain text here, readers will see the markup");
        }
    }

    fn unknown(&mut self, path: &str, key: &str, known: &[&str]) {
        let shown = text::shorten(&text::squash(key), 40);
        self.report.warn(join(path, key), format!("unknown key `{shown}`"));
        if let Some(meant) = lint::meant(key, known) {
            self.report.help(format!("did you mean `{meant}`?"));
        }
    }
}

/// A time as people write it: RFC 3339, a date with or without a time (then UTC), or an e-mail's date.
fn time(raw: &str) -> Option<Timestamp> {
    let raw = raw.trim();
    if let Ok(time) = raw.parse() {
        return Some(time);
    }
    let bare = ["UTC", "GMT", "Z"].iter().find_map(|zone| raw.strip_suffix(zone)).unwrap_or(raw).trim_end();
    if let Ok(time) = bare.parse::<DateTime>() {
        return TimeZone::UTC.to_timestamp(time).ok();
    }
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(raw).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |raw, expect: Option<&str>| {
            assert_eq!(time(raw).map(|time| time.to_string()).as_deref(), expect, "{raw}");
        };
        check("2020-11-12T19:00:00Z", Some("2020-11-12T19:00:00Z"));
        check("2020-11-12T19:00:00+01:00", Some("2020-11-12T18:00:00Z"));
        check("2020-11-12T19:00:00", Some("2020-11-12T19:00:00Z"));
        check("2020-11-12 19:00", Some("2020-11-12T19:00:00Z"));
        check("2020-11-12 19:00 UTC", Some("2020-11-12T19:00:00Z"));
        check(" 2020-11-12 ", Some("2020-11-12T00:00:00Z"));
        check("Thu, 12 Nov 2020 19:00:00 +0000", Some("2020-11-12T19:00:00Z"));
        check("yesterday", None);
        check("2020-13-45", None);
        check("1605207600", None);
    }
}
