//! A text that fails after it has changed the schema has changed it all the same.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

each_connection! {
    /// A trigger is made, and what follows fails: by itself, in a transaction, and as a constraint.
    fn a_trigger_that_stays(db) {
        let product = Product::of(db.url());
        let url = db.url().to_owned();
        drop(db);
        let fails = ["SELECT no_such_column", "INSERT INTO badges VALUES (1, 1, 'twice')"];
        for (at, end) in fails.iter().enumerate() {
            for in_transaction in [false, true] {
                let db = Db::new();
                let (mut conn, _) = mapped(wait!(db.connect()), db.url());
                let (mut other, _) = mapped(wait!(db.connect()), db.url());
                assert_ne!(url, db.url());
                wait!(conn.batch_execute(&product.tables(""))).unwrap();
                let _entered = Scope::new().entered();
                let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
                let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
                let trigger = product.trigger("count_up", "AFTER INSERT", "jars", count);
                // PostgreSQL does all of a text or nothing, unless it says otherwise.
                let (begin, end) = match product {
                    Product::Postgres => ("BEGIN;", format!("; COMMIT; {end}")),
                    _ => ("", format!("; {end}")),
                };
                if in_transaction && product == Product::Sqlite {
                    wait!(conn.batch_execute("BEGIN")).unwrap();
                }
                wait!(conn.batch_execute(&format!("{begin} {trigger} {end}"))).unwrap_err();
                if in_transaction && product == Product::Sqlite {
                    wait!(conn.batch_execute("COMMIT")).unwrap();
                }
                for conn in [&mut conn, &mut other] {
                    let held = wait!(Shelf::cached().find(2).first(conn)).unwrap();
                    let insert = "INSERT INTO jars SELECT max(id) + 1, 2, 'fig' FROM jars";
                    wait!(conn.batch_execute(insert)).unwrap();
                    let after = wait!(Shelf::cached().find(2).first(conn)).unwrap().jars;
                    let is: i32 = wait!(shelves::table.find(2).select(shelves::jars).first(conn)).unwrap();
                    assert_eq!((after, is), (held.jars + 1, held.jars + 1), "{at}, {in_transaction}");
                }
            }
        }
    }
}
