//! One call of this library on a connection that is awaited: [`Call`].

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

/// What a future must remember by itself: the write that it waits for, which it says when it is dropped;
/// and on a connection that others share where the call came from.
#[derive(Default)]
struct Call {
    #[cfg(feature = "postgres")]
    from: Option<&'static Location<'static>>,
    writing: Option<Writing>,
    /// Another write was under way while the last one was.
    #[cfg(feature = "postgres")]
    overlapped: bool,
}

/// A write that is not answered yet.
pub(super) struct Writing {
    pub(super) slot: SharedSlot,
    pub(super) touched: Invalidation,
    /// On a connection that others share.
    #[cfg(feature = "postgres")]
    pub(super) begun: Option<PendingWriteId>,
}

thread_local! {
    /// The call that is polled now.
    static POLLED: RefCell<Call> = RefCell::default();
}

/// Runs what a method does as a call of its own.
pub(super) async fn run<F: Future>(work: F) -> F::Output {
    // The work is dropped first: it may wait for its statement then.
    let mut call = Call::default();
    let mut work = pin!(work);
    poll_fn(|context| {
        let _polled = Polled::begin(&mut call);
        work.as_mut().poll(context)
    })
    .await
}

#[cfg(feature = "postgres")]
pub(super) fn from() -> Option<&'static Location<'static>> {
    POLLED.with_borrow(|call| call.from)
}

#[cfg(feature = "postgres")]
pub(super) fn set_from(location: &'static Location<'static>) {
    POLLED.with_borrow_mut(|call| call.from = Some(location));
}

pub(super) fn begin_write(writing: Option<Writing>) {
    POLLED.with_borrow_mut(|call| call.writing = writing);
}

/// The write has been answered: whoever sent it knows what it touched.
pub(super) fn end_write() {
    let written = POLLED.with_borrow_mut(|call| call.writing.take());
    #[cfg(feature = "postgres")]
    if let Some(Writing {
        slot,
        begun: Some(begun),
        ..
    }) = written
    {
        let alone = lock(&slot).end_write(begun);
        POLLED.with_borrow_mut(|call| call.overlapped = !alone);
    }
    #[cfg(not(feature = "postgres"))]
    drop(written);
}

#[cfg(feature = "postgres")]
pub(super) fn wrote_alone() -> bool {
    POLLED.with_borrow(|call| !call.overlapped)
}

/// Ends the poll of a call.
struct Polled<'a>(&'a mut Call);

impl<'a> Polled<'a> {
    fn begin(call: &'a mut Call) -> Self {
        POLLED.with_borrow_mut(|polled| std::mem::swap(polled, call));
        Self(call)
    }
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        POLLED.with_borrow_mut(|polled| std::mem::swap(polled, self.0));
    }
}

impl Drop for Call {
    /// The future is dropped half-way: the write has happened, or not.
    fn drop(&mut self) {
        let Some(writing) = self.writing.take() else {
            return;
        };
        let mut slot = lock(&writing.slot);
        #[cfg(feature = "postgres")]
        if let Some(begun) = writing.begun {
            let _ = slot.end_write(begun);
        }
        slot.note_dropped_write(writing.touched);
    }
}
