//! By what the time of loads is measured: [`Clock`].

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// The machine's clock, or one that the program has given.
#[derive(Clone, Default)]
pub(crate) struct Clock(Option<Arc<dyn Fn() -> Duration + Send + Sync>>);

/// From when the machine's clock counts.
static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    pub(crate) fn given(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The time since some moment that stays the same.
    pub(crate) fn now(&self) -> Duration {
        match &self.0 {
            Some(now) => now(),
            None => BEGIN.elapsed(),
        }
    }
}
