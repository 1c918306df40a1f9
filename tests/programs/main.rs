//! Programs in the manner of large servers on `AsyncPgConnection`: each function once by plain Diesel, which is the
//! oracle, and once by the map.

// A test that cannot go on says so, and is read more often than it is polished.
#![allow(clippy::unwrap_used, clippy::pedantic)]
#![allow(dead_code, unused_imports, unused_macros)] // of what the tests have in common

#[path = "../common/db/mod.rs"]
mod db;
mod links;
#[path = "../common/models.rs"]
mod models;
mod registry;
#[path = "../common/schema.rs"]
mod schema;

use db::Recorder;
use diesel::Connection;
use diesel_identity_map::{IdentityMapConnection, MapOptions};

/// Enables the map on a connection as one to the database `name`; the recorder sees its statements.
fn mapped<C: Connection>(mut conn: C, name: &str) -> (C, Recorder) {
    let recorder = Recorder::default();
    let options = MapOptions::new()
        .database(name)
        .instrumentation(recorder.clone());
    conn.enable_identity_map_with(options);
    (conn, recorder)
}
