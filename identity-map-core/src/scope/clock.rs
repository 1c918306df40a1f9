//! How long a scope has waited for the database: [`Waited`], [`Clock`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Scope, WeakScope};

/// The time that a scope's statements took, in nanoseconds, if somebody wants to know.
pub(super) struct Waited(AtomicU64);

impl Waited {
    const UNASKED: u64 = u64::MAX;

    pub(super) fn asked(asked: bool) -> Self {
        Self(AtomicU64::new(if asked { 0 } else { Self::UNASKED }))
    }

    pub(super) fn time(&self) -> Option<Duration> {
        let time = self.0.load(Ordering::Relaxed);
        (time != Self::UNASKED).then(|| Duration::from_nanos(time))
    }

    fn add(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(0);
        self.0.fetch_add(time, Ordering::Relaxed);
    }
}

impl Default for Waited {
    fn default() -> Self {
        Self::asked(false)
    }
}

/// Runs while a statement is under way.
pub(crate) struct Clock {
    scope: WeakScope,
    start: Instant,
}

impl Clock {
    /// Starts, if the scope wants to know.
    pub(crate) fn start(scope: Option<Scope>) -> Option<Self> {
        let scope = scope?;
        scope.inner.waited.time()?;
        Some(Self {
            scope: scope.downgrade(),
            start: Instant::now(),
        })
    }

    pub(crate) fn stop(self) {
        if let Some(scope) = self.scope.upgrade() {
            scope.inner.waited.add(self.start.elapsed());
        }
    }
}
