//! S29 and S31: what a publisher's hub sends to us, and what is read of a feed's past.

use std::thread;

use tokio::runtime::Builder;

/// Played by the tests of the subscriber, with threads of its own.
pub async fn s29() {
    let play = || Builder::new_multi_thread().enable_all().build().unwrap().block_on(crate::websub::row_s29());
    assert!(thread::spawn(play).join().is_ok());
}

/// Played by the tests of back-fill.
pub async fn s31() {
    crate::backfill::row_s31().await;
}
