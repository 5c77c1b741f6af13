//! The lead picture of an article whose size nobody states: its first bytes are asked for, once.
//!
//! Planned when a page was taken in, asked after the pages that are due, and kept by the picture's address: a picture
//! that many articles show is asked once. What fails is not asked again; the article goes without a size.

use jiff::Timestamp;

use super::super::intake::{self, IntakeRules};
use super::super::pictures;
use crate::extract::picture;
use crate::fetch::Fetch;
use crate::model::{Outcome, Purpose, Refusal, Request, Validators};
use crate::store::{Batch, DuePicture, PictureRow, Result, RowNo};
use crate::url;

/// The article's picture is asked, if nobody knows how large it is.
pub(super) fn plan(batch: &Batch<'_>, article: RowNo, now: Timestamp) -> Result<()> {
    let row = batch.article(article)?;
    if !row.live {
        return Ok(());
    }
    let Some(image) = intake::article(batch, &row)?.0.image else { return Ok(()) };
    let is_known = image.width.is_some() || pictures::refused(&image).is_some() || !url::is_http(&image.url);
    if is_known || batch.picture_at(&image.url)?.is_some() {
        return Ok(());
    }
    let domain = url::registrable_domain(&image.url).unwrap_or_default();
    batch.want_picture(article, &image.url, &domain, now)
}

/// Asks for the beginning of a picture.
pub(super) async fn ask(fetch: &impl Fetch, picture: &DuePicture) -> Outcome {
    let request = Request {
        url: picture.url.clone(),
        purpose: Purpose::Image,
        validators: Validators::default(),
        validators_of: None,
        enough: Some(|_| Box::new(picture::enough)),
    };
    fetch.fetch(&request).await
}

/// Keeps what came of it, for every article that shows the picture.
pub(super) fn settle(
    batch: &Batch<'_>,
    picture: &DuePicture,
    outcome: &Outcome,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<()> {
    if let Outcome::Refused(Refusal::Resting(until)) = outcome {
        return batch.put_off_picture(picture.article, (*until).max(now));
    }
    let (size, problem, unfit) = judge(&picture.url, outcome);
    tracing::info!(url = picture.url, ?size, problem, "picture asked");
    let row = PictureRow { url: picture.url.clone(), next_at: None, size, problem, unfit };
    batch.note_picture(&row)?.into_iter().try_for_each(|article| intake::refresh(batch, article, rules, now))
}

/// The size, or what is wrong; and whether the picture should not be shown. Whoever keeps us out may let readers in.
fn judge(address: &str, outcome: &Outcome) -> (Option<(u32, u32)>, Option<String>, bool) {
    let (problem, unfit) = match outcome {
        Outcome::Fresh(page) => {
            if let Some(size) = picture::size(&page.bytes) {
                let refused = picture::refuse(address, Some(size));
                return (Some(size), refused.map(str::to_owned), refused.is_some());
            }
            let is_text = page.media_type.as_deref().is_some_and(|media| media.starts_with("text/"));
            (if is_text { "it is a page, no picture" } else { "its first bytes tell no size" }.to_owned(), is_text)
        }
        Outcome::Gone => ("gone (410)".to_owned(), true),
        Outcome::Failed(failure) => (failure.to_string(), failure.status == Some(404)),
        Outcome::Refused(refusal) => (refusal.to_string(), false),
        Outcome::Throttled { status, .. } => (format!("status {status}"), false),
        Outcome::Unchanged { .. } => ("nothing came".to_owned(), false),
    };
    (None, Some(problem), unfit)
}
