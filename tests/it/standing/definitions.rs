//! Definitions of tables inside a transaction, before which MySQL commits.

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::{Hooked, assert_as_plain};
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

const DEFINITIONS: [&str; 4] = [
    "CREATE TABLE scratch (id INTEGER)",
    "ALTER TABLE scratch ADD COLUMN name INTEGER",
    "CREATE TEMPORARY TABLE passing (id INTEGER)",
    "DROP TABLE scratch",
];

each_connection! {
    /// G3, G4: the others see what was committed at once, and a rollback undoes what was not.
    fn a_definition_inside_a_transaction(db) {
        db.fill(2, 4);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let _entered = Scope::new().entered();
        for definition in DEFINITIONS {
            let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
            wait!(one.batch_execute("BEGIN")).unwrap();
            let new = wait!(Post::cached().update(&held[0], posts::title.eq(definition), &mut one)).unwrap();
            wait!(one.batch_execute(definition)).unwrap();
            assert_as_plain!(one, definition);
            assert_as_plain!(other, definition);
            wait!(diesel::update(posts::table.find(2)).set(posts::title.eq(definition)).execute(&mut one)).unwrap();
            assert_as_plain!(one, definition);
            assert_as_plain!(other, definition);
            wait!(one.batch_execute("ROLLBACK")).unwrap();
            assert_as_plain!(one, definition);
            assert_as_plain!(other, definition);
            if !definition.contains("TEMPORARY") {
                // Where the rollback has undone it too.
                let _ = wait!(one.batch_execute(definition));
            }
            drop((held, new));
        }
    }

    /// G7: Diesel does not know that its transaction has ended; a write with hooks goes on all the same.
    fn a_hooked_write_behind_a_definition(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        wait!(transaction!(conn, |conn| {
            wait!(conn.batch_execute("CREATE TABLE scratch (id INTEGER)"))?;
            let hooked = wait!(Hooked::cached().find(2).first(conn))?;
            let hooked = wait!(Hooked::cached().update(&hooked, posts::title.eq("hooked"), conn))?;
            assert_eq!(hooked.title, "hooked");
            diesel::QueryResult::Ok(())
        }))
        .unwrap();
        assert_as_plain!(conn, "after the transaction");
    }
}
