//! Statements that write, with every row held, after which loads are compared with plain Diesel's.

use diesel::connection::SimpleConnection;

use crate::db::{Database, Recorder};
use crate::mapped;
use crate::models::*;
use crate::world::World;

/// Runs `write`, with every row held, and checks that loads see it.
macro_rules! seen {
    ($conn:expr, $what:expr, $write:expr) => {{
        let conn = &mut *$conn;
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let remarks = Remark::cached().load(conn).unwrap();
        #[allow(clippy::redundant_closure_call)]
        $write(conn);
        if let Err(stale) = conn.check() {
            panic!("{}: {stale}", $what);
        }
        drop((held, remarks));
    }};
}
pub(super) use seen;

/// Sends each of these statements alone, to rows that are there anew, and checks that loads see it.
pub(super) fn raw<C: World>(conn: &mut C, statements: &[&str]) {
    conn.empty();
    for sql in statements {
        seed_small(conn);
        seen_raw(conn, sql);
        conn.empty();
    }
}

fn seen_raw<C: World>(conn: &mut C, sql: &str) {
    let held = conn.hold_all();
    conn.batch_execute(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    if let Err(stale) = conn.check() {
        panic!("{sql}: {stale}");
    }
    drop(held);
}

/// Two users, six posts and six comments.
pub(super) fn seed_small<C: SimpleConnection>(conn: &mut C) {
    seed(conn, 2, 6);
    seed_comments(conn, 6, 6);
}

/// A connection to the rows of [`seed_small`].
pub(super) fn small<D: Database>(db: &D) -> (D::Conn, Recorder) {
    let (mut conn, sent) = mapped(db.connect(), db.url());
    seed_small(&mut conn);
    (conn, sent)
}
