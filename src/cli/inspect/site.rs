//! Site memory over one run of `inspect page`: pages teach in the order in which they are named, as they do the daemon
//! in the order of its visits.
//!
//! In come pages, out goes what each says, with notes on what was remembered of its site and on pages that stand in an
//! article's place. Nothing is kept after the run.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::extract::kind::wall::{self, Answer};
use crate::extract::{Judged, Pass, site};
use crate::model::{PageMetadata, Site};
use crate::url;

/// What the pages so far have taught, by registrable domain.
#[derive(Debug, Default)]
pub(super) struct Memory(BTreeMap<String, Site>);

impl Memory {
    /// Reads a page, which a pass has begun, with what is remembered of its site, and learns from it. The first address led to the second, which
    /// answered. Where it is examined, with what became of every candidate.
    pub(super) fn read(
        &mut self,
        (pass, bytes): (Pass, &[u8]),
        charset: Option<&str>,
        [asked, address]: [&str; 2],
        now: Timestamp,
        is_examined: bool,
    ) -> (PageMetadata, Option<Vec<Judged>>) {
        let domain = url::registrable_domain(address).unwrap_or_default();
        let site = self.0.get(&domain).cloned().unwrap_or_default();
        let (mut reading, judged) = if is_examined {
            let (reading, judged) = pass.examine(bytes, charset, &site, now);
            (reading, Some(judged))
        } else {
            (pass.read(bytes, charset, &site, now), None)
        };
        let answer = Answer { asked, answered: address, stated: None, page: &reading.page, bytes };
        let verdict = wall::judge(&answer);
        if let Some(verdict) = &verdict {
            reading.page.notes.push(verdict.to_string());
        } else if site::is_one(&domain) && !bytes.is_empty() {
            self.0.insert(domain, site::learn(&site, &reading.lesson));
        }
        let remembered = site::told(&site).into_iter().map(|told| format!("site memory: {told}"));
        reading.page.notes.extend(remembered);
        (reading.page, judged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::When;

    const URL: &str = "https://a.example/1";

    const NOW: &str = "2026-01-01T00:00:00Z";

    #[test]
    fn pages_of_one_site_teach_each_other() {
        let mut memory = Memory::default();
        let mut read = |date: &str| {
            let html = format!(
                r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"A","datePublished":"{date}"}}</script>"#
            );
            memory.read((Pass::new(URL), html.as_bytes()), None, [URL; 2], NOW.parse().unwrap(), false).0
        };
        for _ in 0..3 {
            assert!(read("2024-01-05T12:00:00-05:00").notes.is_empty());
        }
        let page = read("2024-01-06T12:00:00");
        let published = page.published.unwrap();
        assert_eq!(
            (published.value, published.from.as_str()),
            ("2024-01-06T12:00:00-05:00".parse::<When>().unwrap(), "site:zone")
        );
        assert_eq!(page.notes, ["site memory: its times of month 1 are in -05"]);
    }

    #[test]
    fn a_wall_is_noted_and_teaches_nothing() {
        let mut memory = Memory::default();
        let html = b"<title>Just a moment...</title><script>_cf_chl_opt</script>";
        let page = memory.read((Pass::new(URL), html), None, [URL; 2], NOW.parse().unwrap(), false).0;
        assert!(page.notes[0].starts_with("not the article but a bot check"), "{:?}", page.notes);
        assert!(memory.0.is_empty());
    }
}
