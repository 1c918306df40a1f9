//! Whose events a shared connection reports: [`EventOrigin`].
//!
//! A connection that several futures share gives no access to its instrumentation. But it calls the
//! instrumentation at once, on the thread that asks it to send something. So that thread says here
//! whose event is to come, and the slot reads it here when it is called.

use std::cell::{Cell, RefCell};
use std::panic::Location;

use super::shared_slot::SharedSlot;

/// Whose events this thread's connections report now.
#[derive(Clone, Copy)]
pub(super) enum EventOrigin {
    /// The program's.
    Program,
    /// Nobody's: the event only asks for the slot.
    SlotRequest,
    /// A statement's that reads the catalogue: nobody counts it.
    Catalogue,
    /// This library's own, for a call of the program's in this line.
    Library(Option<&'static Location<'static>>),
}

thread_local! {
    static ORIGIN: Cell<EventOrigin> = const { Cell::new(EventOrigin::Program) };
    static REQUESTED_SLOT: RefCell<Option<SharedSlot>> = const { RefCell::new(None) };
}

/// Restores an earlier origin when it is dropped.
struct RestoreOrigin(EventOrigin);

impl RestoreOrigin {
    fn after(origin: EventOrigin) -> Self {
        Self(ORIGIN.replace(origin))
    }
}

impl Drop for RestoreOrigin {
    fn drop(&mut self) {
        ORIGIN.set(self.0);
    }
}

/// The slot of a shared connection, if it carries one; `send` makes the connection report an event.
pub(crate) fn request_slot(send: impl FnOnce()) -> Option<SharedSlot> {
    REQUESTED_SLOT.set(None);
    let _restore = RestoreOrigin::after(EventOrigin::SlotRequest);
    send();
    REQUESTED_SLOT.take()
}

/// Runs `send`. What the connection reports meanwhile is about a statement of this library's, for which
/// the program has called at `call_site`.
pub(crate) fn as_library<T>(
    call_site: Option<&'static Location<'static>>,
    send: impl FnOnce() -> T,
) -> T {
    let _restore = RestoreOrigin::after(EventOrigin::Library(call_site));
    send()
}

/// Runs `send`, which sends a statement that reads the catalogue.
pub(crate) fn as_catalogue<T>(send: impl FnOnce() -> T) -> T {
    let _restore = RestoreOrigin::after(EventOrigin::Catalogue);
    send()
}

pub(super) fn current() -> EventOrigin {
    ORIGIN.get()
}

/// Gives the slot to [`request_slot`] if that waits for it, and says whether it does.
pub(super) fn answer_request(slot: impl FnOnce() -> SharedSlot) -> bool {
    let requested = matches!(current(), EventOrigin::SlotRequest);
    if requested {
        REQUESTED_SLOT.set(Some(slot()));
    }
    requested
}
