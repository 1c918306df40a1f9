//! The objects that were loaded together: [`PeerGroup`], and the [`Address`]es of its members.

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

/// Where an object is, by four bytes of its pointer. Two objects share an address only if they are a
/// multiple of 32 GiB apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address(u32);

impl Address {
    pub(crate) fn of<M: ?Sized>(object: *const M) -> Self {
        #[allow(clippy::cast_possible_truncation)] // that is the four bytes
        Self((object.cast::<()>().addr() >> 3) as u32)
    }
}
