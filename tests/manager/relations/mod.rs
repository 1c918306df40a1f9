//! Related objects: parents, children, and what lies beyond a join model.

mod belonging;
mod children;
mod eager;
mod errors;
mod lazy;
mod lazy_fresh;
mod lists;
mod many;
mod mapped;
mod mapped_values;
mod memory;
mod oracle;
mod parents;
mod scopes;
mod spelling;
mod through;
mod tree;

use std::cell::Cell;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{FromSql, Queryable};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_identity_map::IdentityMapped;

use crate::models::User;
use crate::schema::*;

/// `rows` for `table (columns)`.
pub(super) fn insert<C: SimpleConnection>(conn: &mut C, into: &str, rows: &str) {
    conn.batch_execute(&format!("INSERT INTO {into} VALUES {rows}"))
        .expect("rows go in");
}

/// Reviews: `(id, post, author, editor)`.
pub(super) fn add_reviews<C: SimpleConnection>(conn: &mut C, rows: &str) {
    insert(conn, "reviews (id, post_id, author_id, editor_id)", rows);
}

pub(super) fn add_comments<C: SimpleConnection>(conn: &mut C, rows: &str) {
    insert(
        conn,
        "comments (id, post_id, user_id, parent_id, body)",
        rows,
    );
}

/// The tags 1 to 3, and of the posts 1 to 3: `1: 2 1`, `2: 2 3`, `3: none`.
pub(super) fn tagged<C: SimpleConnection>(conn: &mut C) {
    insert(
        conn,
        "tags (id, name)",
        "(1, 'one'), (2, 'two'), (3, 'three')",
    );
    insert(
        conn,
        "post_tags (post_id, tag_id, position)",
        "(1, 1, 2), (1, 2, 1), (2, 2, 1), (2, 3, 2)",
    );
}

pub(super) fn ids(users: &[Option<Arc<User>>]) -> Vec<Option<i32>> {
    users
        .iter()
        .map(|user| user.as_ref().map(|user| user.id))
        .collect()
}

/// The numbers that a statement binds. A batch repeats its last key until its size is a power of
/// two, so that statements can be used again.
pub(super) fn bound(statement: &str) -> Vec<i32> {
    let binds = statement.split("-- binds: ").nth(1).unwrap_or_default();
    let mut bound: Vec<i32> = binds
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    bound.sort_unstable();
    bound.dedup();
    bound
}

thread_local! {
    static MADE: Cell<usize> = const { Cell::new(0) };
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// A text that counts how many were decoded and how many of them are alive.
#[derive(Debug)]
pub(super) struct Counted;

impl Counted {
    /// How many were decoded on this thread since the last call.
    pub(super) fn made() -> usize {
        MADE.take()
    }

    /// How many of this thread's are alive.
    pub(super) fn alive() -> usize {
        ALIVE.get()
    }
}

impl<DB> Queryable<Text, DB> for Counted
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    type Row = String;

    fn build(_: String) -> diesel::deserialize::Result<Self> {
        MADE.set(MADE.get() + 1);
        ALIVE.set(ALIVE.get() + 1);
        Ok(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

/// A user that is counted.
#[allow(dead_code)] // the name is there to be counted
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = users)]
pub(super) struct Author {
    pub(super) id: i32,
    name: Counted,
}

/// A post that is counted.
#[allow(dead_code)] // the title is there to be counted
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(belongs_to(Author, foreign_key = user_id))]
pub(super) struct Article {
    pub(super) id: i32,
    pub(super) user_id: i32,
    title: Counted,
}
