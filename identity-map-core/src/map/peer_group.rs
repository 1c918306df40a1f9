//! The objects that were loaded together: [`PeerGroup`].

use std::sync::atomic::{AtomicU32, Ordering};

/// The group of the objects that were loaded together with one object, which are its peers; or that
/// its query wants none.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PeerGroup(u32);

impl PeerGroup {
    /// No group is said: an object stays in the group that it is in.
    pub(crate) const NONE: Self = Self(0);
    /// An object has no peers.
    pub(crate) const ALONE: Self = Self(1);
    /// An object has no peers, and no statement may be sent for it alone.
    pub(crate) const FORBIDDEN: Self = Self(2);

    /// A group that is empty so far. The numbers repeat after four thousand million loads.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(next % (u32::MAX - 2) + 3)
    }

    /// Whether it is a group of objects, and not one of the constants.
    pub(crate) fn has_peers(self) -> bool {
        self.0 > Self::FORBIDDEN.0
    }
}
