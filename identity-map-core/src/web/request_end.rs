//! Where the scope of a request ends, also if the client goes away: [`RequestGuard`].

use std::time::Instant;

use super::server_timing::header_value;
#[cfg(any(feature = "tower", feature = "actix-web"))]
use crate::scope::{EnteredLazyScope, enter};
use crate::scope::{LazyScope, Scope};

/// Owns the scope of a request. When the guard is dropped the scope ends, whoever else has a handle.
///
/// It is moved from the handler's future to the body of the response. So it is dropped when the body
/// has been sent, and also when the handler fails or panics, or the client goes away.
#[derive(Debug)]
pub(super) struct RequestGuard {
    /// `None` while it is entered.
    scope: Option<LazyScope>,
    /// When the request came in, if the client is told how long it took.
    start: Option<Instant>,
}

impl RequestGuard {
    pub(super) fn new(scope: LazyScope, server_timing: bool) -> Self {
        Self {
            scope: Some(scope),
            start: server_timing.then(Instant::now),
        }
    }

    #[cfg(any(feature = "tower", feature = "actix-web"))]
    #[inline]
    pub(super) fn enter(&mut self) -> EnteredLazyScope<'_> {
        enter(&mut self.scope)
    }

    /// The scope, if somebody has used it.
    pub(super) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref().and_then(LazyScope::made)
    }

    /// The value of the `Server-Timing` header, if the client is told.
    pub(super) fn server_timing(&self) -> Option<String> {
        Some(header_value(self.start?, self.scope()))
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(scope) = self.scope() {
            scope.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_ends_with_its_guard_though_others_have_it() {
        let scope = Scope::new();
        let guard = RequestGuard::new(LazyScope::Made(scope.clone()), false);
        assert!(guard.server_timing().is_none());
        assert!(!scope.has_ended());
        drop(guard);
        assert!(scope.has_ended());
    }
}
