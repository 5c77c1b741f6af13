//! Checked values to the typed [`Config`]. Nothing can be wrong here any more but this file itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::check::Checked;
use super::{
    Config, Enrich, Enriched, Fetch, Grouping, Hub, Output, Publish, Schedule, Seeds, Server, Site, UpdatedOn, WebSub,
};
use crate::model::{ImageRule, LeadRule, Rank, Rule, Source, Token, Topic};
use crate::schedule::cron::Cron;

/// A key that has no value of the type that is asked for: the table and this file disagree.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` has no value of its kind: please report this as a bug of Newswire")]
pub(super) struct Mismatch(String);

/// Where relative paths start.
pub(super) struct Roots<'a> {
    /// The folder of the configuration file.
    pub inputs: &'a Path,
    /// `$STATE_DIRECTORY`, else the working directory.
    pub outputs: &'a Path,
}

/// The typed configuration.
pub(super) fn build(root: &Checked, roots: &Roots<'_>) -> Result<Config, Mismatch> {
    let input = |path: String| roots.inputs.join(path);
    let output = |path: String| roots.outputs.join(path);
    let zone: TimeZone = get(root, "schedule.timezone")?;
    let topics = list(root, "topics")?;
    let sources = list(root, "sources")?;
    Ok(Config {
        site: Site {
            title: get(root, "site.title")?,
            base_url: get(root, "site.base_url")?,
            contact: get(root, "site.contact")?,
            id: get(root, "site.id")?,
        },
        server: Server { listen: get(root, "server.listen")?, admin: get(root, "server.admin")? },
        store: output(get(root, "store")?),
        output: Output { dir: get::<Option<String>>(root, "output.dir")?.map(output) },
        seeds: Seeds {
            paths: get::<Vec<String>>(root, "seeds.paths")?.into_iter().map(input).collect(),
            reload: get(root, "seeds.reload")?,
            watch: get(root, "seeds.watch")?,
            include_unpublished: get::<String>(root, "seeds.unpublished")? == "include",
        },
        schedule: Schedule { timezone: zone, poll: get(root, "schedule.poll")? },
        fetch: fetch(root, &input)?,
        enrich: Enrich {
            seeds: enriched(&get::<String>(root, "enrich.seeds")?),
            sources: enriched(&get::<String>(root, "enrich.sources")?),
            revisit: get(root, "enrich.revisit")?,
        },
        sources: sources.iter().map(source).collect::<Result<_, _>>()?,
        private: by_id(topics, "private", |text: String| Token::of(&text))?,
        digests: by_id(topics, "digest", Some)?,
        topics: topics.iter().map(topic).collect::<Result<_, _>>()?,
        grouping: Grouping {
            window: get(root, "grouping.window")?,
            max_articles: get(root, "grouping.max_articles")?,
            same: get(root, "grouping.same")?,
            different: get(root, "grouping.different")?,
            pin: get(root, "grouping.pin")?,
            drop_publishers: get(root, "grouping.drop_publishers")?,
        },
        publish: publish(root)?,
    })
}

fn publish(root: &Checked) -> Result<Publish, Mismatch> {
    Ok(Publish {
        formats: get(root, "publish.formats")?,
        lead: if get::<String>(root, "publish.lead")? == "seed" { LeadRule::Seed } else { LeadRule::Quality },
        updated_on: match get::<String>(root, "publish.updated_on")?.as_str() {
            "lead-changed" => UpdatedOn::LeadChanged,
            "never" => UpdatedOn::Never,
            _ => UpdatedOn::NewSource,
        },
        websub: match get::<String>(root, "publish.websub")?.as_str() {
            "none" => Hub::None,
            "own" => Hub::Own,
            address => Hub::Outside(address.to_owned()),
        },
        images: match get::<String>(root, "publish.images")?.as_str() {
            "proxy" => ImageRule::Proxy,
            "none" => ImageRule::None,
            _ => ImageRule::Link,
        },
    })
}

fn fetch(root: &Checked, input: &dyn Fn(String) -> PathBuf) -> Result<Fetch, Mismatch> {
    let mut host_gaps = BTreeMap::new();
    for (domain, manners) in root.at(&["fetch", "hosts"]).map(Checked::pairs).unwrap_or_default() {
        if let Some(gap) = get(manners, "gap")? {
            host_gaps.insert(domain.clone().into_owned(), gap);
        }
    }
    Ok(Fetch {
        min_interval: get(root, "fetch.min_interval")?,
        min_interval_unconditional: get(root, "fetch.min_interval_unconditional")?,
        quiet_interval: get(root, "fetch.quiet_interval")?,
        gap: get(root, "fetch.gap")?,
        per_host: get(root, "fetch.per_host")?,
        concurrency: get(root, "fetch.concurrency")?,
        timeout: get(root, "fetch.timeout")?,
        max_body: get(root, "fetch.max_body")?,
        robots: get(root, "fetch.robots")?,
        discover_paths: get(root, "fetch.discover_paths")?,
        websub: match get::<String>(root, "fetch.websub")?.as_str() {
            "always" => WebSub::Always,
            "never" => WebSub::Never,
            _ => WebSub::Auto,
        },
        ports: get(root, "fetch.ports")?,
        allow_private: get(root, "fetch.allow_private")?,
        connect_to: get(root, "fetch.connect_to")?,
        ca_file: get::<Option<String>>(root, "fetch.ca_file")?.map(input),
        ca_pem: None,
        host_gaps,
    })
}

