//! Editions: what is stale is composed, rendered, dated and published.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::{ALL, Plan, Release, State, output};
use crate::compose::{self, ComposeSettings, Heading};
use crate::model::{Digest, Document, Edition, Story};
use crate::pipeline::{StageResult, story};
use crate::publish::{self, Format, Site, TopicLine};
use crate::store::Result;

impl Release {
    /// Renders what is stale in the store or was not rendered by this process yet, and publishes it.
    pub(super) fn render(&self, state: &mut State, plans: &[Plan]) -> StageResult {
        let marked: BTreeSet<String> = self.wire.store.read(|view| view.stale_editions())?.into_iter().collect();
        let is_stale = |plan: &&Plan| {
            marked.contains(&plan.slug) || (!state.rendered.contains(&plan.slug) && self.is_wanting(plan))
        };
        let stale: Vec<&Plan> = plans.iter().filter(is_stale).collect();
        let gone: Vec<String> = self.gone(plans)?;
        if stale.is_empty() && gone.is_empty() {
            return Ok(0);
        }
        let mut documents = Vec::new();
        for plan in &stale {
            documents.extend(self.documents(plan)?);
        }
        documents.extend(self.front(plans)?);
        self.date(&mut documents)?;
        let removed = self.removed(plans)?;
        self.released.replace(documents.clone(), &removed);
        if let Some(dir) = &self.rules.output {
            // What cannot be written now is still stale, and is rendered and written again by the next step.
            output::write_documents(dir, &documents, &removed)?;
        }
        self.wire.store.write(|batch| {
            stale.iter().try_for_each(|plan| batch.mark_edition(&plan.slug, false))?;
            gone.iter().try_for_each(|slug| batch.forget_edition(slug))?;
            removed.iter().try_for_each(|path| batch.forget_document(path))
        })?;
        state.rendered.extend(stale.iter().map(|plan| plan.slug.clone()));
        state.rendered.retain(|slug| !gone.contains(slug));
        Ok(stale.len() + gone.len())
    }

    /// Notes since when each document has its present bytes.
    fn date(&self, documents: &mut [Document]) -> Result<()> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            for document in documents {
                document.last_modified = batch.date_document(&document.path, document.digest, now)?;
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
        let known = self.wire.store.read(|view| view.all_editions())?;
        Ok(known.into_iter().filter(|slug| plans.iter().all(|plan| plan.slug != *slug)).collect())
    }

    fn documents(&self, plan: &Plan) -> Result<Vec<Document>> {
        let edition = self.edition(plan)?;
        let folder = ComposeSettings::path(slug_of(plan));
        let formats = self.formats();
        Ok(formats
            .map(|format| document(format!("{folder}{}", format.file), format.media_type, &(format.render)(&edition)))
            .collect())
    }

    fn edition(&self, plan: &Plan) -> Result<Edition> {
        let now = self.wire.clock.now();
        let oldest = |age: i64| now.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(Timestamp::MIN);
        let since = plan.topic.max_age_s.map(oldest);
        let stories: Vec<Story> = self.wire.store.read(|view| {
            let rows = view.topic_stories(&plan.slug, since, plan.topic.limit)?;
            rows.into_iter().map(|no| Ok(story::load(view, no, &self.rules.story)?.story)).collect()
        })?;
        let heading = Heading { slug: slug_of(plan), title: &plan.topic.title };
        Ok(compose::compose(&self.rules.site, heading, &stories))
    }

    /// The site's own pages: the index and the list of what is published.
    fn front(&self, plans: &[Plan]) -> Result<Vec<Document>> {
        let mut lines = Vec::new();
        for plan in plans {
            let (stories, updated) = self.wire.store.read(|view| view.topic_shown(&plan.slug, plan.topic.limit))?;
            let title = if plan.slug == ALL { "All stories".to_owned() } else { plan.topic.title.clone() };
            lines.push(TopicLine { title, page_url: self.rules.site.page_url(slug_of(plan)), stories, updated });
        }
        let site = Site {
            title: &self.rules.site.site_title,
            home_url: &self.rules.site.base_url,
            formats: &self.rules.site.formats,
        };
        let opml = document("opml.xml".to_owned(), publish::OPML_MEDIA_TYPE, &publish::opml(&site, &lines));
        let index = document(String::new(), publish::HTML_MEDIA_TYPE, &publish::index(&site, &lines));
        Ok(vec![index, opml])
    }

    fn formats(&self) -> impl Iterator<Item = &'static Format> {
        publish::FORMATS.iter().filter(|format| self.rules.site.formats.contains(&format.name))
    }

    fn paths(&self, plans: &[Plan]) -> BTreeSet<String> {
        let own = [String::new(), "opml.xml".to_owned()];
        plans.iter().flat_map(|plan| self.plan_paths(plan)).chain(own).collect()
    }

    fn plan_paths(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let folder = ComposeSettings::path(slug_of(plan));
        self.formats().map(move |format| format!("{folder}{}", format.file))
    }
}

fn slug_of(plan: &Plan) -> Option<&str> {
    (plan.slug != ALL).then_some(plan.slug.as_str())
}

pub(super) fn document(path: String, media_type: &'static str, text: &str) -> Document {
    let bytes = text.as_bytes().to_vec();
    Document { path, media_type, digest: Digest::of(&bytes), bytes, last_modified: Timestamp::UNIX_EPOCH }
}
