//! A database of the registry, with rows.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

use crate::db::asynchronous::mapped;
use crate::db::asynchronous::postgres::Db;

/// The registry's tables stand where those of the other tests stood.
const SCHEMA: &str = concat!(
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
    include_str!("schema.sql"),
);

/// The rows of the seed, with the keys that they have in a new database.
const ROWS: &str = concat!(
    "TRUNCATE users, teams, packages, categories, keywords, background_jobs, deleted_packages \
     RESTART IDENTITY CASCADE;",
    include_str!("seed.sql"),
);

pub(super) async fn registry() -> Db {
    let db = Db::new();
    let mut conn = db.connect().await;
    conn.batch_execute(SCHEMA).await.unwrap();
    reset(&db).await;
    db
}

/// Puts every row back, by a connection that has no map.
pub(super) async fn reset(db: &Db) {
    let mut conn = db.connect().await;
    conn.batch_execute(ROWS).await.unwrap();
}

/// A connection with a map.
pub(super) async fn with_map(db: &Db) -> AsyncPgConnection {
    mapped(db.connect().await, db.url()).0
}

/// What a transaction is begun and ended by, where a callback would have to be `Send`.
pub(super) type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;
