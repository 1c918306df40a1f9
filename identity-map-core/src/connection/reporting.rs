//! What is reported of a connection's statements: to logs, to the program's own instrumentation, and to
//! the scope that counts them by the line that called for them.

use std::panic::Location;

use diesel::connection::Instrumentation;

use super::statement_log::{Logs, StatementLog};
use crate::scope::{Scope, WeakScope};

/// Who wants to know of the statements, and where the program has called for them.
pub(super) struct Reporting {
    /// The program's own instrumentation, which gets every event.
    pub(super) inner: Option<Box<dyn Instrumentation>>,
    pub(super) logs: Logs,
    /// Where the program has called the method that sends statements now.
    call_site: Option<&'static Location<'static>>,
    /// The scope in which it did. A statement may be sent on another thread, which knows of no scope.
    called_in: Option<WeakScope>,
    /// Whether it is sent on another thread; `None` until the library was used on this connection.
    sends_elsewhere: Option<bool>,
}

impl Reporting {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        Self {
            inner,
            logs: Logs::default(),
            call_site: None,
            called_in: None,
            sends_elsewhere: None,
        }
    }

    pub(super) fn record(&mut self) -> StatementLog {
        self.logs.open()
    }

    /// Says from where the program has called for the statements that follow.
    pub(super) fn called_from(&mut self, location: &'static Location<'static>, elsewhere: bool) {
        self.call_site = Some(location);
        self.called_in = Scope::current().map(|scope| scope.downgrade());
        self.sends_elsewhere = Some(elsewhere);
    }

    pub(super) fn set_call_site(&mut self, call_site: Option<&'static Location<'static>>) {
        self.call_site = call_site;
    }

    pub(super) fn call_site(&self) -> Option<&'static Location<'static>> {
        self.call_site
    }

    /// The scope of this thread; where there is none, the one in which this connection was used last.
    pub(super) fn scope(&self) -> Option<Scope> {
        Scope::current().or_else(|| self.called_in.as_ref()?.upgrade())
    }

    /// Whether statements may be sent on a thread that knows of no scope.
    pub(super) fn sends_elsewhere(&self) -> bool {
        self.sends_elsewhere.unwrap_or_else(is_thread_of_tokio)
    }
}

/// Whether this may be one of the threads that block in place of async ones: they bear the names of
/// the runtime's workers.
fn is_thread_of_tokio() -> bool {
    let thread = std::thread::current();
    thread.name().is_some_and(|name| name.starts_with("tokio-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_of_the_call_is_known_on_another_thread() {
        let mut reporting = Reporting::new(None);
        let scope = Scope::new();
        scope.in_scope(|| reporting.called_from(Location::caller(), true));
        assert_eq!(reporting.scope(), Some(scope.clone()));
        assert!(reporting.sends_elsewhere());
        drop(scope);
        assert_eq!(reporting.scope(), None, "a scope is not kept");
    }
}
