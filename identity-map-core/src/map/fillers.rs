//! Which connections have put objects into a store, and when: [`Fillers`].
//!
//! A transaction that reads a snapshot may not be handed what another connection has read or written
//! since. One pair of moments answers that for every connection, however many there are.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::stamp::Stamp;
use crate::lock::lock;

/// Who puts objects into maps: a connection, or the program itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Filler(u64);

impl Filler {
    /// The program, by the methods of the map.
    pub(crate) const PROGRAM: Self = Self(0);

    /// A new connection.
    pub(crate) fn connection() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// When a store was filled last, by whom, and when by anybody else.
#[derive(Default)]
pub(super) struct Fillers(Mutex<LastFilled>);

#[derive(Default)]
struct LastFilled {
    by: Filler,
    at: Stamp,
    /// When any other than `by` filled it.
    by_others_at: Stamp,
}

impl Fillers {
    /// Notes that `filler` puts objects in from now on. The note comes before the objects.
    pub(super) fn note(&self, filler: Filler) {
        let mut last = lock(&self.0);
        let now = Stamp::of_write();
        if last.by != filler {
            last.by_others_at = last.at;
            last.by = filler;
        }
        last.at = now;
    }

    /// Whether any other than `filler` has put objects in since this moment.
    pub(super) fn has_others_since(&self, filler: Filler, since: Stamp) -> bool {
        let last = lock(&self.0);
        let others_at = if last.by == filler {
            last.by_others_at
        } else {
            last.at
        };
        others_at > since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filler_is_told_of_the_others() {
        let fillers = Fillers::default();
        let [one, other, third] = [(); 3].map(|()| Filler::connection());
        let begin = Stamp::now();
        fillers.note(one);
        assert!(!fillers.has_others_since(one, begin));
        assert!(fillers.has_others_since(other, begin));
        let later = Stamp::now();
        fillers.note(other);
        fillers.note(other);
        assert!(fillers.has_others_since(one, later));
        assert!(fillers.has_others_since(other, begin));
        assert!(!fillers.has_others_since(other, later));
        assert!(fillers.has_others_since(third, later));
        assert!(!fillers.has_others_since(third, Stamp::now()));
    }
}
