//! What the daemon answers on its listeners, read when it is asked.

use std::sync::Arc;

use super::{Daemon, numbers};
use crate::app::{explain, health, settings, status};
use crate::model::StoryId;
use crate::pipeline::images::Picture;
use crate::pipeline::problems::Problems;
use crate::pipeline::release::{Beside, StoryPage, beside, delta, picture, story_page};
use crate::serve::{Answers, BesideAnswer, PictureAnswer, StoryAnswer};
use crate::store::StoreError;

/// The handles of `daemon`.
pub(super) fn answers(daemon: &Daemon) -> Answers {
    Answers {
        story: story(daemon),
        live: live(daemon),
        ready: ready(daemon),
        samples: numbers::numbers(daemon),
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
    let (home, config, refused) = (daemon.home.clone(), Arc::clone(&daemon.config), daemon.refused.clone());
    Arc::new(move || {
        let refusal = refused.refusal();
        let page = health::page(&home, &config.load(), refusal.as_ref().map(|refusal| refusal.report.as_str()));
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
    let vigil = daemon.vigil.clone();
    Arc::new(move || match vigil.stuck() {
        None => Ok(()),
        Some((who, since)) => Err(format!("`{who}` has shown no progress for {} s", since.as_secs())),
    })
}

fn ready(daemon: &Daemon) -> crate::serve::Check {
    let released = daemon.released.clone();
    Arc::new(move || if released.is_whole() { Ok(()) } else { Err("not everything was released yet".to_owned()) })
}

fn state(daemon: &Daemon) -> crate::serve::Status {
    let (home, pulse, refused) = (daemon.home.clone(), daemon.pulse.clone(), daemon.refused.clone());
    Arc::new(move || {
        let now = home.wire.clock.now();
        let status = home.wire.store.read(|view| status::status(view, now));
        let mut value = match status {
            Ok(status) => serde_json::to_value(status).unwrap_or_default(),
            Err(error) => serde_json::json!({ "problem": error.to_string() }),
        };
        if let Some(object) = value.as_object_mut() {
            object.insert("stages".to_owned(), serde_json::to_value(pulse.beats()).unwrap_or_default());
            let refused = refused.refusal().map(|refusal| refusal.report.clone());
            object.insert("refused_reload".to_owned(), refused.into());
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
