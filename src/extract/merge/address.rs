//! Addresses that a page gives of itself: canonical and AMP.

use super::Pool;
use crate::extract::Field;
use crate::model::Found;

/// The stated address of the article, unless it is a home page while this page is not.
pub(super) fn canonical(pool: &Pool, notes: &mut Vec<String>) -> Option<Found<String>> {
    let fit = pool.first_text(Field::Canonical, |value| {
        let address = pool.address(value)?;
        let address = address.split('#').next().unwrap_or_default().to_owned();
        (!is_home(&address) || is_home(&pool.page.url)).then_some(address)
    });
    if fit.is_none() && pool.texts(Field::Canonical).next().is_some() {
        notes.push("the canonical address is the home page or no web address".to_owned());
    }
    fit
}

/// The address of the AMP version.
pub(super) fn amp(pool: &Pool) -> Option<Found<String>> {
    pool.first_text(Field::Amp, |value| pool.address(value))
}

fn is_home(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split_once('/').is_none_or(|(_, path)| path.is_empty())
}
