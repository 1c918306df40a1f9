//! Which objects were loaded together: [`List`].

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};

/// The load that an object came from last, so that its peers can be found; or what the query said
/// of peers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct List(u32);

impl List {
    /// Says nothing: the object stays in the list it is in.
    pub(crate) const NONE: Self = Self(0);
    /// In no list.
    pub(crate) const ALONE: Self = Self(1);
    /// In no list, and no statement may be sent for it alone.
    pub(crate) const FORBIDDEN: Self = Self(2);

    /// A list of its own. Numbers come back after four thousand million loads.
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

/// What a map knows of an object: a weak reference, and its list.
pub(super) struct Entry<M> {
    object: Weak<M>,
    list: AtomicU32,
}

impl<M> Entry<M> {
    pub(super) fn new(object: &Arc<M>, list: List) -> Self {
        Self {
            object: Arc::downgrade(object),
            list: AtomicU32::new(list.0),
        }
    }

    pub(super) fn object(&self) -> Option<Arc<M>> {
        self.object.upgrade()
    }

    pub(super) fn weak(&self) -> &Weak<M> {
        &self.object
    }

    pub(super) fn is_alive(&self) -> bool {
        self.object.strong_count() > 0
    }

    pub(super) fn is(&self, object: &Arc<M>) -> bool {
        self.object.as_ptr() == Arc::as_ptr(object)
    }

    pub(super) fn list(&self) -> List {
        List(self.list.load(Ordering::Relaxed))
    }

    /// The object was met in a load.
    pub(super) fn join(&self, list: List) {
        if list != List::NONE {
            self.list.store(list.0, Ordering::Relaxed);
        }
    }
}
