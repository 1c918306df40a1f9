//! Two statements of which the first is left alone at each point there is, while the second runs.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// Polls a future so often, with time for the server in between; what came of it, if it is ready.
pub(super) async fn poll<F: Future>(polls: usize, mut future: Pin<&mut F>) -> Option<F::Output> {
    for _ in 0..polls {
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}

/// Waits for a future while another one, which was begun, is not polled; says whether that was
/// possible. `diesel-async` prepares under a lock, which the other one may have.
pub(super) async fn beside<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    tokio::time::timeout(Duration::from_millis(200), future)
        .await
        .ok()
}

/// What became of two statements of which the first was polled so often and then left alone.
pub(super) enum Met {
    /// The second began and ended meanwhile.
    Crossed,
    /// The second had to wait for the first.
    Waited,
    /// The first had ended.
    Ended,
}

/// Runs a round for each point at which its first statement can be left, again until two
/// statements did overlap. The first time they are prepared, and wait for each other.
pub(super) async fn at_each_point(mut round: impl AsyncFnMut(usize) -> Met) {
    for pass in 0..100 {
        let mut crossed = false;
        for polls in 1.. {
            match round(polls).await {
                Met::Crossed => crossed = true,
                Met::Waited => {}
                Met::Ended => break,
            }
        }
        if crossed && pass > 0 {
            return;
        }
    }
    panic!("the statements never overlapped");
}
