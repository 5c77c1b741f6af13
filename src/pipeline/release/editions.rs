//! Editions: what is stale is composed, rendered, dated and published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use super::{ALL, Plan, Release, ReleaseRules, State, delta, digest, output, slug_of, volumes};
use crate::compose::{self, Heading};
use crate::model::{Digest, Document, Edition, Story, StoryView, Topic};
use crate::pipeline::{StageResult, story};
use crate::publish::{self, Format, Headline, TopicLine};
use crate::released::Shown;
use crate::store::{Result, View};

/// How often in a row an edition is put off: where news never end, none waits for their end.
const PUT_OFF: u32 = 5;

/// Stories that the site's first page names of each topic.
const HEADLINES: usize = 3;

/// Topics with which the first page names stories at all: with more it is a list of topics, and long enough.
const HEADLINED: usize = 40;

/// Stories looked at for one that is shown, where a publisher may lead only so many: beyond that an edition stays short.
const SCANNED: usize = 20;

impl Release {
    /// Renders what is stale in the store or was not rendered by this process yet, and publishes it.
    pub(super) fn render(&self, state: &mut State, plans: &[Plan]) -> StageResult {
        let marked: BTreeSet<String> = self.wire.store.read(|view| view.stale_editions())?.into_iter().collect();
        let is_stale = |plan: &&Plan| {
            marked.contains(&plan.slug) || (!state.rendered.contains(&plan.slug) && self.is_wanting(plan))
        };
        let (mut stale, mut put_off) = (Vec::new(), 0);
        let mut documents = Vec::new();
        for plan in plans.iter().filter(is_stale) {
            let times = state.put_off.entry(plan.slug.clone()).or_default();
            let Some(edition) = self.edition(plan, *times < PUT_OFF)? else {
                *times += 1;
                put_off += 1;
                continue;
            };
            *times = 0;
            stale.push(plan);
            let made = self.documents(plan, &edition)?;
            self.remember(&edition, &made);
            documents.extend(made);
        }
        let gone = if state.is_swept { Vec::new() } else { self.gone(plans)? };
        if stale.is_empty() && gone.is_empty() {
            if put_off == 0 {
                self.released.complete();
            }
            return Ok(put_off);
        }
        let lines = self.lines_of(state, plans, &stale)?;
        let site = self.rules.shown();
        documents.push(document("opml.xml".to_owned(), publish::OPML_MEDIA_TYPE, &publish::opml(&site, &lines)));
        documents.push(document(String::new(), publish::HTML_MEDIA_TYPE, &publish::index(&site, &lines)));
        self.date(&mut documents)?;
        let mut removed = if state.is_swept { Vec::new() } else { self.removed(plans)? };
        removed.extend(self.volumes_of(&gone)?);
        self.released.replace(documents.clone(), &removed);
        if put_off == 0 {
            self.released.complete();
        }
        if let Some(dir) = &self.rules.output {
            // What cannot be written now is still stale, and is rendered and written again by the next step.
            output::write_documents(dir, &documents, &removed)?;
        }
        self.wire.store.write(|batch| {
            stale.iter().try_for_each(|plan| batch.fresh_edition(&plan.slug))?;
            gone.iter().try_for_each(|slug| batch.forget_edition(slug))?;
            removed.iter().try_for_each(|path| batch.forget_document(path))
        })?;
        state.rendered.extend(stale.iter().map(|plan| plan.slug.clone()));
        state.rendered.retain(|slug| !gone.contains(slug));
        state.lines.retain(|slug, _| !gone.contains(slug));
        state.is_swept = true;
        Ok(stale.len() + gone.len() + put_off)
    }

