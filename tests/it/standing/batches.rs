//! Batches that fail half-way.

use std::sync::{Arc, Mutex};

use diesel::QueryResult;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel::result::Error;
use diesel_identity_map::prelude::*;

use super::assert_as_plain;
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

const HALF: &str = "UPDATE posts SET title = 'half' WHERE id = 1;
                    INSERT INTO tags (id, name) VALUES (1, 'twice')";
const HALF_WITH_BOUNDARIES: &str = "BEGIN; UPDATE posts SET title = 'half' WHERE id = 1; COMMIT;
                                    BEGIN; UPDATE posts SET title = 'half' WHERE id = 2;
                                    INSERT INTO tags (id, name) VALUES (1, 'twice'); COMMIT";

each_connection! {
    /// G1, G3: it goes on sharing, and tells what it writes.
    fn a_batch_that_fails_leaves_the_connection_shared(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        wait!(one.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'once')")).unwrap();
        let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
        wait!(one.batch_execute(HALF)).unwrap_err();
        assert_as_plain!(one, "after the batch");
        assert_as_plain!(other, "after the batch of the other");
        drop(held);
        let held = wait!(Post::cached().find(3).first(&mut other)).unwrap();
        let shared = wait!(Post::cached().find(3).first(&mut one)).unwrap();
        assert!(Arc::ptr_eq(&shared, &held), "one row is one object for both");

        wait!(diesel::update(posts::table.find(4)).set(posts::title.eq("later")).execute(&mut one)).unwrap();
        assert_as_plain!(other, "after a later write of the first");
        let post = wait!(Post::cached().find(4).first(&mut one)).unwrap();
        wait!(Post::cached().update(&post, posts::title.eq("last"), &mut one)).unwrap();
        assert_as_plain!(other, "after a later write of the manager");
    }

    /// G3: what was committed half-way is seen, and so is what is written after it.
    fn a_batch_that_fails_behind_a_boundary(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        wait!(one.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'once')")).unwrap();
        let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
        wait!(one.batch_execute(HALF_WITH_BOUNDARIES)).unwrap_err();
        assert_as_plain!(other, "after the batch of the other");
        // A transaction is open still; PostgreSQL refuses statements in it.
        let refused = wait!(one.batch_execute("SELECT 1")).is_err();
        if !refused {
            assert_as_plain!(one, "in the transaction that was left open");
            wait!(diesel::update(posts::table.find(3)).set(posts::title.eq("open")).execute(&mut one)).unwrap();
            assert_as_plain!(one, "after a write in it");
            assert_as_plain!(other, "while it is open");
        }
        wait!(one.batch_execute("ROLLBACK")).unwrap();
        assert_as_plain!(one, "after the rollback");
        assert_as_plain!(other, "after the rollback of the other");
        let post = wait!(Post::cached().find(4).first(&mut one)).unwrap();
        wait!(Post::cached().update(&post, posts::title.eq("last"), &mut one)).unwrap();
        assert_as_plain!(other, "after a later write of the manager");
        let again = wait!(Post::cached().find(4).first(&mut other)).unwrap();
        let same = wait!(Post::cached().find(4).first(&mut one)).unwrap();
        assert!(Arc::ptr_eq(&same, &again), "one row is one object for both again");
        drop(held);
    }

    /// G3, G4: of a prepared text SQLite does the first statement alone; others refuse it.
    fn a_prepared_text_of_several_statements(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        let text = "BEGIN; UPDATE posts SET title = 'half' WHERE id = 1; COMMIT";
        let done = wait!(diesel::sql_query(text).execute(&mut one)).is_ok();
        let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
        wait!(diesel::update(posts::table.find(2)).set(posts::title.eq("open")).execute(&mut one)).unwrap();
        let new = wait!(Post::cached().update(&held[2], posts::title.eq("open too"), &mut one)).unwrap();
        assert_as_plain!(one, "after it");
        assert_as_plain!(other, "after it on the other");
        if done {
            wait!(one.batch_execute("ROLLBACK")).unwrap();
        }
        assert_as_plain!(one, "after the rollback");
        assert_as_plain!(other, "after the rollback of the other");
        drop((held, new));
    }

    /// G4: in a transaction too, and hooks run for what was committed alone.
    fn a_batch_that_fails_inside_a_transaction(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'once')")).unwrap();
        let before = wait!(Noted::cached().find(3).first(&mut conn)).unwrap();
        // The titles of this database, among those of the tests beside it.
        let [first, second] = ["first", "second"].map(|title| format!("{title} {}", db.url()));
        let undone: QueryResult<()> = wait!(transaction!(conn, |conn| {
            // PostgreSQL goes on only after a rollback to a savepoint.
            wait!(conn.batch_execute("SAVEPOINT before"))?;
            wait!(conn.batch_execute(HALF)).unwrap_err();
            wait!(conn.batch_execute("ROLLBACK TO SAVEPOINT before"))?;
            let inner: QueryResult<()> = wait!(transaction!(conn, |conn| {
                let written = Noted::cached().update(&before, posts::title.eq(&first), conn);
                assert_eq!(wait!(written)?.title, first);
                Err(Error::RollbackTransaction)
            }));
            assert!(inner.is_err());
            let found = wait!(Noted::cached().find(3).first(conn))?;
            assert_eq!(found.title, before.title, "the inner transaction is undone");
            wait!(Noted::cached().update(&found, posts::title.eq(&second), conn))?;
            Err(Error::RollbackTransaction)
        }));
        assert!(undone.is_err());
        let found = wait!(Noted::cached().find(3).first(&mut conn)).unwrap();
        assert_eq!(found.title, before.title, "both are undone");
        assert_as_plain!(conn, "after the rollback");
        assert!(!is_committed(&first) && !is_committed(&second));
    }
}

/// A post whose `after_commit` is noted, by the title that was committed.
#[derive(diesel::Queryable, diesel::Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Noted {
    #[allow(dead_code)] // decoded, and the key
    id: i32,
    title: String,
}

static COMMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(object: &Noted) {
    COMMITTED.lock().unwrap().push(object.title.clone());
}

fn is_committed(title: &str) -> bool {
    COMMITTED.lock().unwrap().iter().any(|noted| noted == title)
}

impl<C: diesel::Connection> Hooks<C> for Noted {
    fn after_commit(object: &Arc<Self>, _: Change) {
        note(object);
    }
}

#[cfg(feature = "__async-tests")]
impl<C: diesel_async::AsyncConnection> AsyncHooks<C> for Noted {
    fn after_commit(object: &Arc<Self>, _: Change) {
        note(object);
    }
}
