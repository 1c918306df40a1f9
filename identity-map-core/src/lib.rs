//! The engine of `diesel-identity-map`; depend on that crate, which re-exports this one.
//!
//! The folders are the chapters of the design, and data flows one way through them:
//! [`query`] builds and runs a statement, [`relation`] what hangs together, [`connection`] says which map it fills,
//! [`map`] holds the objects, [`scope`] says for how long. [`model`] is what the derive writes,
//! [`asynchronous`] drives the same on connections that are awaited, and `web` gives each request a scope.

mod assert_statements;
pub mod asynchronous;
pub mod connection;
pub mod error;
pub mod map;
pub mod model;
pub mod query;
pub mod relation;
pub mod scope;
#[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
pub mod web;
pub mod write;

#[cfg(feature = "async")]
pub use asynchronous::AsyncIdentityMapConnection;
pub use connection::{IdentityMapConnection, MapOptions, StatementLog, install, install_with};
pub use error::IdentityMapError;
pub use map::{IdentityMap, Peers, Retain, Stats};
pub use model::IdentityMapped;
pub use query::{Cached, CachedConnection, LoadMapped, Strategy};
pub use relation::{Children, GroupedByParents, RelatedObject, RelatedObjects, Through, With};
pub use scope::{InIdentityScope, Repeated, Report, Scope};
pub use write::{AsyncHooks, Change, Hooks, Saving};

/// What the derive's expansion names; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::assert_statements::{log_of, sent};
    pub use crate::model::BaseQueryBackend;
    pub use diesel;
}
