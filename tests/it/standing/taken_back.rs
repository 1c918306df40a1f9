//! Settings that are taken back, and those that only seem to be: G5, whoever stands apart is handed nothing
//! of the others.

use diesel::prelude::{QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::assert_as_plain;
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

/// Makes another schema whose posts have other titles, and says whether the database has schemas.
macro_rules! other_schema {
    ($conn:ident) => {
        wait!($conn.batch_execute(
            "CREATE SCHEMA others; CREATE TABLE others.posts AS SELECT * FROM posts; \
             UPDATE others.posts SET title = 'of the others'"
        ))
        .is_ok()
            && wait!($conn.batch_execute("SELECT pg_backend_pid()")).is_ok()
    };
}

each_connection! {
    /// The texts, one after the other, leave the session in the schema of the others, though a part of them
    /// says otherwise.
    fn what_only_seems_to_come_back(db) {
        db.fill(1, 2);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        if !other_schema!(one) {
            return;
        }
        for texts in [
            // A text that is refused has done nothing.
            &["BEGIN; nonsense", "SET search_path = others", "ROLLBACK"][..],
            &["SET search_path = others", "SET search_path TO DEFAULT; nonsense"],
            // One that fails is undone, and none can be in a transaction with `DISCARD ALL`.
            &["SET search_path = others", "RESET search_path; SELECT 1 / 0"],
            &["SET search_path = others", "DISCARD ALL; SET TIME ZONE 'UTC'"],
            // Nobody knows whether the last one ends a transaction.
            &["BEGIN; COMMIT; SELECT 1 / 0", "SET search_path = others", "ROLLBACK"],
            &["BEGIN; SET search_path = others; COMMIT", "BEGIN; RESET search_path; SELECT 1 / 0", "ROLLBACK"],
            &["SET search_path = others", "BEGIN", "RESET search_path", "PREPARE TRANSACTION 'x'", "ROLLBACK"],
            // A rollback takes back what came back.
            &["SET search_path = others", "BEGIN", "RESET search_path", "ROLLBACK"],
            &["SET search_path = others", "UPDATE pg_settings SET setting = 'others' WHERE name = 'search_path'"],
            &["UPDATE pg_settings SET setting = 'others' WHERE name = 'search_path'"],
        ] {
            let (mut other, _) = mapped(wait!(db.connect()), db.url());
            let _entered = Scope::new().entered();
            for text in texts {
                let _ = wait!(other.batch_execute(text));
            }
            let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
            assert_as_plain!(other, texts.join("; "));
            drop(held);
        }
    }

    /// What holds until the end of the transaction hides what was set before, and is over then.
    fn a_default_for_the_transaction(db) {
        db.fill(1, 2);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        if !other_schema!(conn) {
            return;
        }
        wait!(conn.batch_execute("SET search_path = others")).unwrap();
        for set in ["SET LOCAL search_path TO DEFAULT", "SELECT set_config('search_path', 'public', true)"] {
            wait!(conn.batch_execute("BEGIN")).unwrap();
            wait!(conn.batch_execute(set)).unwrap();
            let held = wait!(Post::cached().order(posts::id).load(&mut conn)).unwrap();
            assert_as_plain!(conn, set);
            wait!(conn.batch_execute("COMMIT")).unwrap();
            assert_as_plain!(conn, "after the commit");
            drop(held);
        }
    }

    /// G1: `set_config` of one setting, by itself, comes back as `SET` does.
    fn a_setting_by_the_function(db) {
        db.fill(1, 2);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return;
        }
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        macro_rules! shares {
            () => {{
                let found = wait!(Post::cached().find(1).first(&mut one)).unwrap();
                Arc::ptr_eq(&found, &wait!(Post::cached().find(1).first(&mut other)).unwrap())
            }};
        }
        let set_local = || diesel::sql_query("SELECT set_config('app.tenant', $1, true)")
            .bind::<diesel::sql_types::Text, _>("a");
        wait!(other.batch_execute("BEGIN")).unwrap();
        wait!(set_local().execute(&mut other)).unwrap();
        assert!(!shares!());
        wait!(other.batch_execute("COMMIT")).unwrap();
        assert!(shares!());
        wait!(set_local().execute(&mut other)).unwrap();
        assert!(shares!(), "outside a transaction it holds for nothing");
        wait!(other.batch_execute("SELECT set_config('app.tenant', 'a', false) AS tenant")).unwrap();
        assert!(!shares!());
        wait!(other.batch_execute("RESET app.tenant")).unwrap();
        assert!(shares!());
        wait!(other.batch_execute("SELECT set_config('statement_timeout', '1000', false)")).unwrap();
        assert!(shares!());
        wait!(other.batch_execute("SELECT set_config('app.' || 'tenant', 'a', true)")).unwrap();
        assert!(!shares!(), "which setting that is nobody knows");
        wait!(other.batch_execute("RESET ALL; RESET ROLE; RESET SESSION AUTHORIZATION")).unwrap();
        wait!(other.batch_execute("DISCARD TEMP; SET TIME ZONE 'UTC'; SET client_encoding TO 'UTF8'")).unwrap();
        assert!(shares!(), "everything is taken back");
    }

    /// G2: rows of a temporary table end with the transaction.
    fn temporary_rows(db) {
        db.fill(1, 2);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let make = "CREATE TEMPORARY TABLE posts ON COMMIT DELETE ROWS AS SELECT * FROM posts";
        if wait!(conn.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return;
        }
        wait!(conn.batch_execute("BEGIN")).unwrap();
        wait!(conn.batch_execute(make)).unwrap();
        let held = wait!(Post::cached().order(posts::id).load(&mut conn)).unwrap();
        assert_eq!(held.len(), 2);
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert_as_plain!(conn, "after the commit");
        assert!(wait!(Post::cached().find(1).first(&mut conn)).is_err());
    }
}
