//! The sources' health: the incidents of the store as a feed, and with all sources as a page.

use super::{Home, status};
use crate::config::Config;
use crate::publish::{self, HealthFeed, HealthPage, SourceLine};
use crate::store::Result;

/// Incidents in the feed: all that are open on a bad day of most wires, then the latest that are over.
const SHOWN: usize = 200;

/// The document as it stands now.
///
/// # Errors
/// When the store fails.
pub fn health(home: &Home, config: &Config) -> Result<String> {
    let rules = home.release_rules(config);
    let feed = HealthFeed {
        site_title: config.site.title.clone(),
        address: format!("http://{}/health.atom", config.server.admin),
        tag: format!("tag:{},{}:", rules.site.authority, rules.site.year),
        birth: home.identity.birth,
    };
    let incidents = home.wire.store.read(|view| view.incidents(SHOWN))?;
    Ok(publish::health(&feed, &incidents))
}

/// The page as it stands now; `refused` says why the last reload was refused.
///
/// # Errors
/// When the store fails.
pub fn page(home: &Home, config: &Config, refused: Option<&str>) -> Result<String> {
    let now = home.wire.clock.now();
    let (status, incidents) = home.wire.store.read(|view| Ok((status::status(view, now)?, view.incidents(SHOWN)?)))?;
    let line = |source: status::SourceStatus| SourceLine {
        title: source.title.unwrap_or_default(),
        url: source.url,
        failures: source.failures,
        problem: source.problem,
        answered_at: source.answered_at,
        next_at: source.next_check_at,
        reason: source.reason,
    };
    let counts = status.counts;
    Ok(publish::health_page(&HealthPage {
        site_title: &config.site.title,
        now,
        facts: vec![
            ("Sources", counts.sources),
            ("Seeds", counts.seeds),
            ("Articles", counts.articles),
            ("Stories", counts.stories),
        ],
        refused: refused.map(str::to_owned),
        incidents: &incidents,
        sources: status.sources.into_iter().map(line).collect(),
    }))
}
