//! How a request gets its scope: [`RequestOpener`] makes a guard for each request.

#[cfg(any(feature = "tower", feature = "actix-web"))]
use std::sync::Arc;

use super::RequestScope;
use super::request_end::RequestGuard;
use crate::scope::{LazyScope, ScopeBuilder};

/// Opens the scopes of the requests that a service handles.
#[cfg(any(feature = "tower", feature = "actix-web"))]
#[derive(Debug, Clone)]
pub(super) struct RequestOpener {
    builder: Arc<ScopeBuilder>,
    server_timing: bool,
}

#[cfg(any(feature = "tower", feature = "actix-web"))]
impl RequestOpener {
    /// Opens a scope that is made when somebody uses it.
    pub(super) fn open(&self) -> RequestGuard {
        let scope = LazyScope::Planned(Arc::clone(&self.builder));
        RequestGuard::new(scope, self.server_timing)
    }
}

impl RequestScope {
    #[cfg(any(feature = "tower", feature = "actix-web"))]
    pub(super) fn opener(&self) -> RequestOpener {
        RequestOpener {
            builder: Arc::new(self.builder()),
            server_timing: self.server_timing,
        }
    }

    /// Opens a scope that is made at once.
    #[cfg(feature = "rocket")]
    pub(super) fn open(&self) -> RequestGuard {
        let scope = LazyScope::Made(self.builder().build());
        RequestGuard::new(scope, self.server_timing)
    }

    fn builder(&self) -> ScopeBuilder {
        self.scope.timed(self.server_timing)
    }
}
