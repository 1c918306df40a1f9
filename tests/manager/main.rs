//! What the manager does, on real databases: queries, writes, hooks, related objects. The tests by guarantee are in
//! `tests/it`; in two programs they are compiled side by side.

// A test that cannot go on says so, and is read more often than it is polished.
#![allow(clippy::unwrap_used, clippy::pedantic)]

#[path = "../common/alone.rs"]
mod alone;
#[path = "../common/connect.rs"]
mod connect;
#[path = "../common/db/mod.rs"]
mod db;
#[path = "../common/documents.rs"]
mod documents;
#[path = "../common/installed.rs"]
mod installed;
#[path = "../common/models.rs"]
mod models;
#[path = "../common/schema.rs"]
mod schema;

mod collisions;
mod hooks;
#[cfg(feature = "filter-by-key")]
mod key_in_filter;
mod queries;
mod query_forms;
mod relations;
mod writes;

pub(crate) use connect::{mapped, seeded};
