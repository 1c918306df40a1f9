//! What the tests of hooks start from.

use diesel::connection::{LoadConnection, TransactionManager};
use diesel::dsl::Eq;
use diesel::prelude::*;

use crate::db::{Database, Recorder};
use crate::models::seed_comments;
use crate::schema::*;
use crate::seeded;

use super::log::{log, nothing_left_to_do};

/// A connection to two users, four posts and eight comments. Nothing is noted yet, and no hook has
/// been asked for anything.
pub(super) fn noted<D: Database>(db: &D) -> (D::Conn, Recorder) {
    nothing_left_to_do();
    let (mut conn, sent) = seeded(db, 2, 4);
    seed_comments(&mut conn, 4, 8);
    log();
    (conn, sent)
}

pub(super) type New<'a> = (
    Eq<posts::id, i32>,
    Eq<posts::user_id, i32>,
    Eq<posts::title, &'a str>,
    Eq<posts::body, &'a str>,
);

pub(super) fn new(id: i32) -> New<'static> {
    (
        posts::id.eq(id),
        posts::user_id.eq(1),
        posts::title.eq("new"),
        posts::body.eq("body"),
    )
}

/// The rows as a connection without a map reads them.
pub(super) fn rows<C>(conn: &mut C) -> Vec<(i32, String, i32)>
where
    C: LoadConnection,
    for<'q> diesel::dsl::Order<
        diesel::dsl::Select<posts::table, (posts::id, posts::title, posts::score)>,
        posts::id,
    >: diesel::query_dsl::LoadQuery<'q, C, (i32, String, i32)>,
{
    posts::table
        .select((posts::id, posts::title, posts::score))
        .order(posts::id)
        .load(conn)
        .unwrap()
}

pub(super) fn roll_back<C: Connection>(conn: &mut C) {
    while C::TransactionManager::transaction_manager_status_mut(conn)
        .transaction_depth()
        .unwrap()
        .is_some()
    {
        C::TransactionManager::rollback_transaction(conn).unwrap();
    }
}
