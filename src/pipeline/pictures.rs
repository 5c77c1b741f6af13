//! Pictures: what asking them has taught completes what seeds, feeds and pages say of them.
//!
//! A picture is asked only where nobody states its size, once an article (`enrich/picture.rs`); here what came of it is
//! put where it was lacking, and pictures that are none leave. A seed's word on its pictures stands.

use crate::extract::picture;
use crate::model::{Image, PageMetadata, Stated, Statement};
use crate::store::{Result, View};

/// Sizes that are known are filled in, and pictures that are no article's are taken out.
///
/// # Errors
/// When the store fails.
pub(super) fn complete(view: &View<'_>, statements: &mut [Statement], page: Option<&mut PageMetadata>) -> Result<()> {
    for Statement { by, entry } in statements {
        // The first is the one that is shown.
        while let Some(first) = entry.images.first_mut() {
            if is_fit(view, first)? || matches!(by, Stated::Seed { .. }) {
                break;
            }
            entry.images.remove(0);
        }
    }
    if let Some(page) = page
        && let Some(found) = &mut page.image
        && (!is_fit(view, &mut found.value)? || refused(&found.value).is_some())
    {
        page.image = None;
    }
    Ok(())
}

/// Why a picture is no article's, by its address and size.
pub(super) fn refused(image: &Image) -> Option<&'static str> {
    picture::refuse(&image.url, image.width.zip(image.height))
}

fn is_fit(view: &View<'_>, image: &mut Image) -> Result<bool> {
    if image.width.is_some() && image.height.is_some() {
        return Ok(true);
    }
    let Some(known) = view.picture_at(&image.url)? else { return Ok(true) };
    if let Some((width, height)) = known.size {
        (image.width, image.height) = (Some(width), Some(height));
    }
    Ok(!known.unfit)
}
