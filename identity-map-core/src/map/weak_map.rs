//! A weak handle to a map: [`WeakMap`].

use std::sync::{Arc, Weak};

use super::identity_map::{IdentityMap, Inner};

/// A weak handle to a map.
#[derive(Clone)]
pub(crate) struct WeakMap(Weak<Inner>);

impl IdentityMap {
    pub(crate) fn downgrade(&self) -> WeakMap {
        WeakMap(Arc::downgrade(&self.inner))
    }
}

impl WeakMap {
    pub(crate) fn upgrade(&self) -> Option<IdentityMap> {
        self.0.upgrade().map(|inner| IdentityMap { inner })
    }

    pub(crate) fn is(&self, map: &IdentityMap) -> bool {
        self.0.as_ptr() == Arc::as_ptr(&map.inner)
    }
}
