//! Volumes: the documents of a topic's archive (RFC 5005 section 4), made when somebody asks or for static files.
//!
//! A volume shows its stories as they are until its month is over; then each is kept as it was, and what happens to
//! it later stands in the live feed only. So a closed volume changes by withdrawals, and once by the link to the
//! volume after it. Its `Last-Modified` is kept in the store, where every such change is noted as it is committed.

use super::editions::{composed, document, enclose, full_second};
use super::listing::month_of;
use super::{ALL, Plan, Release, ReleaseRules, output};
use crate::compose::{self, ComposeSettings};
use crate::model::{Document, PageRules, RelatedView, StoryId, StoryView};
use crate::pipeline::{StageResult, story};
use crate::publish::{self, Format};
use crate::store::{Result, View, VolumeRow};

/// Volumes closed or written in one step: each is a hundred stories.
const ROUND: usize = 16;

/// Bytes of one kept story when it is unpacked: its coverage is bounded, so this is never reached.
const KEPT: usize = 8 << 20;

/// How hard stories are packed: the usual level, since each is packed once.
const LEVEL: i32 = 3;

impl Release {
    /// Keeps the stories of volumes whose month is over. Counts volumes.
    pub(super) fn close_volumes(&self) -> StageResult {
        let month = month_of(self.wire.clock.now());
        for closed in 0..ROUND {
            let Some(volume) = self.wire.store.read(|view| view.volume_to_close(&month))? else { return Ok(closed) };
            self.wire.store.write(|batch| {
                for (no, kept) in batch.volume_stories(volume.no)? {
                    let told = story::load(batch, no, &self.rules.story)?;
                    if kept.is_none() && !told.story.coverage.is_empty() {
                        // Where its picture is from is decided when it is shown.
                        let site = ComposeSettings { pages: PageRules::default(), ..self.rules.site.clone() };
                        batch.keep_story(no, &pack(&compose::story_view(&site, &told.story)))?;
                    }
                }
                batch.close_volume(volume.no)
            })?;
        }
        Ok(ROUND)
    }

    /// Writes volumes whose static file is not what they are. Counts files.
    pub(super) fn write_volumes(&self, plans: &[Plan]) -> StageResult {
        let Some(dir) = &self.rules.output else { return Ok(0) };
        let volumes = self.wire.store.read(|view| view.unwritten_volumes(ROUND))?;
        for volume in &volumes {
            let plan = plans.iter().find(|plan| plan.slug == volume.topic && plan.private.is_none());
            if let Some(plan) = plan {
                let document = self.wire.store.read(|view| render(view, &self.rules, plan, volume))?;
                output::write_documents(dir, &[document], &[])?;
            }
            self.wire.store.write(|batch| batch.wrote_volume(volume.no))?;
        }
        Ok(volumes.len())
    }

    /// Paths of the archives of topics that are no longer there, for the output folder.
    pub(super) fn volumes_of(&self, slugs: &[String]) -> Result<Vec<String>> {
        self.wire.store.read(|view| {
            let mut paths = Vec::new();
            for slug in slugs {
                let folder = ComposeSettings::path(Some(slug));
                paths.extend(view.volumes(slug)?.iter().map(|volume| format!("{folder}{}", file(volume))));
            }
            Ok(paths)
        })
    }
}

/// The file of a volume below its topic: `archive/2026-11.xml`, and `archive/2026-11-2.xml` for its second part.
pub(super) fn file(volume: &VolumeRow) -> String {
    match volume.part {
        1 => format!("archive/{}.xml", volume.month),
        part => format!("archive/{}-{part}.xml", volume.month),
    }
}

/// The month and part that `file` (without its folder) names; `None` where [`file()`] would not name it so.
fn parse(file: &str) -> Option<(&str, u32)> {
    let name = file.strip_suffix(".xml")?;
    let (month, rest) = name.split_at_checked(7)?;
    let is_month =
        month.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    let part = match rest.strip_prefix('-') {
        None if rest.is_empty() => 1,
        Some(part) if !part.starts_with(['0', '+']) => part.parse().ok().filter(|part| *part > 1)?,
        _ => return None,
    };
    is_month.then_some((month, part))
}

/// The document at `file` below `archive/` of a plan, if there is one.
pub(super) fn find(view: &View<'_>, rules: &ReleaseRules, plan: &Plan, file: &str) -> Result<Option<Document>> {
    let Some((month, part)) = parse(file) else { return Ok(None) };
    match view.volume(&plan.slug, month, part)? {
        Some(volume) => render(view, rules, plan, &volume).map(Some),
        None => Ok(None),
    }
}

