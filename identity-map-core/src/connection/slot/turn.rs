//! What a thread does on a connection that several futures share.
//!
//! Such a connection lets nobody at its instrumentation, but it calls the instrumentation on the
//! thread that asks it to send something, at once. So a thread says here what it is about to do, and
//! the slot, when it is called, finds it here.

use std::cell::{Cell, RefCell};
use std::panic::Location;

use super::Handle;

/// Whose events the connection tells now.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// The program's.
    Program,
    /// Nobody's: the slot is asked for.
    Asks,
    /// This library's own, called for from there.
    Sends(Option<&'static Location<'static>>),
}

thread_local! {
    static TURN: Cell<Turn> = const { Cell::new(Turn::Program) };
    static ANSWER: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// Ends a turn.
struct Until(Turn);

impl Until {
    fn begin(turn: Turn) -> Self {
        Self(TURN.replace(turn))
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        TURN.set(self.0);
    }
}

/// The slot of a connection that carries one; `send` asks the connection to send something.
pub(crate) fn ask(send: impl FnOnce()) -> Option<Handle> {
    ANSWER.set(None);
    let _turn = Until::begin(Turn::Asks);
    send();
    ANSWER.take()
}

/// What the connection tells meanwhile is about a statement of this library's.
pub(crate) fn sends<T>(call: Option<&'static Location<'static>>, send: impl FnOnce() -> T) -> T {
    let _turn = Until::begin(Turn::Sends(call));
    send()
}

pub(super) fn now() -> Turn {
    TURN.get()
}

/// Answers whoever asks for the slot, and says whether somebody does.
pub(super) fn answer(handle: impl FnOnce() -> Handle) -> bool {
    let asks = matches!(now(), Turn::Asks);
    if asks {
        ANSWER.set(Some(handle()));
    }
    asks
}
