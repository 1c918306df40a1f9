//! Integration tests by guarantee and by capability, on real databases.

// A test that cannot go on says so, and is read more often than it is polished.
#![allow(clippy::unwrap_used, clippy::pedantic)]

mod alone;
mod assert_statements;
#[cfg(feature = "__async-tests")]
mod asynchronous;
mod bound;
mod catalogue;
mod collisions;
#[cfg(all(feature = "__async-tests", feature = "__web-tests"))]
mod compile_fail; // rustc shortens a path where nothing else that is built has the name
mod connections;
mod db;
mod dice;
mod documents;
#[cfg(feature = "__async-tests")]
mod dropped;
mod g1_one_object;
mod g2_diesels_answer;
mod g3_fresh;
mod g4_rollback;
mod g5_nothing_crosses;
mod g6_memory;
mod g7_errors;
mod hooks;
#[cfg(feature = "__async-tests")]
mod isolation;
mod keys;
mod models;
#[cfg(feature = "__async-tests")]
mod pools;
mod queries;
mod relations;
mod repeats;
mod schema;
mod scopes;
mod settings;
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
mod shared;
mod slot;
mod standing;
mod statements;
mod threads;
mod unknown_databases;
mod world;
mod writes;

use db::{Database, Recorder};
use diesel::Connection;
use diesel_identity_map::{IdentityMapConnection, MapOptions};

/// Enables the map on a connection as one to the database `name`; the recorder sees its
/// statements.
pub(crate) fn mapped<C: Connection>(mut conn: C, name: &str) -> (C, Recorder) {
    let recorder = Recorder::default();
    conn.enable_identity_map_with(
        MapOptions::new()
            .database(name)
            .instrumentation(recorder.clone()),
    );
    (conn, recorder)
}

/// A connection to `db`, as [`mapped`] enables it, and so many users and posts: see
/// [`seed`](models::seed).
pub(crate) fn seeded<D: Database>(db: &D, users: usize, posts: usize) -> (D::Conn, Recorder) {
    let (mut conn, sent) = mapped(db.connect(), db.url());
    models::seed(&mut conn, users, posts);
    (conn, sent)
}
