//! WebSub: hubs are asked, heard, renewed and left; what they deliver is taken in.

#![cfg(test)]

mod flow;
mod wire;

/// Row S29 of the card: a WebSub subscriber by the book. Wants a runtime with more than one thread.
pub async fn row_s29() {
    wire::by_the_book().await;
    flow::renewal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_by_the_book() {
    row_s29().await;
}
