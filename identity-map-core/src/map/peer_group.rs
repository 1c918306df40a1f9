//! Which load an object came from, and where it is: [`PeerGroup`], [`Address`].

use std::sync::atomic::{AtomicU32, Ordering};

/// The load that an object came from last, by which its peers are found; or what the query said
/// of peers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PeerGroup(u32);

impl PeerGroup {
    /// Says nothing: the object stays in the group it is in.
    pub(crate) const NONE: Self = Self(0);
    /// In no group.
    pub(crate) const ALONE: Self = Self(1);
    /// In no group, and no statement may be sent for it alone.
    pub(crate) const FORBIDDEN: Self = Self(2);

    /// A group of its own. Numbers come back after four thousand million loads.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(next % (u32::MAX - 2) + 3)
    }

    /// Whether there may be others in it.
    pub(crate) fn has_peers(self) -> bool {
        self.0 > Self::FORBIDDEN.0
    }
}

/// Where an object is: four bytes of its address. Two objects have the same only if they are a multiple
/// of 32 GiB apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address(u32);

impl Address {
    pub(crate) fn of<M>(object: *const M) -> Self {
        #[allow(clippy::cast_possible_truncation)] // that is the four bytes
        Self((object.addr() >> 3) as u32)
    }
}
