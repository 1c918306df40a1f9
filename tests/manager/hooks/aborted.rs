//! A transaction that PostgreSQL has aborted: its end is no commit, whatever the program calls it.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::IdentityMapped;

use crate::db::postgres::{Conn, Db};
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

fn abort(conn: &mut Conn) {
    assert!(
        diesel::sql_query("SELECT no_such_column")
            .execute(conn)
            .is_err()
    );
}

#[test]
fn after_commit_never_follows_a_commit_that_rolled_back_in_silence() {
    let db = Db::new();
    let (conn, _) = &mut noted(&db);
    let held = hold!(conn);
    // Diesel may report it or not: the database has rolled back.
    let _ended = conn.transaction(|conn| {
        Noted::cached().insert(new(50), conn)?;
        Noted::cached().update(&held.noted[1], posts::title.eq("lost"), conn)?;
        abort(conn);
        QueryResult::Ok(())
    });
    assert_eq!(commits(), [""; 0]);
    assert_eq!(
        Noted::cached().find(50).first(conn).unwrap_err(),
        Error::NotFound
    );
    assert_eq!(Noted::cached().find(2).first(conn).unwrap().title, "post 2");
    held.assert_others_still(2, "an aborted transaction", conn);
    Noted::cached().insert(new(50), conn).unwrap();
    assert_eq!(log().last().unwrap(), "after_commit Created 50");
}

#[test]
fn a_savepoint_that_is_rolled_back_heals_the_transaction() {
    let db = Db::new();
    let (conn, _) = &mut noted(&db);
    conn.transaction(|conn| {
        let kept = Noted::cached().insert(new(50), conn)?;
        let inner: QueryResult<()> = conn.transaction(|conn| {
            Noted::cached().insert(new(51), conn)?;
            abort(conn);
            Err(Error::RollbackTransaction)
        });
        assert!(inner.is_err());
        assert!(Arc::ptr_eq(&kept, &Noted::cached().find(50).first(conn)?));
        QueryResult::Ok(())
    })
    .unwrap();
    assert_eq!(commits(), ["after_commit Created 50"]);
}

#[test]
fn a_hook_that_aborts_and_says_nothing() {
    let db = Db::new();
    let (conn, _) = &mut noted(&db);
    let held = hold!(conn);
    once("post_save updated 2", |conn: &mut Conn| {
        abort(conn);
        Ok(())
    });
    let _ended = Noted::cached().update(&held.noted[1], posts::title.eq("lost"), conn);
    assert_eq!(commits(), [""; 0]);
    assert_eq!(rows(conn)[1].1, "post 2");
    assert_eq!(Noted::cached().find(2).first(conn).unwrap().title, "post 2");
    held.assert_others_still(2, "aborted by a hook", conn);
}
