//! The lead image: the first picture that is one.
//!
//! Logos, trackers, placeholders and whatever is stated to be tiny are refused by their address and size. A
//! second place may tell the size of the picture that the first one names.

use super::{Pool, Sourced, found};
use crate::extract::{Field, Value};
use crate::model::{Found, Image};

/// Pictures that are stated to be smaller than this, in either direction, are icons.
const SMALLEST: u32 = 80;

/// Parts of file names of what is no picture of the article.
#[rustfmt::skip]
const NO_PICTURES: &[&str] = &[
    "logo", "favicon", "sprite", "placeholder", "blank.", "spacer", "pixel.", "1x1", "transparent.", "default-image",
    "default_image", "no-image", "noimage", "no_image", "avatar", "apple-touch-icon", "loading.gif", "opengraph-default",
    "missing", "dummy", "gravatar",
    "facebook-default", "fb-default", "og-default", "default-og", "share-default", "social-default",
];

/// The image.
pub(super) fn image(pool: &Pool) -> Option<Found<Image>> {
    let is_gif = |url: &str| name(url).rsplit('.').next() == Some("gif");
    let is_stated = |sourced: &Sourced| sourced.1.place != "img";
    // Photographs are no GIFs: those are thumbnails and banners, mostly.
    let chosen = pick(pool, |sourced, url| is_stated(sourced) && !is_gif(url))
        .or_else(|| pick(pool, |sourced, _| is_stated(sourced)))
        .or_else(|| pick(pool, |_, url| !is_gif(url)))?;
    if chosen.value.width.is_some() {
        return Some(chosen);
    }
    let size = pool.of(Field::Image).iter().find_map(|(_, candidate)| match &candidate.value {
        Value::Image(address, Some(width), Some(height)) if pool.address(address)? == chosen.value.url => {
            Some((*width, *height))
        }
        _ => None,
    });
    let (width, height) = size.unzip();
    Some(Found { value: Image { width, height, ..chosen.value }, from: chosen.from })
}

fn pick(pool: &Pool, fits: impl Fn(&Sourced, &str) -> bool) -> Option<Found<Image>> {
    pool.of(Field::Image).iter().find_map(|sourced| {
        let Value::Image(address, width, height) = &sourced.1.value else { return None };
        if refused(pool, address, *width, *height).is_some() {
            return None;
        }
        let url = pool.address(address).filter(|url| fits(sourced, url))?;
        Some(found(Image { url, width: *width, height: *height }, sourced))
    })
}

/// Why a picture cannot be the lead image.
pub(super) fn refused(pool: &Pool, address: &str, width: Option<u32>, height: Option<u32>) -> Option<&'static str> {
    let Some(url) = pool.address(address) else { return Some("refused: no web address") };
    if [width, height].into_iter().flatten().any(|size| size < SMALLEST) {
        return Some("refused: tiny");
    }
    is_no_picture(&url).then_some("refused: a logo, a placeholder or a tracker by its name")
}

/// The last part of an address, where pictures are named.
fn name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

fn is_no_picture(url: &str) -> bool {
    let name = name(url);
    NO_PICTURES.iter().any(|part| name.contains(part)) || [".svg", ".ico"].iter().any(|end| name.ends_with(end))
}
