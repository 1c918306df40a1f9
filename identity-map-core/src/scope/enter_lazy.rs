//! Entering a scope that may not be made yet: [`EnteredLazyScope`].

// Without a web framework nobody enters one.
#![cfg_attr(not(any(feature = "tower", feature = "actix-web")), allow(dead_code))]

use super::current::{leave, push};
use super::lazy::LazyScope;

/// Enters a scope that may not be made yet, as [`Scope::enter`](super::Scope::enter) does with one that
/// is.
#[inline]
pub(crate) fn enter(lazy: &mut Option<LazyScope>) -> EnteredLazyScope<'_> {
    EnteredLazyScope {
        entry: push(lazy.take()),
        lazy,
    }
}

/// A guard that has to be [left](Self::leave). If it is dropped instead, by a panic, the scope ends, and
/// the rest of the code that panicked runs in the ended scope.
pub(crate) struct EnteredLazyScope<'a> {
    entry: u64,
    lazy: &'a mut Option<LazyScope>,
}

impl EnteredLazyScope<'_> {
    /// Leaves the scope and puts it back, made or not.
    #[inline]
    pub(crate) fn leave(self) {
        *self.lazy = leave(self.entry);
        std::mem::forget(self);
    }
}

impl Drop for EnteredLazyScope<'_> {
    fn drop(&mut self) {
        let mut left = leave(self.entry);
        if let Some(lazy) = &mut left {
            lazy.get().end();
        }
        *self.lazy = left;
    }
}
