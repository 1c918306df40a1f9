//! Savepoints by text.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::{Hooked, assert_as_plain};
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

each_connection! {
    /// G3, G7: outside a transaction it is refused, does nothing (MariaDB), or begins one (SQLite).
    fn a_savepoint_outside_a_transaction(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
        let _ = wait!(one.batch_execute("SAVEPOINT b"));
        let post = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        wait!(Post::cached().update(&post, posts::title.eq("new"), &mut one)).unwrap();
        assert_as_plain!(one, "after the write");
        assert_as_plain!(other, "after the write of the other");
        let hooked = wait!(Hooked::cached().find(2).first(&mut one)).unwrap();
        wait!(Hooked::cached().update(&hooked, posts::title.eq("hooked"), &mut one)).unwrap();
        assert_as_plain!(one, "after the hooked write");
        let _ = wait!(one.batch_execute("ROLLBACK TO SAVEPOINT b"));
        let _ = wait!(one.batch_execute("RELEASE SAVEPOINT b"));
        assert_as_plain!(one, "after its end");
        assert_as_plain!(other, "after its end on the other");
        drop(held);
    }

    /// G4: `"A"` and `a` are two savepoints on PostgreSQL, and one elsewhere.
    fn names_in_quotes(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let quote = if wait!(conn.batch_execute("SELECT `id` FROM `tags`")).is_ok() { "`" } else { "\"" };
        for back in [format!("{quote}A{quote}"), "a".to_owned(), "A".to_owned()] {
            wait!(conn.batch_execute("BEGIN")).unwrap();
            let mut kept = Vec::new();
            for (at, name) in [format!("{quote}A{quote}"), "a".to_owned()].iter().enumerate() {
                wait!(conn.batch_execute(&format!("SAVEPOINT {name}"))).unwrap();
                let post = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
                let title = format!("title {at}");
                kept.push(wait!(Post::cached().update(&post, posts::title.eq(title), &mut conn)).unwrap());
            }
            wait!(conn.batch_execute(&format!("ROLLBACK TO SAVEPOINT {back}"))).unwrap();
            assert_as_plain!(conn, back);
            wait!(conn.batch_execute("ROLLBACK")).unwrap();
            assert_as_plain!(conn, "after the rollback");
        }
    }

    /// G4: names that are long, repeated and released.
    fn names_that_are_repeated(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let long = "n".repeat(63);
        wait!(conn.batch_execute("BEGIN")).unwrap();
        let mut kept: Vec<Arc<Post>> = Vec::new();
        for (at, name) in [long.as_str(), "b", long.as_str()].iter().enumerate() {
            wait!(conn.batch_execute(&format!("SAVEPOINT {name}"))).unwrap();
            let post = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
            let title = format!("title {at}");
            kept.push(wait!(Post::cached().update(&post, posts::title.eq(title), &mut conn)).unwrap());
        }
        wait!(conn.batch_execute(&format!("ROLLBACK TO {long}"))).unwrap();
        assert_as_plain!(conn, "back to the second of one name");
        wait!(conn.batch_execute(&format!("RELEASE SAVEPOINT {long}"))).unwrap();
        assert_as_plain!(conn, "released");
        wait!(conn.batch_execute("ROLLBACK TO b")).unwrap();
        assert_as_plain!(conn, "back to the one before");
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert_as_plain!(conn, "committed");
    }
}
