//! The configuration, cut into what each module wants to know. Nobody passes the whole of it around.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::cluster::open::Rules;
use crate::compose::ComposeSettings;
use crate::config::{Config, Enriched, Hub, UpdatedOn, WebSub};
use crate::fetch::{FetchRules, HostState, RobotsState, Suspicion, guard};
use crate::model::{ArticleId, Digest, PageRules};
use crate::pipeline::backfill::BackFillRules;
use crate::pipeline::enrich::EnrichRules;
use crate::pipeline::group::GroupRules;
use crate::pipeline::hub::{HubMode, HubRules};
use crate::pipeline::intake::{IntakeRules, Wanted};
use crate::pipeline::poll;
use crate::pipeline::release::{self, ReleaseRules};
use crate::pipeline::reload::ReloadRules;
use crate::pipeline::story::StoryRules;
use crate::pipeline::websub::SubscriberRules;
use crate::publish;
use crate::schedule::poll::PollRules;
use crate::schedule::visit::VisitRules;
use crate::serve::{AdminSettings, PublicSettings};
use crate::store::{HostRow, Identity, RobotsRow};
use crate::url;

/// How old an entry of an archive may be: as old as what `retention` keeps by default.
const HORIZON: Duration = Duration::from_hours(400 * 24);

/// Names that no hub can reach: reserved (RFC 2606, RFC 6761, RFC 6762, RFC 8375), or used so inside of networks.
const UNREACHABLE: &[&str] = &[
    "example",
    "example.com",
    "example.net",
    "example.org",
    "test",
    "invalid",
    "localhost",
    "local",
    "internal",
    "lan",
    "intranet",
    "home.arpa",
    "onion",
];

/// How long ago a host must have been asked for its turn to matter: longer than any gap.
pub const HOST_MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// Origins whose robots.txt is remembered across restarts: as many as the fetcher holds.
pub const ROBOTS_MEMORY: usize = 4096;

/// What the store knows of a host, for `fetch`.
#[must_use]
pub fn host_state(row: HostRow) -> HostState {
    HostState {
        host: row.domain,
        last_asked_at: row.asked_at,
        not_before: row.not_before,
        suspicion: row.suspect.map_or(Suspicion::AsBefore, |(url, until)| Suspicion::Of(url, until)),
    }
}

/// What the store knows of a robots.txt, for `fetch`.
#[must_use]
pub fn robots_state(row: RobotsRow) -> RobotsState {
    RobotsState { origin: row.origin, until: row.until, verdict: row.verdict }
}

/// What ids are made of when the wire is started for the first time: `site.id`, else the host of `site.base_url`.
#[must_use]
pub fn identity(config: &Config, now: Timestamp) -> Identity {
    let host = url::host(&config.site.base_url).unwrap_or_else(|| "localhost".to_owned());
    Identity { authority: config.site.id.clone().unwrap_or(host), year: now.to_zoned(TimeZone::UTC).year(), birth: now }
}

/// For `reload`.
#[must_use]
pub fn reload(config: &Config) -> ReloadRules {
    ReloadRules {
        paths: config.seeds.paths.clone(),
        include_unpublished: config.seeds.include_unpublished,
        intake: intake(config),
    }
}

/// For `poll`.
#[must_use]
pub fn poll(config: &Config) -> poll::Rules {
    poll::Rules {
        polls: PollRules {
            min_interval_s: seconds(config.fetch.min_interval),
            min_interval_unconditional_s: seconds(config.fetch.min_interval_unconditional),
            quiet_interval_s: seconds(config.fetch.quiet_interval),
        },
        concurrency: config.fetch.concurrency,
        per_host: config.fetch.per_host,
        intake: intake(config),
        discover_paths: config.fetch.discover_paths.clone(),
    }
}

/// For `websub`.
#[must_use]
pub fn websub(config: &Config) -> SubscriberRules {
    let wanted = match config.fetch.websub {
        WebSub::Always => true,
        WebSub::Never => false,
        WebSub::Auto => is_reachable(&config.site.base_url),
    };
    SubscriberRules {
        callbacks: wanted.then(|| format!("{}websub/", config.site.base_url)),
        concurrency: config.fetch.concurrency,
        intake: intake(config),
    }
}

/// For `backfill`.
#[must_use]
pub fn backfill(config: &Config) -> BackFillRules {
    BackFillRules { horizon_s: seconds(HORIZON), concurrency: config.fetch.concurrency, intake: intake(config) }
}

/// Whether somebody outside may reach `base_url`, as far as its host tells.
fn is_reachable(base_url: &str) -> bool {
    let Some(host) = url::host(base_url) else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<std::net::IpAddr>() {
        return guard::allowed(address, &[]).is_ok();
    }
    let is_below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    host.contains('.') && !UNREACHABLE.iter().any(|name| is_below(name))
}

/// For `enrich`.
#[must_use]
pub fn enrich(config: &Config) -> EnrichRules {
    let revisit_s = config.enrich.revisit.iter().map(|after| seconds(*after)).collect();
    EnrichRules {
        visits: VisitRules { revisit_s },
        concurrency: config.fetch.concurrency,
        per_host: config.fetch.per_host,
        intake: intake(config),
    }
}

/// For `group`.
#[must_use]
pub fn group(config: &Config) -> GroupRules {
    GroupRules {
        window: Rules {
            window_s: seconds(config.grouping.window),
            max_articles: config.grouping.max_articles,
            ..Rules::default()
        },
        same: config.grouping.same.iter().map(|addresses| articles(addresses)).collect(),
        different: config.grouping.different.iter().map(|addresses| articles(addresses)).collect(),
    }
}

