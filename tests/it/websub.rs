//! WebSub: hubs are asked, heard, renewed and left; what they deliver is taken in.

#![cfg(test)]

pub(crate) mod flow;
mod wire;

/// Row S29 of the card: a WebSub subscriber by the book.
pub async fn row_s29() {
    // A daemon is waited for while others play their parts, which wants a runtime with more than one thread.
    let by_the_book = || tokio::runtime::Runtime::new().unwrap().block_on(wire::by_the_book());
    tokio::task::spawn_blocking(by_the_book).await.unwrap();
    flow::renewal().await;
}

#[tokio::test]
async fn a_subscriber_by_the_book() {
    row_s29().await;
}
