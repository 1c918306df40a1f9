//! Models on tables of odd names, written by plain Diesel, raw SQL and the manager.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::models::*;
use super::{models, quoted, schema};
use crate::catalogue::tables::Product;
use crate::db::each_database;
use crate::mapped;

/// Compares a model with plain Diesel's rows, and notes what differs.
macro_rules! same {
    ($conn:ident, $held:ident, $wrong:ident, $when:expr, $table:path, $model:ident, $at:tt) => {
        let rows: Vec<$model> = {
            use $table as named;
            named::table.order(named::id).load($conn).unwrap()
        };
        for id in 1..6 {
            let found = $model::cached().find(id).first($conn).optional().unwrap();
            let row = rows.iter().find(|row| row.id == id);
            if found.as_deref() != row {
                $wrong.push(format!("{}: found {found:?}, is {row:?}", $when));
            }
        }
        let mut found = $model::cached().load($conn).unwrap();
        found.sort_by_key(|row| row.id);
        if !found.iter().map(|row| &**row).eq(&rows) {
            $wrong.push(format!("{}: loaded {found:?}, are {rows:?}", $when));
        }
        $held.$at.extend(found);
    };
}

/// Writes to the table of a module in every way. The database has the tables of the modules before.
macro_rules! written {
    ($conn:ident, $product:ident, $report:ident, $($module:ident)+) => {$({
        use models::$module::{NAME, Odd, odd};
        for sql in schema($product, NAME) {
            $conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        let name = quoted($product, NAME);
        let mut held = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut wrong = Vec::new();
        for step in 0.. {
            let when = format!("step {step} on {NAME:?}");
            same!($conn, held, wrong, when, odd, Odd, 0);
            same!($conn, held, wrong, when, children, Child, 1);
            same!($conn, held, wrong, when, ledger, Ledger, 2);
            same!($conn, held, wrong, when, levers, Lever, 3);
            same!($conn, held, wrong, when, shown, Shown, 4);
            let one = Odd::cached().find(1).first($conn).unwrap();
            match step {
                0 => drop(diesel::update(odd::table.find(1)).set(odd::k.eq(11)).execute($conn).unwrap()),
                1 => drop(Odd::cached().update(&one, odd::k.eq(12), $conn).unwrap()),
                2 => $conn.batch_execute(&format!("UPDATE {name} SET {name} = 13 WHERE id = 1")).unwrap(),
                3 => drop(Odd::cached().insert((odd::id.eq(5), odd::k.eq(50)), $conn).unwrap()),
                4 => drop(diesel::delete(odd::table.find(5)).execute($conn).unwrap()),
                5 => drop(diesel::update(levers::table).set(levers::n.eq(1)).execute($conn).unwrap()),
                6 => {
                    let lever = Lever::cached().find(1).first($conn).unwrap();
                    Lever::cached().update(&lever, levers::n.eq(2), $conn).unwrap();
                }
                7 => $conn.batch_execute("UPDATE levers SET n = 3").unwrap(),
                8 => $conn.batch_execute("UPDATE shown SET v = 70 WHERE id = 1").unwrap_or(()), // not on SQLite
                9 => drop(Odd::cached().filter(odd::k.gt(0)).update_all(odd::v.eq(step), $conn).unwrap()),
                10 => Odd::cached().delete(&one, $conn).unwrap(), // and its child
                _ => break,
            }
            if step == 10 {
                same!($conn, held, wrong, "the delete", odd, Odd, 0);
                same!($conn, held, wrong, "the delete", children, Child, 1);
                break;
            }
        }
        $report.extend(wrong.into_iter().next()); // of each the first
    })+};
}

/// Two tables: a write to the one is none to the other, and no row of the one is one of the other.
macro_rules! apart {
    ($conn:ident, $product:ident, $report:ident, $one:ident, $other:ident) => {
        let names = [quoted($product, models::$one::NAME), quoted($product, models::$other::NAME)];
        apart!($conn, $product, $report, $one, $other, names);
    };
    ($conn:ident, $product:ident, $report:ident, $one:ident, $other:ident, $names:expr) => {{
        use models::$one as one;
        use models::$other as other;
        use one::Odd as One;
        use other::Odd as Other;
        let names = $names;
        for (name, column, v) in [(&names[0], one::NAME, 100), (&names[1], other::NAME, 200)] {
            let column = quoted($product, column);
            let create = format!(
                "DROP TABLE IF EXISTS {name};
                 CREATE TABLE {name} (id INTEGER NOT NULL PRIMARY KEY, {column} INTEGER NOT NULL, v INTEGER NOT NULL);
                 INSERT INTO {name} VALUES (1, 1, {v}), ({v}, 1, {v})"
            );
            $conn.batch_execute(&create).unwrap();
        }
        let mut held = (Vec::new(), Vec::new());
        let mut wrong = Vec::new();
        for step in 0..7 {
            let when = format!("before step {step} on {names:?}");
            same!($conn, held, wrong, when, one::odd, One, 0);
            same!($conn, held, wrong, when, other::odd, Other, 1);
            match step {
                0 => drop(diesel::update(one::odd::table).set(one::odd::v.eq(101)).execute($conn).unwrap()),
                1 => drop(diesel::update(other::odd::table).set(other::odd::v.eq(201)).execute($conn).unwrap()),
                2 => $conn.batch_execute(&format!("UPDATE {} SET v = 102", names[0])).unwrap(),
                3 => $conn.batch_execute(&format!("UPDATE {} SET v = 202", names[1])).unwrap(),
                4 => {
                    let row = One::cached().find(1).first($conn).unwrap();
                    One::cached().update(&row, one::odd::v.eq(103), $conn).unwrap();
                }
                5 => {
                    let row = Other::cached().find(1).first($conn).unwrap();
                    Other::cached().update(&row, other::odd::v.eq(203), $conn).unwrap();
                }
                _ => break,
            }
        }
        $report.extend(wrong.into_iter().next()); // the first
    }};
}

/// A connection, and what is wrong on it.
macro_rules! report {
    ($db:ident, |$conn:ident, $product:ident, $report:ident| $work:block) => {
        let $product = Product::of($db.url());
        let (mut conn, _) = mapped($db.connect(), $db.url());
        let ($conn, mut $report) = (&mut conn, Vec::new());
        $work
        assert!($report.is_empty(), "{}", $report.join("\n"));
    };
}

each_database! {
    /// G3: a model on such a table, and what triggers and keys do from it and to it.
    fn models_of_such_names(db) {
        report!(db, |conn, product, report| {
            written!(conn, product, report, dot opened brackets capital keyword accent long);
        });
    }

    fn models_of_names_with_quotes_within(db) {
        report!(db, |conn, product, report| {
            written!(conn, product, report, double doubled tick);
        });
    }

    fn a_model_of_a_name_that_ends_in_a_space(db) {
        report!(db, |conn, product, report| {
            if product != Product::Mysql {
                written!(conn, product, report, tail); // It has no such names.
            }
        });
    }

    /// Diesel itself shows a query and its binds with ` -- ` between.
    fn a_model_of_a_name_with_dashes(db) {
        report!(db, |conn, product, report| {
            apart!(conn, product, report, dashes, opened);
            written!(conn, product, report, dashes);
        });
    }

    /// G5: names that differ only so are those of two tables.
    fn names_that_are_nearly_the_same(db) {
        report!(db, |conn, product, report| {
            apart!(conn, product, report, long, longer);
            apart!(conn, product, report, opened, dot);
            if product != Product::Sqlite {
                apart!(conn, product, report, capital, small); // one name there
            }
        });
    }

    fn names_that_differ_in_quotes_within(db) {
        report!(db, |conn, product, report| {
            apart!(conn, product, report, double, doubled);
        });
    }
}

/// G5: `"a.b"` is not `a.b`.
#[cfg(feature = "postgres")]
#[test]
fn a_dot_within_and_a_schema() {
    let db = crate::db::postgres::Db::new();
    report!(db, |conn, product, report| {
        conn.batch_execute("CREATE SCHEMA a").unwrap();
        let names = [quoted(product, "a.b"), "a.b".to_owned()];
        apart!(conn, product, report, dot, in_schema, names);
    });
}
