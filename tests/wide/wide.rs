//! Models as wide as Diesel allows: tables of 64 and of 128 columns, on SQLite.

// Diesel's own `table!` overflows the default of 128 at this width.
#![recursion_limit = "256"]

use std::fmt::{Debug, Write};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

/// A table with its model: key columns, then groups of a number, a text and a nullable float.
/// Neighbours differ in type, so that a column decoded in another's place is an error.
macro_rules! wide {
    ($table:ident, $model:ident, $($key:ident),+; $($number:ident $text:ident $float:ident)+) => {
        diesel::table! {
            $table ($($key),+) {
                $($key -> Integer,)+
                $(
                    $number -> BigInt,
                    $text -> Text,
                    $float -> Nullable<Double>,
                )+
            }
        }

        #[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
        #[diesel(table_name = $table, primary_key($($key),+))]
        struct $model {
            $($key: i32,)+
            $(
                $number: i64,
                $text: String,
                $float: Option<f64>,
            )+
        }

        impl $model {
            const KEYS: &[&str] = &[$(stringify!($key)),+];
            const GROUPS: &[[&str; 3]] =
                &[$([stringify!($number), stringify!($text), stringify!($float)]),+];
        }
    };
}

wide! {
    width64, Width64, id;
    n1 t1 f1  n2 t2 f2  n3 t3 f3  n4 t4 f4  n5 t5 f5  n6 t6 f6  n7 t7 f7  n8 t8 f8  n9 t9 f9
    n10 t10 f10  n11 t11 f11  n12 t12 f12  n13 t13 f13  n14 t14 f14  n15 t15 f15  n16 t16 f16
    n17 t17 f17  n18 t18 f18  n19 t19 f19  n20 t20 f20  n21 t21 f21
}

wide! {
    width128, Width128, id, part;
    n1 t1 f1  n2 t2 f2  n3 t3 f3  n4 t4 f4  n5 t5 f5  n6 t6 f6  n7 t7 f7  n8 t8 f8  n9 t9 f9
    n10 t10 f10  n11 t11 f11  n12 t12 f12  n13 t13 f13  n14 t14 f14  n15 t15 f15  n16 t16 f16
    n17 t17 f17  n18 t18 f18  n19 t19 f19  n20 t20 f20  n21 t21 f21  n22 t22 f22  n23 t23 f23
    n24 t24 f24  n25 t25 f25  n26 t26 f26  n27 t27 f27  n28 t28 f28  n29 t29 f29  n30 t30 f30
    n31 t31 f31  n32 t32 f32  n33 t33 f33  n34 t34 f34  n35 t35 f35  n36 t36 f36  n37 t37 f37
    n38 t38 f38  n39 t39 f39  n40 t40 f40  n41 t41 f41  n42 t42 f42
}

const ROWS: i32 = 5;

/// A connection with `table` in it, whose rows have the keys `1..=ROWS` in every key column and
/// another value in every other cell.
fn database(table: &str, keys: &[&str], groups: &[[&str; 3]]) -> SqliteConnection {
    let mut sql = format!("CREATE TABLE {table} (");
    for key in keys {
        write!(sql, "{key} INTEGER NOT NULL, ").unwrap();
    }
    for [number, text, float] in groups {
        write!(
            sql,
            "{number} BIGINT NOT NULL, {text} TEXT NOT NULL, {float} DOUBLE, "
        )
        .unwrap();
    }
    write!(sql, "PRIMARY KEY ({}));", keys.join(", ")).unwrap();
    for row in 1..=ROWS {
        let mut cells = vec![row.to_string(); keys.len()];
        for group in 0..groups.len() {
            let cell = format!("{row}{group:03}");
            let float = if group % 2 == 0 {
                "NULL".to_owned()
            } else {
                format!("{cell}.5")
            };
            cells.extend([cell.clone(), format!("'text {cell}'"), float]);
        }
        write!(sql, "INSERT INTO {table} VALUES ({});", cells.join(", ")).unwrap();
    }
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(&sql).unwrap();
    conn.enable_identity_map();
    conn
}

/// What plain Diesel read, and what the map gave for the same query.
fn assert_same<M: Debug + PartialEq>(plain: &[M], objects: &[Arc<M>]) {
    assert!(plain.iter().eq(objects.iter().map(AsRef::as_ref)));
}

fn assert_one_object<M>(left: &[Arc<M>], right: &[Arc<M>]) {
    assert_eq!(left.len(), right.len());
    assert!(
        left.iter()
            .zip(right)
            .all(|(left, right)| Arc::ptr_eq(left, right))
    );
}

/// Everything a table of any width must do; a macro, because a function would have to repeat
/// Diesel's bounds on 128 columns.
macro_rules! check {
    ($table:ident, $model:ident, $key:expr, $absent:expr) => {{
        let mut conn = database(stringify!($table), $model::KEYS, $model::GROUPS);
        let conn = &mut conn;
        let plain: Vec<$model> = $table::table
            .order($table::id.desc())
            .select($model::as_select())
            .load(conn)
            .unwrap();
        assert_eq!(plain.len(), ROWS as usize);

        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let load = |conn: &mut SqliteConnection| {
                $model::cached()
                    .order($table::id.desc())
                    .strategy(strategy)
                    .load(conn)
                    .unwrap()
            };
            // Nothing is held: every row is decoded whole.
            let objects = load(conn);
            assert_same(&plain, &objects);
            // Everything is held.
            assert_one_object(&objects, &load(conn));
            // Some is held: the rest is decoded beside it.
            let held: Vec<_> = objects.into_iter().step_by(2).collect();
            let objects = load(conn);
            assert_same(&plain, &objects);
            let again: Vec<_> = objects.iter().step_by(2).cloned().collect();
            assert_one_object(&held, &again);

            let found = $model::cached().find($key).first(conn).unwrap();
            assert!(objects.iter().any(|object| Arc::ptr_eq(object, &found)));
        }

        let found = $model::cached()
            .find_many([$key, $absent, $key])
            .load(conn)
            .unwrap();
        assert!(found[1].is_none());
        assert!(Arc::ptr_eq(
            found[0].as_ref().unwrap(),
            found[2].as_ref().unwrap()
        ));
        assert!(plain.contains(found[0].as_ref().unwrap()));

        let fresh = $model::cached()
            .order($table::id.desc())
            .fresh()
            .load(conn)
            .unwrap();
        assert_same(&plain, &fresh);
    }};
}

#[test]
fn sixty_four_columns() {
    assert_eq!(Width64::KEYS.len() + 3 * Width64::GROUPS.len(), 64);
    check!(width64, Width64, 2, 99);
}

#[test]
fn one_hundred_and_twenty_eight_columns() {
    assert_eq!(Width128::KEYS.len() + 3 * Width128::GROUPS.len(), 128);
    check!(width128, Width128, (2, 2), (2, 99));
}
