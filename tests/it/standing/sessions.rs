//! Connections of one scope whose sessions differ.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::assert_as_plain;
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

/// By what each database is told that it is this one: a setting that changes nothing, one that may change
/// rows or values, and what takes it back.
const SETTINGS: [(&str, &str, &str, &str); 3] = [
    (
        "SELECT sqlite_version()",
        "PRAGMA cache_size = 1000",
        "PRAGMA case_sensitive_like = ON",
        "PRAGMA case_sensitive_like = OFF",
    ),
    (
        "SELECT @@version",
        "SET SESSION wait_timeout = 600",
        "SET time_zone = '+02:00'",
        "SET time_zone = '+00:00'",
    ),
    (
        "SELECT pg_backend_pid()",
        "SET work_mem = '8MB'",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET TIME ZONE 'UTC'",
    ),
];

macro_rules! settings_of {
    ($conn:ident) => {{
        let mut found = None;
        for (question, harmless, changing, back) in SETTINGS {
            if found.is_none() && wait!($conn.batch_execute(question)).is_ok() {
                found = Some((harmless, changing, back));
            }
        }
        found.unwrap()
    }};
}

each_connection! {
    /// G1, G3: what cannot change rows or values changes nothing here either.
    fn a_harmless_setting_on_both(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let (harmless, ..) = settings_of!(one);
        let _entered = Scope::new().entered();
        wait!(one.batch_execute(harmless)).unwrap();
        wait!(other.batch_execute(harmless)).unwrap();
        let held = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        let same = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        assert!(Arc::ptr_eq(&held, &same), "one row is one object for both");
        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("new")).execute(&mut other)).unwrap();
        assert_as_plain!(one, "after a write of the other");
    }

    /// G3, G5: who stands apart has objects of its own, tells what it writes, and is told.
    fn a_setting_that_may_change_values(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let (_, changing, back) = settings_of!(one);
        let _entered = Scope::new().entered();
        wait!(one.batch_execute(changing)).unwrap();
        let held = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        let others = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        assert!(!Arc::ptr_eq(&held, &others), "it stands apart");
        let again = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        assert!(Arc::ptr_eq(&held, &again), "with a map of its own");

        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("plain")).execute(&mut one)).unwrap();
        assert_as_plain!(other, "after a plain write of the one apart");
        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("back")).execute(&mut other)).unwrap();
        assert_as_plain!(one, "after a plain write of the other");
        let post = wait!(Post::cached().find(2).first(&mut one)).unwrap();
        let seen = wait!(Post::cached().find(2).first(&mut other)).unwrap();
        wait!(Post::cached().update(&post, posts::title.eq("by one"), &mut one)).unwrap();
        assert_as_plain!(other, "after a write of the manager by the one apart");
        let seen = (seen, wait!(Post::cached().find(2).first(&mut one)).unwrap());
        let post = wait!(Post::cached().find(2).first(&mut other)).unwrap();
        wait!(Post::cached().update(&post, posts::title.eq("by the other"), &mut other)).unwrap();
        assert_as_plain!(one, "after a write of the manager by the other");
        drop(seen);

        wait!(one.batch_execute(back)).unwrap();
        let held = wait!(Post::cached().find(3).first(&mut one)).unwrap();
        let same = wait!(Post::cached().find(3).first(&mut other)).unwrap();
        assert!(Arc::ptr_eq(&held, &same), "it shares again");
    }

    /// G3, G4: inside a transaction it tells as well, and not before the end.
    fn a_transaction_of_one_that_stands_apart(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let (_, changing, _) = settings_of!(one);
        let _entered = Scope::new().entered();
        for end in ["COMMIT", "ROLLBACK"] {
            let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
            wait!(one.batch_execute("BEGIN")).unwrap();
            let post = wait!(Post::cached().find(1).first(&mut one)).unwrap();
            wait!(Post::cached().update(&post, posts::title.eq(format!("{end} before")), &mut one)).unwrap();
            wait!(one.batch_execute(changing)).unwrap();
            let post = wait!(Post::cached().find(2).first(&mut one)).unwrap();
            wait!(Post::cached().update(&post, posts::title.eq(format!("{end} after")), &mut one)).unwrap();
            assert_as_plain!(one, end);
            assert_as_plain!(other, end);
            wait!(one.batch_execute(end)).unwrap();
            assert_as_plain!(one, end);
            assert_as_plain!(other, end);
            drop(held);
        }
    }
}
