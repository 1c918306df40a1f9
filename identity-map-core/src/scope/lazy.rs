//! A scope that is made when somebody asks for it: [`Lazy`].

// Without a web framework nobody plans one.
#![cfg_attr(not(any(feature = "tower", feature = "actix-web")), allow(dead_code))]

use std::sync::Arc;

use super::current::{leave, push};
use super::{Scope, ScopeBuilder};

/// What is opened on behalf of somebody who may not need it, as a request's scope is.
#[derive(Debug)]
pub(crate) enum Lazy {
    /// Shared, since it is moved in and out on every poll.
    Planned(Arc<ScopeBuilder>),
    Made(Scope),
}

impl Lazy {
    /// The scope, which is made now if it was not.
    pub(crate) fn get(&mut self) -> Scope {
        match self {
            Self::Made(scope) => scope.clone(),
            Self::Planned(builder) => {
                let scope = builder.build();
                *self = Self::Made(scope.clone());
                scope
            }
        }
    }

    /// The scope, if somebody has asked for it.
    pub(crate) fn made(&self) -> Option<&Scope> {
        match self {
            Self::Made(scope) => Some(scope),
            Self::Planned(_) => None,
        }
    }
}

/// Enters a scope that is not this thread's yet, [like](Scope::enter) one that is made.
#[inline]
pub(crate) fn enter(lazy: &mut Option<Lazy>) -> EnteredLazy<'_> {
    EnteredLazy {
        entry: push(lazy.take()),
        lazy,
    }
}

/// Wants to be [left](Self::leave); if it is dropped instead, by a panic, the scope ends, and whatever is
/// left of who panicked is in the ended one.
pub(crate) struct EnteredLazy<'a> {
    entry: u64,
    lazy: &'a mut Option<Lazy>,
}

impl EnteredLazy<'_> {
    /// Gives the scope back as what has become of it.
    #[inline]
    pub(crate) fn leave(self) {
        *self.lazy = leave(self.entry);
        std::mem::forget(self);
    }
}

impl Drop for EnteredLazy<'_> {
    fn drop(&mut self) {
        let mut left = leave(self.entry);
        if let Some(lazy) = &mut left {
            lazy.get().end();
        }
        *self.lazy = left;
    }
}
