//! The log of the hooks that ran on this thread, and what a test has them do the next time.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use diesel::prelude::*;
use diesel::result::Error;

/// What a test has a hook do with its connection.
type Act = Rc<dyn Fn(&mut dyn Any) -> QueryResult<()>>;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static ACTS: RefCell<Vec<(String, Act)>> = const { RefCell::new(Vec::new()) };
}

/// Notes the event of a hook, and does what a test asked of the hook.
pub(super) fn happened(event: String, conn: &mut dyn Any) -> QueryResult<()> {
    LOG.with_borrow_mut(|log| log.push(event.clone()));
    let act = ACTS.with_borrow_mut(|acts| {
        let at = acts.iter().position(|(on, _)| event.starts_with(on))?;
        Some(acts.remove(at).1)
    });
    act.map_or(Ok(()), |act| act(conn))
}

/// The events on this thread since the log was last taken.
pub(super) fn log() -> Vec<String> {
    LOG.with_borrow_mut(std::mem::take)
}

/// The [`log`] in a fixed order, for rows that the database may order as it likes.
pub(super) fn sorted_log() -> Vec<String> {
    let mut log = log();
    log.sort();
    log
}

/// The events of the [`log`] that tell of a commit.
pub(super) fn commits() -> Vec<String> {
    let mut log = log();
    log.retain(|event| event.contains("after_commit"));
    log
}

/// Has the next hook whose event begins with `event` run `act`.
pub(super) fn once<C: 'static>(event: &str, act: impl Fn(&mut C) -> QueryResult<()> + 'static) {
    let act: Act = Rc::new(move |conn| act(conn.downcast_mut().unwrap()));
    ACTS.with_borrow_mut(|acts| acts.push((event.to_owned(), act)));
}

pub(super) fn fail_once<C: 'static>(event: &str) {
    once::<C>(event, |_| Err(refusal()));
}

pub(super) fn panic_once<C: 'static>(event: &str) {
    once::<C>(event, |_| panic!("a hook that panics"));
}

/// Whether every `act` has run. Those that have not are forgotten.
pub(super) fn nothing_left_to_do() -> bool {
    ACTS.with_borrow_mut(std::mem::take).is_empty()
}

pub(super) fn refusal() -> Error {
    Error::QueryBuilderError("a hook's own error".into())
}

pub(super) fn is_refusal(error: &Error) -> bool {
    error.to_string() == "a hook's own error"
}
