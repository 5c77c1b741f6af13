//! What a connection seldom has to look at, kept out of the way of what it does for every request.
//!
//! In come a future that is awaited all the time and one that seldom has something to say; out goes whatever ends
//! first. The second is looked at only when it rang, not whenever the first one is: its timer and its watch cost a
//! request nothing.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

/// Rung by the second future, which then is to be looked at.
#[derive(Debug, Default)]
struct Bell {
    has_rung: AtomicBool,
    /// The task of both, which is the same from its first look to its last.
    task: OnceLock<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        if let Some(task) = self.task.get() {
            task.wake_by_ref();
        }
    }
}

/// Either end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<F, S> {
    /// The one that is awaited all the time.
    First(F),
    /// The other.
    Second(S),
}

/// Awaits `first`, and `second` aside. To be awaited by a task of its own, from its beginning to its end.
pub(super) async fn aside<F: Future, S: Future>(mut first: Pin<&mut F>, second: S) -> Ended<F::Output, S::Output> {
    let mut second = pin!(second);
    let bell = Arc::new(Bell { has_rung: AtomicBool::new(true), task: OnceLock::new() });
    let ring = Waker::from(Arc::clone(&bell));
    std::future::poll_fn(move |cx| {
        if let Poll::Ready(end) = first.as_mut().poll(cx) {
            return Poll::Ready(Ended::First(end));
        }
        bell.task.get_or_init(|| cx.waker().clone());
        // A look costs less than a swap, and mostly there is nothing.
        if bell.has_rung.load(Ordering::Relaxed) && bell.has_rung.swap(false, Ordering::Acquire) {
            return second.as_mut().poll(&mut Context::from_waker(&ring)).map(Ended::Second);
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn the_one_that_seldom_speaks_is_heard() {
        let (work, word) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (working, speaking) = (Arc::clone(&work), Arc::clone(&word));
        let task = tokio::spawn(async move {
            let mut done = 0;
            let mut first = pin!(async {
                for _ in 0..3 {
                    working.notified().await;
                    done += 1;
                }
            });
            let ended = aside(first.as_mut(), async { speaking.notified().await }).await;
            matches!(ended, Ended::Second(()))
        });
        work.notify_one();
        tokio::task::yield_now().await;
        word.notify_one();
        assert!(task.await.unwrap());
    }

    #[tokio::test]
    async fn the_one_that_is_done_first_ends_it() {
        let mut first = pin!(std::future::ready(1));
        assert_eq!(aside(first.as_mut(), std::future::pending::<()>()).await, Ended::First(1));
        let mut first = pin!(std::future::pending::<()>());
        assert_eq!(aside(first.as_mut(), std::future::ready(2)).await, Ended::Second(2));
    }
}
