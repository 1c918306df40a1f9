//! Measures how long one statement takes: [`WaitTimer`].

use std::time::Instant;

use super::identity_scope::{Scope, WeakScope};

/// Runs while a statement is in flight.
pub(crate) struct WaitTimer {
    scope: WeakScope,
    start: Instant,
}

impl WaitTimer {
    /// Starts, if the scope measures the time.
    pub(crate) fn start(scope: Option<Scope>) -> Option<Self> {
        let scope = scope?;
        scope.wait_time().get()?;
        Some(Self {
            scope: scope.downgrade(),
            start: Instant::now(),
        })
    }

    pub(crate) fn stop(self) {
        if let Some(scope) = self.scope.upgrade() {
            scope.wait_time().add(self.start.elapsed());
        }
    }
}