/// For `release`. `site.id` overrides the authority that the first start settled.
#[must_use]
pub fn release(config: &Config, identity: &Identity) -> ReleaseRules {
    let formats = publish::FORMATS.iter().map(|format| format.name);
    ReleaseRules {
        site: ComposeSettings {
            site_title: config.site.title.clone(),
            base_url: config.site.base_url.clone(),
            authority: config.site.id.clone().unwrap_or_else(|| identity.authority.clone()),
            year: identity.year,
            birth: identity.birth,
            formats: formats.filter(|name| config.publish.formats.iter().any(|wanted| wanted == name)).collect(),
            hub: hub_address(config),
            pages: pages(config),
        },
        topics: config.topics.clone(),
        story: StoryRules {
            lead: config.publish.lead,
            pins: articles(&config.grouping.pin),
            drop_publishers: config.grouping.drop_publishers.iter().cloned().collect(),
            has_private: !config.private.is_empty(),
        },
        updated_on: match config.publish.updated_on {
            UpdatedOn::NewSource => release::UpdatedOn::NewSource,
            UpdatedOn::LeadChanged => release::UpdatedOn::LeadChanged,
            UpdatedOn::Never => release::UpdatedOn::Never,
        },
        output: config.output.dir.clone(),
        private: config.private.clone(),
        digests: config.digests.clone(),
        announces: config.publish.websub != Hub::None,
    }
}

/// The hub that feeds name, if there is one.
#[must_use]
pub fn hub_address(config: &Config) -> Option<String> {
    match &config.publish.websub {
        Hub::None => None,
        Hub::Own => Some(format!("{}hub", config.site.base_url)),
        Hub::Outside(address) => Some(address.clone()),
    }
}

/// For `hub`.
#[must_use]
pub fn hub(config: &Config) -> HubRules {
    HubRules {
        hub: match &config.publish.websub {
            Hub::None => HubMode::None,
            Hub::Own => HubMode::Own,
            Hub::Outside(address) => HubMode::Outside(address.clone()),
        },
        base_url: config.site.base_url.clone(),
        concurrency: config.fetch.concurrency,
    }
}

/// For `fetch`.
#[must_use]
pub fn fetch(config: &Config) -> FetchRules {
    let fetch = &config.fetch;
    FetchRules {
        timeout: fetch.timeout,
        max_body: fetch.max_body,
        concurrency: fetch.concurrency,
        gap: fetch.gap,
        per_host: fetch.per_host,
        host_gaps: fetch.host_gaps.clone(),
        robots: fetch.robots,
        ports: fetch.ports.clone(),
        allow_private: fetch.allow_private.clone(),
        connect_to: fetch.connect_to.clone(),
        ca_pem: fetch.ca_pem.clone(),
        user_agent: format!("newswire/{} (+{})", env!("CARGO_PKG_VERSION"), config.site.contact),
        ..FetchRules::default()
    }
}

/// A digest of what decides which addresses may be asked at all.
#[must_use]
pub fn guards(config: &Config) -> String {
    let fetch = &config.fetch;
    let guards = (fetch.robots, &fetch.ports, &fetch.allow_private, &fetch.connect_to);
    Digest::of(format!("{guards:?}").as_bytes()).to_string()
}

/// For the public side of `serve`. Its Content-Security-Policy is what the pages say themselves, and what works in a
/// header only.
#[must_use]
pub fn public(config: &Config) -> PublicSettings {
    let policy = publish::policy(pages(config));
    PublicSettings {
        base_url: config.site.base_url.clone(),
        csp: format!("{policy}; frame-ancestors 'none'"),
        hub: hub_address(config),
        script: publish::SCRIPT,
    }
}

/// For the admin side of `serve`.
#[must_use]
pub fn admin() -> AdminSettings {
    let policy = publish::policy(PageRules::default());
    AdminSettings { csp: format!("{policy}; frame-ancestors 'none'"), ..AdminSettings::default() }
}

/// Pages that are files too offer nothing that only the daemon answers: they are the same, whoever hands them out.
fn pages(config: &Config) -> PageRules {
    PageRules { is_served: config.output.dir.is_none(), images: config.publish.images }
}

fn intake(config: &Config) -> IntakeRules {
    let wanted = |enriched| match enriched {
        Enriched::All => Wanted::All,
        Enriched::Missing => Wanted::Missing,
        Enriched::None => Wanted::Nobody,
    };
    IntakeRules {
        seeds: wanted(config.enrich.seeds),
        sources: wanted(config.enrich.sources),
        window_s: seconds(config.grouping.window),
        founds: config.grouping.window.is_zero()
            && config.grouping.same.is_empty()
            && config.grouping.different.is_empty(),
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The articles at these addresses; what is no address was refused when the configuration was checked.
fn articles(addresses: &[String]) -> Vec<ArticleId> {
    let id = |address: &String| url::canonical(address).ok().map(|address| ArticleId::of(&url::key(&address)));
    addresses.iter().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_hubs_reach() {
        let check = |base_url: &str, expect| assert_eq!(is_reachable(base_url), expect, "{base_url}");
        check("https://wire.publisher.org/", true);
        check("https://wire.publisher.org:8443/news/", true);
        check("http://8.8.8.8/", true);
        check("http://[2606:4700::1111]/", true);
        check("https://myexample.org/", true);
        check("https://wire.example.org/", false);
        check("https://example.com/", false);
        check("http://127.0.0.1:8080/", false);
        check("http://[::1]:8080/", false);
        check("http://10.0.0.3/", false);
        check("http://localhost:8080/", false);
        check("http://wire/", false);
        check("http://wire.local/", false);
        check("http://wire.lan/", false);
        check("nonsense", false);
    }
}
