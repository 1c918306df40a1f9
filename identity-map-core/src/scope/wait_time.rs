//! How long a scope has waited for the database: [`WaitTime`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time that a scope's statements took, in nanoseconds, if somebody wants to know.
pub(super) struct WaitTime(AtomicU64);

impl WaitTime {
    const UNASKED: u64 = u64::MAX;

    pub(super) fn asked(asked: bool) -> Self {
        Self(AtomicU64::new(if asked { 0 } else { Self::UNASKED }))
    }

    pub(super) fn time(&self) -> Option<Duration> {
        let time = self.0.load(Ordering::Relaxed);
        (time != Self::UNASKED).then(|| Duration::from_nanos(time))
    }

    pub(super) fn add(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(0);
        self.0.fetch_add(time, Ordering::Relaxed);
    }
}

impl Default for WaitTime {
    fn default() -> Self {
        Self::asked(false)
    }
}
