//! S29 and S31: what a publisher sends to us, and what is fetched of its past.

/// Played by the tests of the WebSub subscriber; see there.
pub async fn s29() {}

/// Played by the tests of back-fill; see there.
pub async fn s31() {}
