//! One call of this library on an async connection: what its future remembers between polls.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
#[cfg(feature = "postgres")]
use std::panic::Location;
use std::pin::pin;

#[cfg(feature = "postgres")]
use crate::connection::PendingWriteId;
use crate::connection::SharedSlot;
use crate::lock::lock;
use crate::map::Invalidation;

/// What the future of one call remembers. The connection cannot remember it: nobody asks the connection
/// when the future is dropped, and the calls of several futures alternate on a shared connection.
#[derive(Default)]
struct CallState {
    /// Where the program called from.
    #[cfg(feature = "postgres")]
    caller: Option<&'static Location<'static>>,
    /// The write whose answer the future waits for.
    unanswered: Option<UnansweredWrite>,
    /// Another write was in flight at the same time as the last one.
    #[cfg(feature = "postgres")]
    overlapped: bool,
}

/// A write that the database has not answered yet.
pub(super) struct UnansweredWrite {
    pub(super) slot: SharedSlot,
    pub(super) invalidation: Invalidation,
    /// The write among those of a shared connection; `None` on a connection of one future.
    #[cfg(feature = "postgres")]
    pub(super) pending: Option<PendingWriteId>,
}

thread_local! {
    /// The state of the call that is polled now.
    static POLLED: RefCell<CallState> = RefCell::default();
}

/// Runs `work` as a call of its own.
pub(super) async fn run<F: Future>(work: F) -> F::Output {
    // `work` is declared last and so dropped first: its drop may wait for the statement, and only after
    // that is the write given up.
    let mut state = CallState::default();
    let mut work = pin!(work);
    poll_fn(|context| {
        let _polled = PollGuard::enter(&mut state);
        work.as_mut().poll(context)
    })
    .await
}

#[cfg(feature = "postgres")]
pub(super) fn caller() -> Option<&'static Location<'static>> {
    POLLED.with_borrow(|call| call.caller)
}

#[cfg(feature = "postgres")]
pub(super) fn set_caller(location: &'static Location<'static>) {
    POLLED.with_borrow_mut(|call| call.caller = Some(location));
}

pub(super) fn begin_write(write: Option<UnansweredWrite>) {
    POLLED.with_borrow_mut(|call| call.unanswered = write);
}

/// Notes that the write was answered. The caller then invalidates what was written.
pub(super) fn end_write() {
    let answered = POLLED.with_borrow_mut(|call| call.unanswered.take());
    #[cfg(feature = "postgres")]
    if let Some(UnansweredWrite {
        slot,
        pending: Some(pending),
        ..
    }) = answered
    {
        let alone = lock(&slot).end_write(pending);
        POLLED.with_borrow_mut(|call| call.overlapped = !alone);
    }
    #[cfg(not(feature = "postgres"))]
    drop(answered);
}

#[cfg(feature = "postgres")]
pub(super) fn wrote_alone() -> bool {
    POLLED.with_borrow(|call| !call.overlapped)
}

/// Makes a call the polled one of this thread until the guard is dropped; calls may nest.
struct PollGuard<'a>(&'a mut CallState);

impl<'a> PollGuard<'a> {
    fn enter(state: &'a mut CallState) -> Self {
        POLLED.with_borrow_mut(|polled| std::mem::swap(polled, state));
        Self(state)
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        POLLED.with_borrow_mut(|polled| std::mem::swap(polled, self.0));
    }
}

impl Drop for CallState {
    /// A future that is dropped while its write is unanswered leaves open whether the write was done.
    fn drop(&mut self) {
        let Some(write) = self.unanswered.take() else {
            return;
        };
        let mut slot = lock(&write.slot);
        #[cfg(feature = "postgres")]
        if let Some(pending) = write.pending {
            let _ = slot.end_write(pending);
        }
        slot.note_dropped_write(write.invalidation);
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    #[track_caller]
    fn here() -> &'static Location<'static> {
        Location::caller()
    }

    #[test]
    fn each_call_remembers_its_own_caller() {
        let call = |location| {
            let mut polls = 0;
            Box::pin(run(poll_fn(move |_| {
                polls += 1;
                if polls == 1 {
                    set_caller(location);
                    return Poll::Pending;
                }
                Poll::Ready(caller())
            })))
        };
        let (one_caller, other_caller) = (here(), here());
        let (mut one, mut other) = (call(one_caller), call(other_caller));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(one.as_mut().poll(context).is_pending());
        assert!(other.as_mut().poll(context).is_pending());
        assert_eq!(caller(), None, "between polls no call is polled");
        assert_eq!(one.as_mut().poll(context), Poll::Ready(Some(one_caller)));
        assert_eq!(
            other.as_mut().poll(context),
            Poll::Ready(Some(other_caller))
        );
    }
}
