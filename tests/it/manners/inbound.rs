//! S29 and S31: what a publisher's hub sends to us, and what is read of a feed's past.

/// Played by the tests of the subscriber.
pub async fn s29() {
    crate::websub::row_s29().await;
}

/// Played by the tests of back-fill.
pub async fn s31() {
    crate::backfill::row_s31().await;
}