    /// Notes since when each document has its present bytes, and which ones a hub is to be told of.
    fn date(&self, documents: &mut [Document]) -> Result<()> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            for document in documents {
                let (modified, is_new) = batch.date_document(&document.path, document.digest, now)?;
                document.last_modified = modified;
                if is_new && self.rules.announces && is_announced(document) {
                    batch.announce(&document.path, now)?;
                }
            }
            Ok(())
        })
    }

    /// Paths that were published and no longer are.
    fn removed(&self, plans: &[Plan]) -> Result<Vec<String>> {
        let wanted = self.paths(plans);
        let known = self.wire.store.read(|view| view.document_paths())?;
        Ok(known.into_iter().filter(|path| !wanted.contains(path)).collect())
    }

    /// Whether an edition that this process has not rendered, and that the store does not call stale, is needed all
    /// the same: readers ask this process for it, it grows old by itself, or its file is not there.
    fn is_wanting(&self, plan: &Plan) -> bool {
        let has_no_file = |dir: &PathBuf| self.plan_paths(plan).any(|path| !output::is_there(dir, &path));
        !self.released.is_unread()
            || plan.topic.max_age_s.is_some()
            || self.rules.output.as_ref().is_some_and(has_no_file)
    }

    /// Editions in the store whose topic is no longer there.
    fn gone(&self, plans: &[Plan]) -> Result<Vec<String>> {
        let slugs: BTreeSet<&String> = plans.iter().map(|plan| &plan.slug).collect();
        let known = self.wire.store.read(|view| view.all_editions())?;
        Ok(known.into_iter().filter(|slug| !slugs.contains(slug)).collect())
    }

    /// Which stories the feeds of an edition show, for those who will ask what is new since.
    fn remember(&self, edition: &Edition, documents: &[Document]) {
        if self.released.is_unread() {
            return;
        }
        let shown: Arc<Shown> = Arc::new(edition.stories.iter().map(|story| (story.id, delta::looks(story))).collect());
        for document in documents.iter().filter(|document| document.media_type != publish::HTML_MEDIA_TYPE) {
            self.released.remember(&document.path, document.digest, &shown);
        }
    }

    fn documents(&self, plan: &Plan, edition: &Edition) -> Result<Vec<Document>> {
        let folder = plan.folder();
        let formats = self
            .formats()
            .map(|format| document(format!("{folder}{}", format.file), format.media_type, &(format.render)(edition)));
        Ok(formats.chain(self.digest(plan)?).collect())
    }

    /// The edition of a plan; none where somebody `patient` may wait for a better one: a story of it gained coverage
    /// after the others were settled, and readers would see that before they are told that it is news.
    fn edition(&self, plan: &Plan, patient: bool) -> Result<Option<Edition>> {
        let now = self.wire.clock.now();
        self.wire.store.read(|view| {
            if patient && view.is_topic_waiting(&plan.slug)? {
                return Ok(None);
            }
            let mut edition = composed(&self.rules, plan, &stories(view, &self.rules, plan, now)?);
            let last = view.last_volume(&plan.slug)?;
            edition.links.prev_archive = last.map(|last| format!("{}{}", edition.page_url, volumes::file(&last)));
            Ok(Some(edition))
        })
    }

    /// What the site's own pages say of each topic.
    fn lines_of(&self, state: &mut State, plans: &[Plan], stale: &[&Plan]) -> Result<Vec<TopicLine>> {
        for plan in stale {
            state.lines.remove(&plan.slug);
        }
        let mut lines = Vec::new();
        let has_headlines = plans.len() <= HEADLINED;
        for plan in plans.iter().filter(|plan| plan.private.is_none()) {
            if !state.lines.contains_key(&plan.slug) {
                state.lines.insert(plan.slug.clone(), self.line(plan, has_headlines)?);
            }
            lines.extend(state.lines.get(&plan.slug).cloned());
        }
        Ok(lines)
    }

    /// What the site's own pages say of a topic.
    fn line(&self, plan: &Plan, has_headlines: bool) -> Result<TopicLine> {
        let (stories, updated) = self.wire.store.read(|view| {
            if plan.topic.max_per_publisher.is_none() {
                return view.topic_shown(&plan.slug, plan.topic.limit);
            }
            let shown = stories(view, &self.rules, plan, self.wire.clock.now())?;
            Ok((shown.len(), shown.iter().map(|story| story.updated).max()))
        })?;
        let title = if plan.slug == ALL { "All stories".to_owned() } else { plan.topic.title.clone() };
        let headlines = if has_headlines { self.headlines(plan)? } else { Vec::new() };
        Ok(TopicLine { title, page_url: plan.page_url(&self.rules.site), stories, updated, headlines })
    }

    /// The stories that lead a topic.
    fn headlines(&self, plan: &Plan) -> Result<Vec<Headline>> {
        let topic = Topic { limit: HEADLINES.min(plan.topic.limit), ..plan.topic.clone() };
        let first = Plan { slug: plan.slug.clone(), topic, private: None };
        let now = self.wire.clock.now();
        let stories = self.wire.store.read(|view| stories(view, &self.rules, &first, now))?;
        let headline = |story: Story| {
            let lead = &story.coverage.first()?.article;
            Some(Headline {
                title: lead.title.clone(),
                url: self.rules.site.story_url(story.id),
                lang: lead.lang.clone(),
            })
        };
        Ok(stories.into_iter().filter_map(headline).collect())
    }

    fn formats(&self) -> impl Iterator<Item = &'static Format> {
        publish::FORMATS.iter().filter(|format| self.rules.site.formats.contains(&format.name))
    }

    fn paths(&self, plans: &[Plan]) -> BTreeSet<String> {
        let own = [String::new(), "opml.xml".to_owned()];
        plans.iter().flat_map(|plan| self.plan_paths(plan)).chain(own).collect()
    }

    fn plan_paths(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let folder = plan.folder();
        let digest = self.rules.digests.contains_key(&plan.slug).then(|| format!("{folder}{}", digest::FILE));
        self.formats().map(move |format| format!("{folder}{}", format.file)).chain(digest)
    }
}

