//! Who is told of a connection's statements: logs, the program's own instrumentation, and the scope,
//! which counts statements by the line that called for them.

use std::panic::Location;

use diesel::connection::Instrumentation;

use super::statement_log::{StatementLog, StatementLogs};
use crate::map::Clock;
use crate::scope::{Scope, WeakScope};

/// Who is told of the statements, and where the program has called for them.
pub(super) struct Reporting {
    /// The program's own instrumentation, which gets every event.
    pub(super) inner: Option<Box<dyn Instrumentation>>,
    pub(super) logs: StatementLogs,
    /// By what loads are timed.
    pub(super) clock: Clock,
    /// Where the program has called the method that sends statements now.
    call_site: Option<&'static Location<'static>>,
    /// The scope of that call. A thread that sends statements for another is in no scope itself.
    call_scope: Option<WeakScope>,
    /// Whether statements are sent on another thread; `None` until the library has used this connection.
    sends_on_other_thread: Option<bool>,
}

impl Reporting {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        Self {
            inner,
            logs: StatementLogs::default(),
            clock: Clock::default(),
            call_site: None,
            call_scope: None,
            sends_on_other_thread: None,
        }
    }

    pub(super) fn record(&mut self) -> StatementLog {
        self.logs.open()
    }

    /// The program has called for the statements that follow, in the current scope.
    pub(super) fn begin_call(
        &mut self,
        call_site: &'static Location<'static>,
        on_other_thread: bool,
    ) {
        self.call_site = Some(call_site);
        self.call_scope = Scope::current().map(|scope| scope.downgrade());
        self.sends_on_other_thread = Some(on_other_thread);
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(super) fn set_call_site(&mut self, call_site: Option<&'static Location<'static>>) {
        self.call_site = call_site;
    }

    pub(super) fn call_site(&self) -> Option<&'static Location<'static>> {
        self.call_site
    }

    /// The scope of this thread, else the one in which this connection was used last.
    pub(super) fn scope(&self) -> Option<Scope> {
        Scope::current().or_else(|| self.call_scope.as_ref()?.upgrade())
    }

    /// Whether statements may be sent on a thread that is in no scope itself.
    pub(super) fn may_send_on_other_thread(&self) -> bool {
        self.sends_on_other_thread.unwrap_or_else(is_tokio_worker)
    }
}

/// Whether this may be a thread of tokio's, judged by its name. On such a thread a
/// `SyncConnectionWrapper` sends its statements.
fn is_tokio_worker() -> bool {
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
        scope.in_scope(|| reporting.begin_call(Location::caller(), true));
        assert_eq!(reporting.scope(), Some(scope.clone()));
        assert!(reporting.may_send_on_other_thread());
        drop(scope);
        assert_eq!(reporting.scope(), None, "a scope is not kept");
    }
}
