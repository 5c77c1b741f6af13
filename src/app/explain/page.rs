//! What is known of an article's page: its visits, what it is, its picture, and its site.

use super::PageExplained;
use crate::extract::site;
use crate::model::PageMetadata;
use crate::store::{PictureRow, Result, RowNo, View};

/// Explains the page of an article, if it is or was wanted.
pub(super) fn explain(view: &View<'_>, article: RowNo) -> Result<Option<PageExplained>> {
    let Some(page) = view.page(article)? else { return Ok(None) };
    Ok(Some(PageExplained {
        asked_at: page.visit.asked_at,
        next_at: page.visit.next_at,
        reason: page.visit.reason,
        problem: page.visit.problem,
        second: page.visit.second,
        is: page.metadata.as_ref().map(kinds).unwrap_or_default(),
        picture: view.picture_of(article)?.map(picture),
        site: site::told(&view.site(&page.domain)?),
    }))
}

fn kinds(page: &PageMetadata) -> Vec<String> {
    let kind = page.kind.as_ref().map(|kind| format!("{} [{}]", kind.value, kind.from));
    let paywall =
        page.paywalled.as_ref().filter(|found| found.value).map(|found| format!("paywalled [{}]", found.from));
    kind.into_iter().chain(paywall).collect()
}

fn picture(row: PictureRow) -> String {
    match row {
        PictureRow { next_at: Some(at), .. } => format!("is asked for its size at {at}"),
        PictureRow { unfit: true, problem, .. } => format!("not shown: {}", problem.unwrap_or_default()),
        PictureRow { size: Some((width, height)), .. } => format!("{width} × {height} pixels, as its first bytes say"),
        PictureRow { problem, .. } => format!("of unknown size: {}", problem.unwrap_or_default()),
    }
}
