//! Random schemas, and random writes to them by two connections of one scope: after each write every model gives
//! what plain Diesel reads on the same connection, though all of its objects were held.
//!
//! A test tries a few schemas; `cargo xtask schemas` tries many, and `SCHEMA_SEED=.. SCHEMAS=1` one again.

mod models;
mod schema;

use diesel::prelude::{ExpressionMethods, HasQuery, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::tables::Product;
use crate::db::each_connection;
use crate::dice::Dice;
use models::*;
use schema::Schemas;

/// How many schemas a test tries, from which seed on.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|number| number.parse().ok())
    };
    let first = number("SCHEMA_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 20);
    first..first + number("SCHEMAS").unwrap_or(8)
}

/// Compares what the models give with plain Diesel's rows, and holds it.
macro_rules! check {
    ($conn:ident, $held:ident, $shown:ident: $($at:tt $table:ident $model:ident)+) => {$(
        let found = wait!($model::cached().order($table::id).load($conn)).unwrap();
        let rows: Vec<$model> = wait!($table::table.order($table::id).select($model::as_select()).load($conn)).unwrap();
        let found_rows: Vec<&$model> = found.iter().map(|row| &**row).collect();
        assert_eq!(found_rows, rows.iter().collect::<Vec<_>>(), "{}: {}", stringify!($table), $shown.join(";\n"));
        $held.$at = found;
    )+};
}

/// The same of every model.
macro_rules! check_all {
    ($conn:ident, $held:ident, $shown:ident) => {
        check!($conn, $held, $shown: 0 t0 T0 1 t1 T1 2 t2 T2 3 t3 T3 4 t4 T4 5 v0 V0 6 v1 V1 7 v2 V2);
        let found = wait!(Joined::cached().order(t1::id).load($conn)).unwrap();
        let rows: Vec<Joined> = wait!(Joined::query().order(t1::id).load($conn)).unwrap();
        let found_rows: Vec<&Joined> = found.iter().map(|row| &**row).collect();
        assert_eq!(found_rows, rows.iter().collect::<Vec<_>>(), "joined: {}", $shown.join(";\n"));
        $held.8 = found;
    };
}

/// One write of the manager's to one of the tables.
macro_rules! write_by_manager {
    ($product:ident, $conn:ident, $dice:ident, $held:ident: $($at:tt $table:ident $model:ident)+) => {{
        let table = $dice.below(5);
        let (id, note) = (i32::try_from(20 + $dice.below(4)).unwrap(), i32::try_from($dice.below(9)).unwrap());
        // SQLite has no routines to call.
        let operation = $dice.below(if $product == Product::Sqlite { 7 } else { 10 });
        $(
            if table == $at {
                let some = $held.$at.get($dice.below($held.$at.len())).cloned();
                let failed = match (operation, some) {
                    (0, _) => wait!($model::cached().insert(($table::id.eq(id), $table::note.eq(note)), $conn)).err(),
                    (1, _) => {
                        let rows = [($table::id.eq(id), $table::note.eq(note)), ($table::id.eq(id + 1), $table::note.eq(note + 1))];
                        wait!($model::cached().insert_many(rows, $conn)).err()
                    }
                    (2, Some(row)) => wait!($model::cached().update(&row, $table::note.eq(note), $conn)).err(),
                    (3, Some(row)) => wait!($model::cached().update(&row, $table::id.eq(id), $conn)).err(),
                    (4, Some(row)) => wait!($model::cached().delete(&row, $conn)).err(),
                    (5, _) => wait!($model::cached().filter($table::id.gt(note)).update_all($table::note.eq(note), $conn)).err(),
                    (6, _) => wait!($model::cached().filter($table::id.eq(note)).delete_all($conn)).err(),
                    (7, _) => wait!($model::cached().insert(($table::id.eq(id), $table::note.eq(bump())), $conn)).err(),
                    (8, Some(row)) => wait!($model::cached().update(&row, $table::note.eq(bump_more()), $conn)).err(),
                    (9, _) => wait!($model::cached().filter($table::id.gt(note)).update_returning($table::note.eq(bump()), $conn)).err(),
                    _ => None,
                };
                (format!("manager: {operation} on t{table}, {id}, {note}: {failed:?}"), failed.is_some())
            } else
        )+ {
            unreachable!()
        }
    }};
}

type Held = (
    Vec<Arc<T0>>,
    Vec<Arc<T1>>,
    Vec<Arc<T2>>,
    Vec<Arc<T3>>,
    Vec<Arc<T4>>,
    Vec<Arc<V0>>,
    Vec<Arc<V1>>,
    Vec<Arc<V2>>,
    Vec<Arc<Joined>>,
);

each_connection! {
    fn random_schemas(db) {
        let product = Product::of(db.url());
        let _entered = Scope::new().entered();
        for seed in seeds() {
            let dice = &mut Dice::new(seed);
            let (mut one, _) = mapped(wait!(db.connect()), db.url());
            let (mut other, _) = mapped(wait!(db.connect()), db.url());
            let mut shown = vec![format!("-- SCHEMA_SEED={seed}")];
            for drop in Schemas::drops(product) {
                wait!(one.batch_execute(&drop)).unwrap_or_else(|error| panic!("{drop}: {error}"));
            }
            if product == Product::Sqlite {
                wait!(other.batch_execute("PRAGMA foreign_keys = ON")).unwrap();
            }
            for sql in (Schemas { product, dice }).schema() {
                // A row may break a constraint.
                match wait!(one.batch_execute(&sql)) {
                    Ok(()) => shown.push(sql),
                    Err(error) if sql.starts_with("CREATE") => panic!("{sql}: {error}"),
                    Err(_) => {}
                }
            }
            let mut held = Held::default();
            let mut is_open = false;
            let mut by_other = false;
            for step in 0..16 {
                let held = &mut held;
                if !is_open {
                    by_other = dice.percent(30);
                    let conn = if by_other { &mut one } else { &mut other };
                    check_all!(conn, held, shown);
                }
                let conn = if by_other { &mut other } else { &mut one };
                check_all!(conn, held, shown);

                if !is_open && step < 14 && dice.percent(15) {
                    wait!(conn.batch_execute("BEGIN")).unwrap();
                    shown.push("BEGIN".to_owned());
                    is_open = true;
                    continue;
                }
                let by = if by_other { "other: " } else { "" };
                let has_failed;
                if dice.percent(45) {
                    let (written, failed) = write_by_manager!(product, conn, dice, held: 0 t0 T0 1 t1 T1 2 t2 T2 3 t3 T3 4 t4 T4);
                    shown.push(format!("-- {by}{written}"));
                    has_failed = failed;
                } else if !is_open && dice.percent(10) {
                    for sql in (Schemas { product, dice }).trigger(step % 4 + 5) {
                        let made = wait!(conn.batch_execute(&sql));
                        shown.push(format!("{sql} -- {by}{made:?}"));
                    }
                    has_failed = false;
                } else {
                    let sql = (Schemas { product, dice }).write();
                    let written = if dice.percent(50) {
                        wait!(conn.batch_execute(&sql))
                    } else {
                        wait!(diesel::sql_query(&sql).execute(conn)).map(|_| ())
                    };
                    has_failed = written.is_err();
                    shown.push(format!("{sql} -- {by}{written:?}"));
                }
                if is_open {
                    if !has_failed {
                        check_all!(conn, held, shown);
                    }
                    let end = if dice.percent(50) { "COMMIT" } else { "ROLLBACK" };
                    let _ = wait!(conn.batch_execute(end));
                    shown.push(end.to_owned());
                    is_open = false;
                }
            }
        }
    }
}
