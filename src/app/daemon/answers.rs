//! What the daemon answers on its listeners, read when it is asked.

use std::sync::Arc;

use super::{Daemon, STUCK};
use crate::app::Home;
use crate::app::{explain, health, settings, status};
use crate::model::{IncidentKind, Phase, StoryId};
use crate::pipeline::images::Picture;
use crate::pipeline::problems::Problems;
use crate::pipeline::release::{Beside, StoryPage, beside, delta, picture, story_page};
use crate::pipeline::websub::Desk;
use crate::serve::{Answers, BesideAnswer, PictureAnswer, Sample, SampleKind, StoryAnswer};
use crate::store::StoreError;

/// The handles of `daemon`.
pub(super) fn answers(daemon: &Daemon) -> Answers {
    Answers {
        story: story(daemon),
        live: live(daemon),
        ready: ready(daemon),
        samples: samples(daemon),
        status: state(daemon),
        explain: explanation(daemon),
        health: incidents(daemon),
        health_page: health_page(daemon),
        hub: hub(daemon),
        beside: made(daemon),
        delta: what_is_new(daemon),
        follow: follow(daemon),
        picture: pictures(daemon),
    }
}

fn story(daemon: &Daemon) -> crate::serve::Story {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    let problems = daemon.pulse.problems().clone();
    Arc::new(move |id: StoryId, query: Option<&str>| {
        let rules = home.release_rules(&config.load());
        let page = story_page(&home.wire.store, id, query, &rules);
        said_once(&problems, "story pages", page).map_or(StoryAnswer::Later, told)
    })
}

/// What was made, if it was. Readers come by the hundred: that `what` fails is said when it begins and when it is over.
fn said_once<T>(problems: &Problems, what: &'static str, made: Result<T, StoreError>) -> Option<T> {
    match made {
        Ok(made) => {
            for problem in problems.ends(what) {
                tracing::info!(what, problem, "over: readers get all they ask for again");
            }
            Some(made)
        }
        Err(error) => {
            let problem = error.to_string();
            if problems.begins(what, &problem) {
                tracing::error!(what, problem, "readers are told to come back; released documents are served");
            }
            None
        }
    }
}

fn told(page: StoryPage) -> StoryAnswer {
    match page {
        StoryPage::Page(document) => StoryAnswer::Page(document),
        StoryPage::MovedTo(target) => StoryAnswer::MovedTo(target),
        StoryPage::Gone => StoryAnswer::Gone,
        StoryPage::Unknown => StoryAnswer::Unknown,
    }
}

fn made(daemon: &Daemon) -> crate::serve::Beside {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    let problems = daemon.pulse.problems().clone();
    Arc::new(move |path, query| {
        let rules = home.release_rules(&config.load());
        let made = beside(&home.wire.store, &rules, home.wire.clock.now(), path, query);
        match said_once(&problems, "documents made on request", made) {
            Some(Beside::Document(document)) => BesideAnswer::Document(document),
            Some(Beside::Story(page)) => BesideAnswer::Story(told(page)),
            Some(Beside::Refused(why)) => BesideAnswer::Refused(why),
            Some(Beside::Unknown) => BesideAnswer::Unknown,
            None => BesideAnswer::Later,
        }
    })
}

fn what_is_new(daemon: &Daemon) -> crate::serve::Delta {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    let problems = daemon.pulse.problems().clone();
    Arc::new(move |path, past| {
        let rules = home.release_rules(&config.load());
        let delta = delta(&home.wire.store, &rules, home.wire.clock.now(), path, past);
        said_once(&problems, "deltas", delta).flatten()
    })
}

fn follow(daemon: &Daemon) -> crate::serve::Follow {
    let (desk, config) = (daemon.follow_desk.clone(), Arc::clone(&daemon.config));
    Arc::new(move |word| desk.answer(&settings::hub(&config.load()), word))
}

fn incidents(daemon: &Daemon) -> crate::serve::Health {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    Arc::new(move || {
        let feed = health::health(&home, &config.load());
        feed.inspect_err(|error| tracing::error!(%error, "the health feed could not be made")).ok()
    })
}

fn health_page(daemon: &Daemon) -> crate::serve::Health {
    let (home, config, refused) = (daemon.home.clone(), Arc::clone(&daemon.config), Arc::clone(&daemon.refused));
    Arc::new(move || {
        let page = health::page(&home, &config.load(), refused.load().as_deref());
        page.inspect_err(|error| tracing::error!(%error, "the page of the sources' health could not be made")).ok()
    })
}

fn hub(daemon: &Daemon) -> crate::serve::Hub {
    let desk = daemon.desk.clone();
    Arc::new(move |path, word| desk.answer(path, word))
}

fn pictures(daemon: &Daemon) -> crate::serve::Picture {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    let (images, fetch) = (daemon.images.clone(), Arc::clone(&daemon.fetch));
    // Readers have a runtime of their own, on which nothing is fetched.
    let runtime = tokio::runtime::Handle::current();
    let problems = daemon.pulse.problems().clone();
    Arc::new(move |path: &str| {
        let (home, config, images, path) = (home.clone(), Arc::clone(&config), images.clone(), path.to_owned());
        let problems = problems.clone();
        let fetch = fetch.load_full();
        let named = move || {
            let rules = home.release_rules(&config.load());
            said_once(&problems, "pictures", picture(&home.wire.store, &rules, &path))
        };
        let brought = runtime.spawn(async move {
            let named = tokio::task::spawn_blocking(named).await.ok().flatten();
            match (named, &*fetch) {
                (Some(Some(url)), Some(fetch)) => images.show(Arc::clone(fetch), url).await,
                (Some(Some(_)), None) | (None, _) => Picture::Later,
                (Some(None), _) => Picture::Nowhere,
            }
        });
        Box::pin(async move {
            match brought.await {
                Ok(Picture::Here { media_type, bytes, digest }) => PictureAnswer::Here { media_type, bytes, digest },
                Ok(Picture::Later) => PictureAnswer::Later,
                Ok(Picture::Nowhere) | Err(_) => PictureAnswer::Unknown,
            }
        })
    })
}

