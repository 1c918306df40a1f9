//! Whose events a shared connection tells: [`EventOrigin`].
//!
//! A connection that several futures share lets nobody at its instrumentation, but it calls the
//! instrumentation on the thread that asks it to send something, at once. So a thread says here what it
//! is about to do, and the slot, when it is called, finds it here.

use std::cell::{Cell, RefCell};
use std::panic::Location;

use super::shared_slot::SharedSlot;

/// Whose events this thread's connections tell now.
#[derive(Clone, Copy)]
pub(super) enum EventOrigin {
    /// The program's.
    Program,
    /// Nobody's: somebody asks for the slot.
    SlotRequest,
    /// This library's own, called for from there.
    Library(Option<&'static Location<'static>>),
}

thread_local! {
    static ORIGIN: Cell<EventOrigin> = const { Cell::new(EventOrigin::Program) };
    static REQUESTED_SLOT: RefCell<Option<SharedSlot>> = const { RefCell::new(None) };
}

/// Restores the origin that was before.
struct Restore(EventOrigin);

impl Restore {
    fn after(origin: EventOrigin) -> Self {
        Self(ORIGIN.replace(origin))
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        ORIGIN.set(self.0);
    }
}

/// The slot of a connection that carries one; `send` asks the connection to send something.
pub(crate) fn request_slot(send: impl FnOnce()) -> Option<SharedSlot> {
    REQUESTED_SLOT.set(None);
    let _restore = Restore::after(EventOrigin::SlotRequest);
    send();
    REQUESTED_SLOT.take()
}

/// What the connection tells while `send` runs is about a statement of this library's, which the
/// program has called for at `call_site`.
pub(crate) fn as_library<T>(
    call_site: Option<&'static Location<'static>>,
    send: impl FnOnce() -> T,
) -> T {
    let _restore = Restore::after(EventOrigin::Library(call_site));
    send()
}

pub(super) fn now() -> EventOrigin {
    ORIGIN.get()
}

/// Gives the slot to whoever requests it, and says whether somebody does.
pub(super) fn answer_request(slot: impl FnOnce() -> SharedSlot) -> bool {
    let requested = matches!(now(), EventOrigin::SlotRequest);
    if requested {
        REQUESTED_SLOT.set(Some(slot()));
    }
    requested
}