/// The document of a volume, always Atom.
fn render(view: &View<'_>, rules: &ReleaseRules, plan: &Plan, volume: &VolumeRow) -> Result<Document> {
    let mut edition = composed(rules, plan, &[]);
    for (no, kept) in view.volume_stories(volume.no)? {
        // What only private topics hold by now is in no archive but theirs.
        if plan.private.is_none() && !rules.private.is_empty() && !view.is_in_topic(no, ALL)? {
            continue;
        }
        let kept = kept.filter(|_| volume.is_closed).as_deref().and_then(unpack);
        let mut seen = if let Some(mut kept) = kept {
            kept.related = open_of(view, rules, kept.related)?;
            let image = kept.image.and_then(|image| rules.site.picture(kept.id, image));
            StoryView { entry_id: rules.site.entry_id(kept.id), image, ..kept }
        } else {
            let told = story::load(view, no, &rules.story)?;
            if told.story.coverage.is_empty() {
                continue;
            }
            compose::story_view(&rules.site, &told.story)
        };
        seen.page_url = rules.site.story_url(seen.id);
        if plan.private.is_some() {
            enclose(&mut seen, &rules.site.base_url, &edition.page_url);
        }
        edition.stories.push(seen);
    }
    let (before, after) = view.beside_volume(volume)?;
    let address = |volume: VolumeRow| format!("{}{}", edition.page_url, file(&volume));
    edition.links.own = Some(address(volume.clone()));
    edition.links.prev_archive = before.map(address);
    edition.links.next_archive = after.map(address);
    edition.links.current = Some(format!("{}{}", edition.page_url, live(rules).map_or("", |format| format.file)));
    edition.updated = edition.stories.iter().map(|story| story.updated).max().unwrap_or(volume.modified);
    // Links of a hub lead to what changes.
    edition.hub = None;
    let atom = publish::FORMATS.iter().find(|format| format.name == "atom");
    let (text, media_type) = atom.map_or((String::new(), ""), |atom| ((atom.render)(&edition), atom.media_type));
    let mut document = document(format!("{}{}", plan.folder(), file(volume)), media_type, &text);
    document.last_modified = full_second(volume.modified);
    Ok(document)
}

/// Those of `related` that are not in private topics alone by now, under their addresses of now.
fn open_of(view: &View<'_>, rules: &ReleaseRules, related: Vec<RelatedView>) -> Result<Vec<RelatedView>> {
    let mut open = Vec::new();
    for other in related {
        let id = other.page_url.rsplit('/').next().and_then(|id| id.parse::<StoryId>().ok());
        let Some(row) = id.map(|id| view.story_by_id(id)).transpose()?.flatten() else { continue };
        if rules.private.is_empty() || view.is_in_topic(row.no, ALL)? {
            let (page_url, entry_id) = (rules.site.story_url(row.id), rules.site.entry_id(row.id));
            open.push(RelatedView { entry_id, page_url, ..other });
        }
    }
    Ok(open)
}

/// The live feed of an archive: Atom where that is published, else the first feed that is.
fn live(rules: &ReleaseRules) -> Option<&'static Format> {
    let is_there = |format: &&Format| !format.file.is_empty() && rules.site.formats.contains(&format.name);
    let all = || publish::FORMATS.iter().filter(is_there);
    all().find(|format| format.name == "atom").or_else(|| all().next())
}

fn pack(story: &StoryView) -> Vec<u8> {
    let json = serde_json::to_vec(story).unwrap_or_default();
    zstd::bulk::compress(&json, LEVEL).unwrap_or_default()
}

/// What [`pack`] packed; `None` where another program did, so that the story is shown as it is now.
fn unpack(bytes: &[u8]) -> Option<StoryView> {
    let json = zstd::bulk::decompress(bytes, KEPT).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_volumes() {
        let check = |file: &str, expect| assert_eq!(parse(file), expect, "{file}");
        check("2026-11.xml", Some(("2026-11", 1)));
        check("2026-11-2.xml", Some(("2026-11", 2)));
        check("2026-11-10.xml", Some(("2026-11", 10)));
        for wrong in [
            "2026-11-1.xml",
            "2026-11-02.xml",
            "2026-11-.xml",
            "2026-11",
            "2026-1.xml",
            "x.xml",
            "",
            ".xml",
            "2026-11-+2.xml",
            "2026é11.xml",
        ] {
            check(wrong, None);
        }
    }
}
