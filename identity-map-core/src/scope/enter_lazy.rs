//! Entering a scope that may not be made yet: [`EnteredLazyScope`].

// Without a web framework nobody plans one.
#![cfg_attr(not(any(feature = "tower", feature = "actix-web")), allow(dead_code))]

use super::current::{leave, push};
use super::lazy::LazyScope;

/// Enters a scope that is not this thread's yet, [like](Scope::enter) one that is made.
#[inline]
pub(crate) fn enter(lazy: &mut Option<LazyScope>) -> EnteredLazyScope<'_> {
    EnteredLazyScope {
        entry: push(lazy.take()),
        lazy,
    }
}

/// Wants to be [left](Self::leave); if it is dropped instead, by a panic, the scope ends, and whatever is
/// left of who panicked is in the ended one.
pub(crate) struct EnteredLazyScope<'a> {
    entry: u64,
    lazy: &'a mut Option<LazyScope>,
}

impl EnteredLazyScope<'_> {
    /// Gives the scope back as what has become of it.
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