fn enriched(word: &str) -> Enriched {
    match word {
        "all" => Enriched::All,
        "missing" => Enriched::Missing,
        _ => Enriched::None,
    }
}

fn source(node: &Checked) -> Result<Source, Mismatch> {
    Ok(Source { url: get(node, "url")?, labels: get(node, "topics")? })
}

pub(super) fn topic(node: &Checked) -> Result<Topic, Mismatch> {
    let id: String = get(node, "id")?;
    let labels: Vec<String> = get(node, "labels")?;
    let title: Option<String> = get(node, "title")?;
    let max_age: Option<Duration> = get(node, "max_age")?;
    Ok(Topic {
        title: title.or_else(|| labels.first().cloned()).unwrap_or_else(|| id.clone()),
        id,
        labels,
        rule: get(node, "match")?,
        min_publishers: get(node, "min_publishers")?,
        max_per_publisher: get(node, "max_per_publisher")?,
        min_quality: get::<Option<usize>>(node, "min_quality")?.and_then(|least| i64::try_from(least).ok()),
        max_age_s: max_age.map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
        limit: get(node, "limit")?,
        rank: match get::<String>(node, "rank")?.as_str() {
            "newest" => Rank::Newest,
            "quality" => Rank::Quality,
            _ => Rank::Heat,
        },
    })
}

/// What topics say for `key`, by their ids; those that say nothing are left out.
fn by_id<T: Take, U>(
    topics: &[Checked],
    key: &str,
    made: impl Fn(T) -> Option<U>,
) -> Result<BTreeMap<String, U>, Mismatch> {
    let mut said = BTreeMap::new();
    for topic in topics {
        if let Some(value) = get::<Option<T>>(topic, key)? {
            said.insert(get(topic, "id")?, made(value).ok_or_else(|| Mismatch(key.to_owned()))?);
        }
    }
    Ok(said)
}

/// The value at the dotted `path`.
pub(super) fn get<T: Take>(node: &Checked, path: &str) -> Result<T, Mismatch> {
    let names: Vec<&str> = path.split('.').collect();
    let at = node.at(&names).ok_or_else(|| Mismatch(path.to_owned()))?;
    T::take(at).ok_or_else(|| Mismatch(path.to_owned()))
}

/// The values of the list at `key`.
fn list<'a>(root: &'a Checked, key: &str) -> Result<&'a [Checked], Mismatch> {
    if let Some(Checked::List(items)) = root.at(&[key]) { Ok(items) } else { Err(Mismatch(key.to_owned())) }
}

/// A type that some kind of checked value is.
pub(super) trait Take: Sized {
    fn take(checked: &Checked) -> Option<Self>;
}

/// Types that one variant holds as they are.
macro_rules! take {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {
        $(impl Take for $type {
            fn take(checked: &Checked) -> Option<Self> {
                if let $pattern = checked { $value } else { None }
            }
        })*
    };
}

take! {
    bool: Checked::Bool(value) => Some(*value);
    u16: Checked::Count(value) => u16::try_from(*value).ok();
    usize: Checked::Count(value) => usize::try_from(*value).ok();
    String: Checked::Text(value) => Some(value.clone());
    Duration: Checked::Duration(value) => Some(*value);
    Cron: Checked::Cron(value) => Some(value.as_ref().clone());
    TimeZone: Checked::Zone(value) => Some(value.clone());
    SocketAddr: Checked::Socket(value) => Some(*value);
    (IpAddr, u8): Checked::Cidr(address, bits) => Some((*address, *bits));
    Rule: Checked::Rule(value) => Some(value.clone());
}

impl<T: Take> Take for Option<T> {
    fn take(checked: &Checked) -> Option<Self> {
        if let Checked::Null = checked { Some(None) } else { T::take(checked).map(Some) }
    }
}

impl<T: Take> Take for Vec<T> {
    fn take(checked: &Checked) -> Option<Self> {
        if let Checked::List(items) = checked { items.iter().map(T::take).collect() } else { None }
    }
}

impl<T: Take> Take for BTreeMap<String, T> {
    fn take(checked: &Checked) -> Option<Self> {
        let Checked::Map(map) = checked else { return None };
        map.iter().map(|(name, value)| Some((name.clone().into_owned(), T::take(value)?))).collect()
    }
}