fn live(daemon: &Daemon) -> crate::serve::Check {
    let pulse = daemon.pulse.clone();
    Arc::new(move || match pulse.stuck(STUCK) {
        None => Ok(()),
        Some((stage, since)) => Err(format!("the stage `{stage}` has shown no progress since {since}")),
    })
}

fn ready(daemon: &Daemon) -> crate::serve::Check {
    let released = daemon.released.clone();
    Arc::new(move || if released.is_whole() { Ok(()) } else { Err("not everything was released yet".to_owned()) })
}

fn samples(daemon: &Daemon) -> crate::serve::Samples {
    let (home, pulse, released) = (daemon.home.clone(), daemon.pulse.clone(), daemon.released.clone());
    let desk = daemon.desk.clone();
    Arc::new(move || {
        let gauge = |name, help, value: u64| Sample {
            name,
            help,
            kind: SampleKind::Gauge,
            labels: Vec::new(),
            value: value as f64,
        };
        let counts = home.wire.store.read(|view| view.counts()).unwrap_or_default();
        let mut samples = vec![
            gauge("seeds", "Seed files", counts.seeds),
            gauge("seeds_broken", "Seed files that cannot be used", counts.broken_seeds),
            gauge("sources", "Sources in the configuration", counts.sources),
            gauge("articles", "Articles", counts.articles),
            gauge("stories", "Stories", counts.stories),
            gauge("pages_planned", "Article pages that will be asked", counts.pages_planned),
            gauge("articles_waiting", "Articles to be grouped", counts.waiting_to_group),
            gauge("stories_waiting", "Stories to be released", counts.waiting_to_release),
            gauge("documents", "Documents served from memory", u64::try_from(released.count()).unwrap_or(u64::MAX)),
        ];
        let beats = pulse.beats();
        let per_stage = |name, help, value: fn(&crate::pipeline::driver::Beat) -> u64| {
            let sample = move |(stage, beat): (&&'static str, &crate::pipeline::driver::Beat)| Sample {
                name,
                help,
                kind: SampleKind::Counter,
                labels: vec![("stage", (*stage).to_owned())],
                value: value(beat) as f64,
            };
            beats.iter().map(sample).collect::<Vec<_>>()
        };
        samples.extend(beside_polling(&home, &desk));
        samples.extend(per_stage("stage_rows", "Rows a stage took", |beat| beat.rows));
        samples.extend(per_stage("stage_failures", "Steps of a stage that failed", |beat| beat.failures));
        samples
    })
}

/// Subscriptions by phase, deliveries by outcome, open incidents by kind: labels that we made.
fn beside_polling(home: &Home, desk: &Desk) -> Vec<Sample> {
    let sample = |name, help, kind, label, value: &str, count: u64| Sample {
        name,
        help,
        kind,
        labels: vec![(label, value.to_owned())],
        value: count as f64,
    };
    let counted = home.wire.store.read(|view| Ok((view.count_subscriptions()?, view.count_incidents()?)));
    let (subscriptions, incidents) = counted.unwrap_or_default();
    let count = |counts: &[(String, u64)], name: &str| {
        counts.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count)
    };
    let phases = Phase::ALL.map(|phase| {
        let count = count(&subscriptions, phase.name());
        sample("subscriptions", "Subscriptions at hubs", SampleKind::Gauge, "phase", phase.name(), count)
    });
    let heard = desk.tally().counts().map(|(outcome, count)| {
        sample("hub_deliveries", "What hubs delivered", SampleKind::Counter, "outcome", outcome, count)
    });
    let open = IncidentKind::ALL.map(|kind| {
        let count = count(&incidents, kind.name());
        sample("incidents_open", "Sources in trouble", SampleKind::Gauge, "kind", kind.name(), count)
    });
    phases.into_iter().chain(heard).chain(open).collect()
}

fn state(daemon: &Daemon) -> crate::serve::Status {
    let (home, pulse, refused) = (daemon.home.clone(), daemon.pulse.clone(), Arc::clone(&daemon.refused));
    Arc::new(move || {
        let now = home.wire.clock.now();
        let status = home.wire.store.read(|view| status::status(view, now));
        let mut value = match status {
            Ok(status) => serde_json::to_value(status).unwrap_or_default(),
            Err(error) => serde_json::json!({ "problem": error.to_string() }),
        };
        if let Some(object) = value.as_object_mut() {
            object.insert("stages".to_owned(), serde_json::to_value(pulse.beats()).unwrap_or_default());
            object.insert("refused_reload".to_owned(), serde_json::to_value(&**refused.load()).unwrap_or_default());
        }
        value
    })
}

fn explanation(daemon: &Daemon) -> crate::serve::Explain {
    let (home, config) = (daemon.home.clone(), Arc::clone(&daemon.config));
    Arc::new(move |what: &str| {
        let explanation = explain::explain(&home, &config.load(), what, None).ok().flatten()?;
        serde_json::to_value(explanation).ok()
    })
}
