//! How long a scope has waited for the database: [`WaitTime`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time that the statements of a scope took, in nanoseconds, if it is measured.
pub(super) struct WaitTime(AtomicU64);

impl WaitTime {
    const NOT_MEASURED: u64 = u64::MAX;

    pub(super) fn new(measured: bool) -> Self {
        Self(AtomicU64::new(if measured {
            0
        } else {
            Self::NOT_MEASURED
        }))
    }

    /// The time so far; `None` if it is not measured.
    pub(super) fn get(&self) -> Option<Duration> {
        let time = self.0.load(Ordering::Relaxed);
        (time != Self::NOT_MEASURED).then(|| Duration::from_nanos(time))
    }

    pub(super) fn add(&self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(0);
        self.0.fetch_add(time, Ordering::Relaxed);
    }
}

impl Default for WaitTime {
    fn default() -> Self {
        Self::new(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_sum_of_what_was_measured() {
        assert_eq!(WaitTime::default().get(), None);
        let measured = WaitTime::new(true);
        assert_eq!(measured.get(), Some(Duration::ZERO));
        measured.add(Duration::from_millis(2));
        measured.add(Duration::from_millis(3));
        assert_eq!(measured.get(), Some(Duration::from_millis(5)));
    }
}
