//! The first read of a transaction is the database's, whatever is held: by it a snapshot is taken, and by all
//! that is read a serializable transaction is judged.

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

/// Begins a transaction whose reads repeat: SQLite's all do, MySQL's by default.
macro_rules! begin_snapshot {
    ($conn:ident) => {
        if wait!($conn.batch_execute("SELECT pg_backend_pid()")).is_ok() {
            wait!($conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ")).unwrap();
        } else {
            wait!($conn.batch_execute("BEGIN")).unwrap();
        }
    };
}

macro_rules! title {
    ($conn:ident, $id:literal) => {
        wait!(Post::cached().find($id).first(&mut $conn)).map(|post| post.title.clone())
    };
}

each_connection! {
    /// G2: a read repeats, and rows are of one time, whether the first was held before or not.
    fn a_snapshot_whose_first_read_is_held(db) {
        db.fill(1, 2);
        if wait!(wait!(db.connect()).batch_execute("SELECT sqlite_version()")).is_ok() {
            // So that another connection may write meanwhile.
            wait!(wait!(db.connect()).batch_execute("PRAGMA journal_mode = WAL")).unwrap();
        }
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
        for find_many in [false, true] {
            let new = format!("new {find_many}");
            let before = title!(other, 1).unwrap();
            begin_snapshot!(one);
            if find_many {
                let found = wait!(Post::cached().find_many([1]).load(&mut one)).unwrap();
                assert_eq!(found[0].as_ref().unwrap().title, before);
            } else {
                assert_eq!(title!(one, 1).unwrap(), before);
            }
            wait!(diesel::update(posts::table).set(posts::title.eq(&new)).execute(&mut other)).unwrap();
            assert_eq!(title!(one, 1).unwrap(), before, "the read repeats");
            assert_ne!(title!(one, 2).unwrap(), new, "both rows are of one time");
            wait!(one.batch_execute("COMMIT")).unwrap();
            assert_eq!(title!(one, 2).unwrap(), new);
        }
        drop(held);
    }

    /// G2: of two transactions that each write by what the other has read, one fails.
    fn serializable_transactions_that_read_what_is_held(db) {
        db.fill(1, 2);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return; // The others lock what is read, or refuse to write by an old snapshot.
        }
        let _entered = Scope::new().entered();
        let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
        wait!(one.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE")).unwrap();
        wait!(other.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE")).unwrap();
        title!(one, 1).unwrap();
        wait!(Post::cached().find_many([1]).load(&mut other)).unwrap();
        title!(one, 2).unwrap();
        wait!(Post::cached().find_many([2]).load(&mut other)).unwrap();
        let mut results = Vec::new();
        let change = diesel::update(posts::table.find(1)).set(posts::title.eq("one"));
        results.push(wait!(change.execute(&mut one)).map(drop));
        let change = diesel::update(posts::table.find(2)).set(posts::title.eq("other"));
        results.push(wait!(change.execute(&mut other)).map(drop));
        results.push(wait!(one.batch_execute("COMMIT")));
        results.push(wait!(other.batch_execute("COMMIT")));
        assert!(results.iter().any(Result::is_err), "{results:?}");
        drop(held);
    }

    /// G1: what such a transaction reads itself is held for the rest of it, and is the object of all.
    fn a_serializable_transaction_reads_a_row_once(db) {
        db.fill(1, 2);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        if wait!(conn.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return;
        }
        let held = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        wait!(conn.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE")).unwrap();
        let read = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        let before = sent.count();
        let again = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        assert_eq!(sent.count(), before);
        assert!(Arc::ptr_eq(&held, &read) && Arc::ptr_eq(&read, &again));
        wait!(conn.batch_execute("COMMIT")).unwrap();
        let after = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        assert!(Arc::ptr_eq(&held, &after));
    }

    /// G3: where the first cached load of a scope is made by an older snapshot, whoever has written since is
    /// handed nothing of it.
    fn a_map_that_is_made_after_a_write(db) {
        db.fill(1, 1);
        if wait!(wait!(db.connect()).batch_execute("SELECT sqlite_version()")).is_ok() {
            wait!(wait!(db.connect()).batch_execute("PRAGMA journal_mode = WAL")).unwrap();
        }
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        begin_snapshot!(one);
        let plain = posts::table.find(1).select(posts::title);
        let before: String = wait!(plain.first(&mut one)).unwrap();
        wait!(diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut other)).unwrap();
        let held = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        assert_eq!(held.title, before);
        assert_eq!(title!(other, 1).unwrap(), "new");
        wait!(one.batch_execute("COMMIT")).unwrap();
    }
}

/// G2, G3: the level that Diesel's builder sets, on connections that were used before.
#[cfg(feature = "postgres")]
mod by_the_builder {
    use diesel::QueryResult;

    use super::*;

    #[test]
    fn blocking() {
        use diesel::RunQueryDsl;

        let db = crate::db::postgres::Db::new();
        let (mut one, _) = crate::seeded(&db, 1, 2);
        let (mut other, _) = crate::mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let new = Post::cached().find(1).first(&mut other).unwrap();
        let transaction = one.build_transaction().repeatable_read().run(|one| {
            let before = Post::cached().find(1).first(one)?;
            diesel::update(posts::table)
                .set(posts::title.eq("new"))
                .execute(&mut other)?;
            let again = Post::cached().find(1).first(one)?;
            assert_eq!((&*before.title, &*again.title), (&*new.title, &*new.title));
            let second = Post::cached().find(2).first(one)?;
            assert_ne!(second.title, "new");
            assert_eq!(Post::cached().find(2).first(&mut other)?.title, "new");
            QueryResult::Ok((before, again, second))
        });
        let held = transaction.unwrap();
        assert_eq!(Post::cached().find(2).first(&mut one).unwrap().title, "new");
        drop(held);
    }

    #[cfg(feature = "__async-tests")]
    #[test]
    fn awaited() {
        use crate::db::asynchronous::{mapped, run};
        use diesel_async::RunQueryDsl;

        run(async {
            let db = crate::db::asynchronous::postgres::Db::new();
            db.fill(1, 2);
            let (mut one, _) = mapped(db.connect().await, db.url());
            let (mut other, _) = mapped(db.connect().await, db.url());
            let _entered = Scope::new().entered();
            let _used = Post::cached().find(1).first(&mut other).await.unwrap();
            let _used = Post::cached().find(1).first(&mut one).await.unwrap();
            let mut transaction = one.build_transaction().repeatable_read();
            let held = transaction
                .run(async |one| {
                    let before = Post::cached().find(1).first(one).await?;
                    let change = diesel::update(posts::table).set(posts::title.eq("new"));
                    change.execute(&mut other).await?;
                    let second = Post::cached().find(2).first(one).await?;
                    assert_ne!(second.title, "new");
                    assert_eq!(Post::cached().find(2).first(&mut other).await?.title, "new");
                    QueryResult::Ok((before, second))
                })
                .await
                .unwrap();
            assert_eq!(
                Post::cached().find(2).first(&mut one).await.unwrap().title,
                "new"
            );
            drop(held);
        });
    }
}
