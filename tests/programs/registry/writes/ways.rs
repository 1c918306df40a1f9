//! The ways in which a test writes: by itself, by plain Diesel, in a transaction, on another connection.

use std::fmt::Debug;

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, TransactionManager};
use diesel_identity_map::prelude::*;

use super::super::check::{First, check, hold_all};
use super::super::held::Held;
use super::super::setup::{Transactions, reset, with_map};
use crate::db::asynchronous::{self, postgres::Db};

/// Writes by the map as plain Diesel does, in each way, and compares the results and all that is found afterwards.
pub(super) fn written<P: Debug, M: Debug>(
    db: &Db,
    plain: impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<P>,
    mapped: impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<M>,
) {
    asynchronous::run(async {
        reset(db).await;
        let expected = format!("{:?}", plain(&mut db.connect().await).await);

        by_itself(db, &expected, &mapped, First::Keys).await;
        by_itself(db, &expected, &plain, First::Reads).await;
        taken_back(db, &expected, &mapped, First::Keys).await;
        committed(db, &expected, &mapped, First::Reads).await;
        on_another_connection(db, &expected, &mapped, First::Keys).await;
    });
}

async fn by_itself<T: Debug>(
    db: &Db,
    expected: &str,
    write: &impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<T>,
    first: First,
) {
    reset(db).await;
    let mut conn = with_map(db).await;
    let mut held = Held::default();
    hold_all(&mut conn, &mut held).await;
    let result = write(&mut conn).await;
    assert_eq!(format!("{result:?}"), expected);
    check(&mut conn, &held, first).await;
}

async fn taken_back<T: Debug>(
    db: &Db,
    expected: &str,
    write: &impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<T>,
    first: First,
) {
    reset(db).await;
    let mut conn = with_map(db).await;
    let conn = &mut conn;
    let mut held = Held::default();
    hold_all(conn, &mut held).await;
    Transactions::begin_transaction(conn).await.unwrap();
    Transactions::begin_transaction(conn).await.unwrap(); // a savepoint, since the write may fail
    let result = write(conn).await;
    assert_eq!(format!("{result:?}"), expected);
    if result.is_err() {
        Transactions::rollback_transaction(conn).await.unwrap();
    } else {
        Transactions::commit_transaction(conn).await.unwrap();
    }
    let inside = check(conn, &held, first).await;
    Transactions::rollback_transaction(conn).await.unwrap();
    check(conn, &inside, first).await;
}

async fn committed<T: Debug>(
    db: &Db,
    expected: &str,
    write: &impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<T>,
    first: First,
) {
    reset(db).await;
    let mut conn = with_map(db).await;
    let conn = &mut conn;
    let mut held = Held::default();
    hold_all(conn, &mut held).await;
    Transactions::begin_transaction(conn).await.unwrap();
    let result = write(conn).await;
    assert_eq!(format!("{result:?}"), expected);
    if result.is_err() {
        Transactions::rollback_transaction(conn).await.unwrap();
        check(conn, &held, first).await;
        return;
    }
    let inside = check(conn, &held, first).await;
    Transactions::commit_transaction(conn).await.unwrap();
    check(conn, &inside, first).await;
}

/// In one scope, as the handlers of one request.
async fn on_another_connection<T: Debug>(
    db: &Db,
    expected: &str,
    write: &impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<T>,
    first: First,
) {
    reset(db).await;
    let (mut one, mut other) = (with_map(db).await, with_map(db).await);
    let work = async {
        let mut held = Held::default();
        hold_all(&mut one, &mut held).await;
        let result = write(&mut other).await;
        assert_eq!(format!("{result:?}"), expected);
        let found = check(&mut one, &held, first).await;
        check(&mut other, &found, first).await;
    };
    work.in_identity_scope(Scope::new()).await;
}
