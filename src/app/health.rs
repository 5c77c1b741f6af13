//! `/health.atom`: the incidents of the store as a feed.

use super::Home;
use crate::config::Config;
use crate::publish::{self, HealthFeed};
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