/// The edition of `stories` under the addresses of its plan. A private one leads to no page that others may see, and
/// no hub knows of it.
pub(super) fn composed(rules: &ReleaseRules, plan: &Plan, stories: &[Story]) -> Edition {
    let heading = Heading { slug: slug_of(plan), title: &plan.topic.title };
    let mut edition = compose::compose(&rules.site, heading, stories);
    if plan.private.is_some() {
        edition.page_url = plan.page_url(&rules.site);
        edition.hub = None;
        for story in &mut edition.stories {
            enclose(story, &rules.site.base_url, &edition.page_url);
        }
    }
    edition
}

/// Gives a story the addresses that it has within a private topic, whose page is at `page_url`.
pub(super) fn enclose(story: &mut StoryView, base_url: &str, page_url: &str) {
    story.page_url = format!("{page_url}s/{}", story.id);
    if let Some(image) = &mut story.image
        && let Some(rest) = image.url.strip_prefix(base_url).filter(|rest| rest.starts_with("img/"))
    {
        image.url = format!("{page_url}{rest}");
    }
}

/// The stories that an edition shows, in its order.
pub(super) fn stories(view: &View<'_>, rules: &ReleaseRules, plan: &Plan, now: Timestamp) -> Result<Vec<Story>> {
    let limit = plan.topic.limit;
    let scanned = if plan.topic.max_per_publisher.is_some() { limit.saturating_mul(SCANNED) } else { limit };
    let mut share = Share::of(plan);
    let mut stories = Vec::new();
    for no in view.topic_stories(&plan.slug, oldest(plan, now), scanned)? {
        if stories.len() >= limit {
            break;
        }
        let story = story::load(view, no, &rules.story)?.story;
        if share.takes(&story) {
            stories.push(story);
        }
    }
    Ok(stories)
}

/// How many stories each publisher may still lead.
pub(super) struct Share {
    most: usize,
    led: BTreeMap<String, usize>,
}

impl Share {
    /// Nobody leads a story yet.
    pub(super) fn of(plan: &Plan) -> Self {
        Self { most: plan.topic.max_per_publisher.unwrap_or(usize::MAX), led: BTreeMap::new() }
    }

    /// Whether one more story may be led by the publisher of this one's lead: then it is.
    pub(super) fn takes(&mut self, story: &Story) -> bool {
        let Some(lead) = story.coverage.first() else { return true };
        let led = self.led.entry(lead.article.publisher.domain.clone()).or_default();
        *led += 1;
        *led <= self.most
    }
}

/// Stories of a plan with `max_age` whose latest article was published before this are too old.
pub(super) fn oldest(plan: &Plan, now: Timestamp) -> Option<Timestamp> {
    let age = SignedDuration::from_secs(plan.topic.max_age_s?);
    Some(now.saturating_sub(age).unwrap_or(Timestamp::MIN))
}

/// Feeds are announced; pages and lists are not what readers subscribe to, and nobody else knows of private topics.
fn is_announced(document: &Document) -> bool {
    let is_feed = ![publish::HTML_MEDIA_TYPE, publish::OPML_MEDIA_TYPE].contains(&document.media_type);
    is_feed && !document.path.starts_with("p/")
}

/// The date of what is made on request and last changed `at`: the next full second. HTTP dates know no less, and what
/// changes twice within a second must not bear one date.
pub(super) fn full_second(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil)).unwrap_or(at)
}

pub(super) fn document(path: String, media_type: &'static str, text: &str) -> Document {
    let bytes = text.as_bytes().to_vec();
    Document { path, media_type, digest: Digest::of(&bytes), bytes, last_modified: Timestamp::UNIX_EPOCH }
}
