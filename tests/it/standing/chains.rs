//! Transactions that begin another way than by `BEGIN`: `AND CHAIN`, and without `autocommit`.

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::{Hooked, assert_as_plain};
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

/// Whether the database knows it: SQLite knows neither.
macro_rules! or_skip {
    ($statement:expr) => {
        if wait!($statement).is_err() {
            return;
        }
    };
}

each_connection! {
    /// G4: what the chained transaction wrote is gone after its rollback, and reaches nobody before.
    fn the_transaction_behind_a_chain(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        for end in ["COMMIT AND CHAIN", "ROLLBACK WORK AND CHAIN"] {
            wait!(one.batch_execute("BEGIN")).unwrap();
            if wait!(one.batch_execute(end)).is_err() {
                return; // SQLite
            }
            let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
            let new = wait!(Post::cached().update(&held[0], posts::title.eq(end), &mut one)).unwrap();
            wait!(diesel::update(posts::table.find(2)).set(posts::title.eq(end)).execute(&mut one)).unwrap();
            assert_as_plain!(one, end);
            assert_as_plain!(other, end);
            wait!(one.batch_execute("ROLLBACK")).unwrap();
            assert_as_plain!(one, end);
            assert_as_plain!(other, end);
            drop((held, new));
        }
    }

    /// G4: on PostgreSQL a failed statement makes the next commit a rollback.
    fn a_failed_statement_behind_a_chain(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        or_skip!(conn.batch_execute("BEGIN; COMMIT AND CHAIN"));
        let post = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        let new = wait!(Post::cached().update(&post, posts::title.eq("chained"), &mut conn)).unwrap();
        wait!(conn.batch_execute("SELECT nothing FROM nowhere")).unwrap_err();
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert_as_plain!(conn, "after the commit");
        drop(new);
    }

    /// G4, G7: a write with hooks does not end the program's transaction.
    fn without_autocommit(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        or_skip!(one.batch_execute("SET autocommit = 0"));
        let _entered = Scope::new().entered();
        for end in ["ROLLBACK", "COMMIT", "ROLLBACK"] {
            let held = wait!(Post::cached().order(posts::id).load(&mut one)).unwrap();
            let new = wait!(Post::cached().update(&held[0], posts::title.eq("no commit"), &mut one)).unwrap();
            let hooked = wait!(Hooked::cached().find(2).first(&mut one)).unwrap();
            let hooked = wait!(Hooked::cached().update(&hooked, posts::title.eq("hooked"), &mut one)).unwrap();
            assert_as_plain!(one, "before the end");
            assert_as_plain!(other, "before the end of the other");
            wait!(one.batch_execute(end)).unwrap();
            assert_as_plain!(one, end);
            assert_as_plain!(other, end);
            drop((held, new, hooked));
        }
        let post = wait!(Post::cached().find(3).first(&mut one)).unwrap();
        let new = wait!(Post::cached().update(&post, posts::title.eq("switched"), &mut one)).unwrap();
        wait!(one.batch_execute("SET autocommit = 1")).unwrap();
        assert_as_plain!(other, "after the switch");
        wait!(one.batch_execute("ROLLBACK")).unwrap();
        assert_as_plain!(one, "after a rollback of nothing");
        drop(new);
    }
}
