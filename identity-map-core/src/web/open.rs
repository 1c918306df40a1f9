//! The scope of a request that is under way: [`Open`], and what it tells the client.

#[cfg(any(feature = "tower", feature = "actix-web"))]
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::RequestScope;
use crate::map::Stats;
#[cfg(any(feature = "tower", feature = "actix-web"))]
use crate::scope::EnteredLazyScope;
#[cfg(any(feature = "tower", feature = "actix-web"))]
use crate::scope::enter;
use crate::scope::{LazyScope, Scope, ScopeBuilder};

/// The header that browsers read.
pub(super) const SERVER_TIMING: &str = "server-timing";

/// Owns a request's scope; its drop is the end of the scope, whoever else has a handle to it.
///
/// It is moved from the handler's future to the response's body, so that wherever a request
/// breaks off, somebody drops it.
#[derive(Debug)]
pub(super) struct Open {
    /// `None` while it is entered.
    scope: Option<LazyScope>,
    /// When the request came in, if the client is told how long it took.
    timed: Option<Instant>,
}

/// What a service opens scopes with.
#[cfg(any(feature = "tower", feature = "actix-web"))]
#[derive(Debug, Clone)]
pub(super) struct Opener {
    plan: Arc<ScopeBuilder>,
    server_timing: bool,
}

#[cfg(any(feature = "tower", feature = "actix-web"))]
impl Opener {
    pub(super) fn open(&self) -> Open {
        Open {
            scope: Some(LazyScope::Planned(Arc::clone(&self.plan))),
            timed: self.server_timing.then(Instant::now),
        }
    }
}

impl RequestScope {
    #[cfg(any(feature = "tower", feature = "actix-web"))]
    pub(super) fn opener(&self) -> Opener {
        Opener {
            plan: Arc::new(self.plan()),
            server_timing: self.server_timing,
        }
    }

    /// Opens a scope that will be used.
    #[cfg(feature = "rocket")]
    pub(super) fn open(&self) -> Open {
        Open {
            scope: Some(LazyScope::Made(self.plan().build())),
            timed: self.server_timing.then(Instant::now),
        }
    }

    fn plan(&self) -> ScopeBuilder {
        self.scope.timed(self.server_timing)
    }
}

impl Open {
    #[cfg(any(feature = "tower", feature = "actix-web"))]
    #[inline]
    pub(super) fn enter(&mut self) -> EnteredLazyScope<'_> {
        enter(&mut self.scope)
    }

    /// The scope, if somebody has used it.
    pub(super) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref().and_then(LazyScope::made)
    }

    /// The value of the header, if it was asked for.
    pub(super) fn server_timing(&self) -> Option<String> {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let total = milliseconds(self.timed?.elapsed());
        let database = self.scope().and_then(Scope::waited);
        let database = milliseconds(database.unwrap_or_default());
        let stats = self.scope().map_or_else(Stats::default, Scope::stats);
        Some(format!(
            "total;dur={total:.3}, db;dur={database:.3}, \
             idmap;desc=\"hits={} misses={} statements={}\"",
            stats.hits, stats.misses, stats.statements
        ))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(scope) = self.scope() {
            scope.end();
        }
    }
}
