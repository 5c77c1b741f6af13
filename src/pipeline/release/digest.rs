//! Digests: a feed with one entry a period, which tells what was new in a topic.
//!
//! An issue is made once, at the end of its period, and never again: its entry keeps its id, its time and its words.
//! A period in which nothing was new has no issue. Periods that ended while no process ran are made up for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::editions::document;
use super::{ALL, Plan, Release, slug_of};
use crate::model::{Document, Story, StoryId};
use crate::pipeline::{StageError, story};
use crate::publish::{self, DigestFeed, Issue, IssueLine};
use crate::schedule::cron::Cron;
use crate::store::{Result, View};

/// The file beside the topic's feeds.
pub(super) const FILE: &str = "digest.xml";

/// Issues that the feed shows: a month of daily ones.
const SHOWN: usize = 31;

/// Periods made up for in one step.
const MISSED: usize = 31;

/// One story of an issue, as it was when the period ended. Addresses of this site are made when it is shown.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    story: StoryId,
    title: String,
    url: String,
    publisher: String,
    /// Other publishers that covered it.
    others: usize,
}

impl Release {
    /// Makes the issues of periods that are over.
    pub(super) fn end_periods(&self, plans: &[Plan]) -> Result<(), StageError> {
        for plan in plans {
            if let Some(periods) = self.rules.digests.get(&plan.slug) {
                self.end_periods_of(plan, periods)?;
            }
        }
        Ok(())
    }

    fn end_periods_of(&self, plan: &Plan, periods: &Cron) -> Result<()> {
        let now = self.wire.clock.now();
        let Some(mut since) = self.wire.store.read(|view| view.last_digest(&plan.slug))? else {
            // The first period begins with the digest, so that no backlog is told as news.
            return self.wire.store.write(|batch| batch.add_digest(&plan.slug, now, None));
        };
        for _ in 0..MISSED {
            let Some(until) = periods.next_after(since).filter(|until| *until <= now) else { break };
            self.wire.store.write(|batch| {
                let mut lines = Vec::new();
                for no in batch.news_of_topic(&plan.slug, since, until, plan.topic.limit)? {
                    lines.extend(line(&story::load(batch, no, &self.rules.story)?.story));
                }
                let issue = (!lines.is_empty()).then(|| serde_json::to_string(&lines).unwrap_or_default());
                batch.add_digest(&plan.slug, until, issue.as_deref())?;
                batch.forget_digests(&plan.slug, SHOWN)?;
                if issue.is_some() {
                    batch.stale_edition(&plan.slug, now)?;
                }
                Ok(())
            })?;
            since = until;
        }
        Ok(())
    }

    /// The document of a plan that has a digest.
    pub(super) fn digest(&self, plan: &Plan) -> Result<Option<Document>> {
        if !self.rules.digests.contains_key(&plan.slug) {
            return Ok(None);
        }
        let site = &self.rules.site;
        let page_url = plan.page_url(site);
        let home = if plan.private.is_some() { &page_url } else { &site.base_url };
        let issues = self.wire.store.read(|view| {
            let kept = view.digest_issues(&plan.slug, SHOWN)?.into_iter();
            let shown = kept.map(|(until, lines)| Ok(Issue { until, lines: self.lines(view, plan, home, &lines)? }));
            shown.collect::<Result<Vec<Issue>>>()
        })?;
        let feed = DigestFeed {
            title: &plan.topic.title,
            site_title: &site.site_title,
            own_url: &format!("{page_url}{FILE}"),
            page_url: &page_url,
            id: &format!("{}/digest", site.feed_id(slug_of(plan))),
            birth: site.birth,
            hub: site.hub.as_deref().filter(|_| plan.private.is_none()),
        };
        let text = publish::digest(&feed, &issues);
        Ok(Some(document(format!("{}{FILE}", plan.folder()), publish::ATOM_MEDIA_TYPE, &text)))
    }

    /// The lines of an issue as they are shown: what only private topics hold by now is told in no other.
    fn lines(&self, view: &View<'_>, plan: &Plan, home: &str, kept: &str) -> Result<Vec<IssueLine>> {
        let mut lines = Vec::new();
        for line in serde_json::from_str::<Vec<Line>>(kept).unwrap_or_default() {
            if plan.private.is_none() && !self.rules.private.is_empty() {
                let row = view.story_by_id(line.story)?;
                if !row.map_or(Ok(false), |row| view.is_in_topic(row.no, ALL))? {
                    continue;
                }
            }
            lines.push(IssueLine {
                page_url: format!("{home}s/{}", line.story),
                title: line.title,
                url: line.url,
                publisher: line.publisher,
                others: line.others,
            });
        }
        Ok(lines)
    }
}

/// A story as an issue tells it.
fn line(story: &Story) -> Option<Line> {
    let lead = &story.coverage.first()?.article;
    let others: BTreeSet<&str> = story.coverage.iter().map(|member| member.article.publisher.domain.as_str()).collect();
    Some(Line {
        story: story.id,
        title: lead.title.clone(),
        url: lead.url.clone(),
        publisher: lead.publisher.name.clone(),
        others: others.len().saturating_sub(1),
    })
}
