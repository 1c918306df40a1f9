//! Connections that carry a map.

use diesel::Connection;
use diesel_identity_map::{IdentityMapConnection, MapOptions};

use crate::db::{Database, Recorder};
use crate::models;

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
