//! A scope that is made when somebody asks for it: [`LazyScope`].

// Without a web framework nobody makes one.
#![cfg_attr(not(any(feature = "tower", feature = "actix-web")), allow(dead_code))]

use std::sync::Arc;

use super::builder::ScopeBuilder;
use super::identity_scope::Scope;

/// A scope that is opened on behalf of somebody who may not need it, as a request's scope is.
#[derive(Debug)]
pub(crate) enum LazyScope {
    /// Behind an `Arc`, since it is moved in and out on every poll.
    Planned(Arc<ScopeBuilder>),
    Made(Scope),
}

impl LazyScope {
    /// The scope, which is made now if it was not made before.
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
