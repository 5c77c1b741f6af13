//! What goes along with a request, hop by hop.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE};
use url::Url;

use crate::fetch::{body, head};
use crate::model::Validators;

/// The part of a picture that says its size; a server may send the whole all the same (RFC 9110 §14.2).
const IMAGE_RANGE: &str = "bytes=0-65535";

/// What is sent along.
pub(super) struct Errand<'a> {
    pub(super) accept: HeaderValue,
    /// For the hop to this address only: they belong to the URL that gave them (POLITE.md S9).
    pub(super) validators: Option<(&'a str, &'a Validators)>,
    /// Feeds may answer with what is new only (RFC 3229).
    pub(super) takes_deltas: bool,
    /// The first bytes are enough.
    pub(super) is_head: bool,
    /// robots.txt governs every hop.
    pub(super) is_governed: bool,
}

impl Errand<'_> {
    /// What goes with the hop to `url`.
    pub(super) fn validators_for(&self, url: &Url) -> Option<&Validators> {
        self.validators.filter(|(of, _)| *of == url.as_str()).map(|(_, validators)| validators)
    }

    /// Puts what belongs to a hop to `url` into its request.
    pub(super) fn add_to(&self, headers: &mut HeaderMap, url: &Url) {
        headers.insert(ACCEPT, self.accept.clone());
        if self.is_head {
            // Pictures are compressed as they are, and a part of a coded body could not be read.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            headers.insert(RANGE, HeaderValue::from_static(IMAGE_RANGE));
            return;
        }
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPT_ENCODING));
        let Some(validators) = self.validators_for(url) else { return };
        let back = |kept: &Option<String>| kept.as_deref().and_then(head::verbatim);
        if let Some(etag) = back(&validators.etag) {
            headers.insert(IF_NONE_MATCH, etag);
            if self.takes_deltas {
                // RFC 3229 §10.5.3: what is new is counted from the instance that an entity tag names.
                headers.insert(head::A_IM, HeaderValue::from_static("feed"));
            }
        }
        headers.extend(back(&validators.last_modified).map(|value| (IF_MODIFIED_SINCE, value)));
    }
}
