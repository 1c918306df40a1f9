//! What a transaction sees of what others commit meanwhile.

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::assert_as_plain;
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

const LEVELS: [&str; 4] = [
    "READ UNCOMMITTED",
    "READ COMMITTED",
    "REPEATABLE READ",
    "SERIALIZABLE",
];

/// Begins a transaction of this level; SQLite has one level.
macro_rules! begin {
    ($conn:ident, $level:expr) => {
        if wait!($conn.batch_execute("SELECT sqlite_version()")).is_ok() {
            wait!($conn.batch_execute("BEGIN")).unwrap();
        } else if wait!($conn.batch_execute("SELECT @@version")).is_ok() {
            wait!($conn.batch_execute(&format!("SET TRANSACTION ISOLATION LEVEL {}", $level)))
                .unwrap();
            wait!($conn.batch_execute("BEGIN")).unwrap();
        } else {
            wait!($conn.batch_execute(&format!("BEGIN ISOLATION LEVEL {}", $level))).unwrap();
        }
    };
}

each_connection! {
    /// G2, G3: at each level cached loads see what plain Diesel sees, whatever others write meanwhile.
    fn others_write_meanwhile(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        for level in LEVELS {
            if level == "SERIALIZABLE" && wait!(one.batch_execute("SELECT @@version")).is_ok() {
                continue; // MySQL makes every read a lock then.
            }
            for touches in [false, true] {
                begin!(one, level);
                if touches {
                    let touch = diesel::sql_query("UPDATE posts SET score = 1 WHERE id = 4");
                    if wait!(touch.execute(&mut one)).is_err() {
                        wait!(one.batch_execute("ROLLBACK")).unwrap();
                        continue;
                    }
                }
                assert_as_plain!(one, level);
                let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
                let post = wait!(Post::cached().find(1).first(&mut other)).unwrap();
                let title = format!("{level} {touches}");
                // SQLite has one writer at a time.
                let _ = wait!(Post::cached().update(&post, posts::title.eq(&title), &mut other));
                let update = diesel::update(posts::table.find(2)).set(posts::title.eq(&title));
                let _ = wait!(update.execute(&mut other));
                let _seen = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
                assert_as_plain!(one, level);
                assert_as_plain!(other, level);
                wait!(one.batch_execute("COMMIT")).unwrap();
                assert_as_plain!(one, level);
                assert_as_plain!(other, level);
                drop(held);
            }
        }
    }

    /// G4: what is read of a transaction that is open stays with who reads it.
    fn what_is_read_uncommitted(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let (mut third, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        if wait!(one.batch_execute("SELECT @@version")).is_err() {
            return; // MySQL alone reads what is not committed.
        }
        let session = "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED";
        wait!(one.batch_execute(session)).unwrap();
        wait!(other.batch_execute("BEGIN")).unwrap();
        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("dirty")).execute(&mut other)).unwrap();
        let dirty = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        assert_eq!(dirty.title, "dirty");
        assert_as_plain!(third, "beside the dirty read");
        wait!(other.batch_execute("ROLLBACK")).unwrap();
        assert_as_plain!(one, "after the rollback");
        assert_as_plain!(third, "after the rollback");
    }
}
