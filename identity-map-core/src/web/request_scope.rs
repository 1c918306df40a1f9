//! The middleware's options: [`RequestScope`].

use crate::map::Retain;
use crate::scope::{Scope, ScopeBuilder};

/// Opens a scope for each request: a `tower::Layer`, an actix-web middleware and a Rocket fairing.
///
/// It is [`Scope::builder`] for requests, and copied as lightly. Where one stands inside
/// another, the inner one opens a scope of its own, which shadows the outer one until its
/// response is done.
///
/// ```
/// use diesel_identity_map::prelude::*;
/// use diesel_identity_map::web::RequestScope;
///
/// let layer = RequestScope::new()
///     .retain(Retain::UntilScopeEnds) // a request that reads the same rows at several places
///     .server_timing(cfg!(debug_assertions));
/// # drop(layer);
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct RequestScope {
    pub(super) scope: ScopeBuilder,
    pub(super) server_timing: bool,
}

impl RequestScope {
    /// Scopes without options, and no header.
    pub fn new() -> Self {
        Self::from(Scope::builder())
    }

    /// What a request's scope keeps alive beyond its holders.
    pub fn retain(self, retain: Retain) -> Self {
        let scope = self.scope.retain(retain);
        Self { scope, ..self }
    }

    /// The scopes are built by `scope`; this replaces what was said by [`retain`](Self::retain).
    ///
    /// ```
    /// # use diesel_identity_map::{Peers, Scope, web::RequestScope};
    /// // In tests: a lazy access that would send a statement is an error.
    /// let layer = RequestScope::new().scope(Scope::builder().peers(Peers::Forbidden));
    /// # drop(layer);
    /// ```
    pub fn scope(self, scope: ScopeBuilder) -> Self {
        Self { scope, ..self }
    }

    /// Sends a `Server-Timing` header, which browsers show in their developer tools beside the
    /// request: how long it took and how long its statements took, in milliseconds, and what the scope's
    /// maps did.
    ///
    /// ```text
    /// Server-Timing: total;dur=8.3, db;dur=2.1, idmap;desc="hits=12 misses=3 statements=2"
    /// ```
    ///
    /// `db` is the sum over the statements of the connections that carry a map, plain Diesel's among
    /// them, from when each was sent until it was answered: where they overlap it can be more than
    /// `total`. Two kinds of plain statements are counted in part only: those that overlap on one shared
    /// connection, and those of a `SyncConnectionWrapper`, which are sent on a thread that knows no request.
    ///
    /// It goes out with the head of the response, so it tells of what happened until the handler
    /// returned, not of a body that loads while it is sent. A header that is already there stays,
    /// and this one is added to it.
    ///
    /// Off unless asked for: it tells every client how much work a request is, and by that whether
    /// a row exists, say. Keep it for development or for clients that you trust.
    pub fn server_timing(self, server_timing: bool) -> Self {
        Self {
            server_timing,
            ..self
        }
    }
}

impl Default for RequestScope {
    fn default() -> Self {
        Self::new()
    }
}

impl From<ScopeBuilder> for RequestScope {
    fn from(scope: ScopeBuilder) -> Self {
        Self {
            scope,
            server_timing: false,
        }
    }
}
