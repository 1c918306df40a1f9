//! The scope of a request that is under way: [`Open`], and what it tells the client.

use std::time::{Duration, Instant};

use super::RequestScope;
use crate::scope::Scope;

/// The header that browsers read.
pub(super) const SERVER_TIMING: &str = "server-timing";

/// Owns a request's scope; its drop is the end of the scope, whoever else has a handle to it.
///
/// It is moved from the handler's future to the response's body, so that wherever a request
/// breaks off, somebody drops it.
#[derive(Debug)]
pub(super) struct Open {
    scope: Scope,
    /// When the request came in, if the client is told how long it took.
    timed: Option<Instant>,
}

impl RequestScope {
    pub(super) fn open(&self) -> Open {
        Open {
            scope: self.scope.timed(self.server_timing).build(),
            timed: self.server_timing.then(Instant::now),
        }
    }
}

impl Open {
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The value of the header, if it was asked for.
    pub(super) fn server_timing(&self) -> Option<String> {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let total = milliseconds(self.timed?.elapsed());
        let database = milliseconds(self.scope.waited().unwrap_or_default());
        let stats = self.scope.stats();
        Some(format!(
            "total;dur={total:.3}, db;dur={database:.3}, \
             idmap;desc=\"hits={} misses={} statements={}\"",
            stats.hits, stats.misses, stats.statements
        ))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.scope.end();
    }
}
