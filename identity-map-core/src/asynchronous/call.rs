//! One call of this library on a connection that several futures share: [`Call`].

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;

use crate::connection::Touched;
use crate::connection::turn::{Handle, lock};

/// What a connection of one's own remembers in its slot: where the call came from, and the write that
/// it waits for.
#[derive(Default)]
struct Call {
    from: Option<&'static Location<'static>>,
    writing: Option<(Handle, Touched)>,
}

thread_local! {
    /// The call that is polled now.
    static POLLED: RefCell<Call> = RefCell::default();
}

/// Runs what a method does as a call of its own.
pub(super) async fn run<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let mut call = Call::default();
    poll_fn(|context| {
        let _polled = Polled::begin(&mut call);
        work.as_mut().poll(context)
    })
    .await
}

pub(super) fn from() -> Option<&'static Location<'static>> {
    POLLED.with_borrow(|call| call.from)
}

pub(super) fn set_from(location: &'static Location<'static>) {
    POLLED.with_borrow_mut(|call| call.from = Some(location));
}

pub(super) fn set_writing(writing: Option<(Handle, Touched)>) {
    let before = POLLED.with_borrow_mut(|call| std::mem::replace(&mut call.writing, writing));
    // It is answered: whoever sent it knows what it touched.
    drop(before.map(|(handle, _)| handle));
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
        if let Some((handle, touched)) = self.writing.take() {
            lock(&handle).was_dropped(touched);
        }
    }
}
