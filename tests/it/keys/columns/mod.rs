//! Keys in columns of many types, with values that the database and Rust do not compare alike: every way to a
//! row by its key gives what plain Diesel gives, whatever is held.
//!
//! The values, what is held and what is asked for are random. A failure names the type and the seed, and
//! `KEYS_SEED=..` runs it again.

mod cases;
mod families;

use std::collections::HashSet;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::kinds::STRATEGIES;
use crate::db::each_database;
use crate::dice::Dice;
use crate::mapped;
use cases::{Columns, Values};
use families::*;

/// How often each type is tried.
const ROUNDS: u64 = 3;

fn seed() -> u64 {
    let given = std::env::var("KEYS_SEED").ok();
    given.map_or_else(
        || u64::from(std::process::id()),
        |seed| seed.parse().unwrap(),
    )
}

/// Creates the tables of a column type, and puts in what the column takes of the values.
fn create(conn: &mut impl SimpleConnection, column: &str, values: Values, dice: &mut Dice) {
    let _ = conn.batch_execute("DROP TABLE IF EXISTS parts");
    let _ = conn.batch_execute("DROP TABLE IF EXISTS coded");
    conn.batch_execute(&format!(
        "CREATE TABLE coded (code {column} NOT NULL PRIMARY KEY, name VARCHAR(9) NOT NULL)"
    ))
    .unwrap_or_else(|error| panic!("{column}: {error}"));
    conn.batch_execute(&format!(
        "CREATE TABLE parts (id INTEGER NOT NULL PRIMARY KEY, code {column})"
    ))
    .unwrap();
    for (at, value) in values.iter().enumerate() {
        if dice.percent(70) {
            let _ = conn.batch_execute(&format!("INSERT INTO coded VALUES ({value}, 'r{at:02}')"));
        }
        if dice.percent(70) {
            let _ = conn.batch_execute(&format!("INSERT INTO parts VALUES ({at}, {value})"));
        }
    }
}

/// Tries the types of one family on one database.
macro_rules! family {
    ($db:ident, $family:ident) => {{
        use $family::{Coded, Part, coded, parts, questions};
        $db.connect().prepare();
        for column in <Conn as Columns>::columns(stringify!($family)) {
            for seed in seed()..seed() + ROUNDS {
                let shown = format!("{} as {column}, KEYS_SEED={seed}", stringify!($family));
                let dice = &mut Dice::new(seed);
                let mut plain = $db.connect();
                create(&mut plain, column, $family::VALUES, dice);
                let rows: Vec<Coded> = coded::table.order(coded::name).load(&mut plain).unwrap();
                let names: Vec<&str> = rows.iter().map(|row| &*row.name).collect();
                // A database or a strategy of its own for each, so that nothing learned before helps.
                let (mut conn, _) = mapped($db.connect(), &shown);
                let conn = &mut conn;

                let mut held: Vec<Arc<Coded>> = Coded::cached().load(conn).unwrap();
                held.retain(|_| dice.percent(50));
                let is_one_object = |found: &Arc<Coded>| {
                    held.iter().all(|held| held.name != found.name || Arc::ptr_eq(held, found))
                };

                // What is asked for: values of the program's, and keys of rows.
                let mut asked = questions();
                asked.extend(rows.iter().map(|row| row.code.clone()));
                asked.retain(|_| dice.percent(60));
                let expected: Vec<Option<Coded>> = asked
                    .iter()
                    .map(|code| {
                        let found = coded::table.filter(coded::code.eq(code.clone()));
                        found.first(&mut plain).optional().unwrap()
                    })
                    .collect();
                // The key that a row shows stands for the row, also where the database does not find it by
                // a value that is bound.
                let agrees = |asked: &$family::Key, expected: &Option<Coded>, found: Option<&Arc<Coded>>| {
                    match (expected, found) {
                        (Some(expected), Some(found)) => **found == *expected,
                        (None, Some(found)) => found.code == *asked,
                        (expected, None) => expected.is_none(),
                    }
                };

                let found = Coded::cached().find_many(asked.clone()).load(conn).unwrap();
                for ((asked, expected), found) in asked.iter().zip(&expected).zip(&found) {
                    assert!(
                        agrees(asked, expected, found.as_ref()),
                        "{shown}: find_many {asked:?}: {expected:?}, but {found:?}"
                    );
                    assert!(found.iter().all(is_one_object), "{shown}: {found:?}");
                }
                let mut alone = found.into_iter();
                for (asked, expected) in asked.iter().zip(&expected) {
                    if dice.percent(50) {
                        drop(alone.next());
                    }
                    let found = Coded::cached().find(asked.clone()).first(conn).optional().unwrap();
                    assert!(
                        agrees(asked, expected, found.as_ref()),
                        "{shown}: find {asked:?}: {expected:?}, but {found:?}"
                    );
                    assert!(found.iter().all(is_one_object), "{shown}: {found:?}");
                }
                drop(alone);

                for strategy in STRATEGIES {
                    let query = Coded::cached().strategy(strategy).order(coded::name);
                    let loaded = query.load(conn).unwrap();
                    let loaded_names: Vec<&str> = loaded.iter().map(|row| &*row.name).collect();
                    assert_eq!(loaded_names, names, "{shown}: {strategy:?}");
                    assert!(loaded.iter().all(is_one_object), "{shown}: {strategy:?}");
                }

                // Parents, as a join has them.
                if <Conn as Columns>::binds_as_kept(stringify!($family), column) {
                    let joined: Vec<(i32, Option<String>)> = parts::table
                        .left_join(coded::table.on(parts::code.eq(coded::code.nullable())))
                        .order(parts::id)
                        .select((parts::id, coded::name.nullable()))
                        .load(&mut plain)
                        .unwrap();
                    let name = |parent: &Option<Arc<Coded>>| parent.as_ref().map(|row| row.name.clone());
                    let children = Part::cached().order(parts::id).load(conn).unwrap();
                    let parents = children.load_parents::<Coded>(conn).unwrap();
                    let ids = children.iter().map(|part| part.id);
                    let by_load_parents: Vec<_> = ids.zip(parents.iter().map(name)).collect();
                    assert_eq!(by_load_parents, joined, "{shown}: load_parents");
                    assert!(parents.iter().flatten().all(is_one_object), "{shown}: load_parents");
                    drop(parents);
                    let with = Part::cached().with::<Option<Coded>>().order(parts::id).load(conn).unwrap();
                    let with: Vec<_> = with.iter().map(|(part, row)| (part.id, name(row))).collect();
                    assert_eq!(with, joined, "{shown}: with");
                    let lazy = children.iter().map(|part| (part.id, name(&part.load_parent::<Coded>(conn).unwrap())));
                    let lazy: Vec<_> = lazy.collect();
                    assert_eq!(lazy, joined, "{shown}: load_parent");
                }

                // Children, as plain Diesel has those of each parent.
                let all = Coded::cached().order(coded::name).load(conn).unwrap();
                let parts_of = all.load_children_from(Part::cached().order(parts::id), conn).unwrap();
                for (row, found) in all.iter().zip(&parts_of) {
                    let plain_ids: Vec<i32> = parts::table
                        .filter(parts::code.eq(row.code.clone()))
                        .order(parts::id)
                        .select(parts::id)
                        .load(&mut plain)
                        .unwrap();
                    let ids: Vec<i32> = found.iter().map(|part| part.id).collect();
                    assert_eq!(ids, plain_ids, "{shown}: children of {row:?}");
                    let alone = row.load_children_from(Part::cached().order(parts::id), conn).unwrap();
                    let ids: Vec<i32> = alone.iter().map(|part| part.id).collect();
                    assert_eq!(ids, plain_ids, "{shown}: children of {row:?} alone");
                }

                // What is written by an object is written to the row that shows its key.
                let acts_by_rows = <Conn as Columns>::binds_as_kept(stringify!($family), column);
                for row in all.iter().filter(|_| acts_by_rows) {
                    let read = Coded::cached().refresh(row, conn).unwrap();
                    assert_eq!(read, *row, "{shown}: refresh");
                    let new = row.name.replace('r', "n");
                    let updated = Coded::cached().update(row, coded::name.eq(&new), conn).unwrap();
                    assert_eq!((&updated.code, &updated.name), (&row.code, &new), "{shown}: update");
                    let named = coded::table.filter(coded::name.eq(&new)).select(coded::code);
                    let codes: Vec<$family::Key> = named.load(&mut plain).unwrap();
                    assert_eq!(codes, std::slice::from_ref(&row.code), "{shown}: update");
                }
                drop(all);

                // A row that was deleted is gone under each spelling, and the others stay.
                let names_left = |conn: &mut Conn| -> HashSet<String> {
                    let rows = Coded::cached().load(conn).unwrap();
                    rows.iter().map(|row| row.name.clone()).collect()
                };
                for asked in asked.iter().take(3) {
                    let Some(gone) = coded::table
                        .filter(coded::code.eq(asked.clone()))
                        .first::<Coded>(&mut plain)
                        .optional()
                        .unwrap()
                    else {
                        continue;
                    };
                    let name = gone.name.clone();
                    let spelled = Arc::new(Coded { code: asked.clone(), name: name.clone() });
                    Coded::cached().delete(&spelled, conn).unwrap();
                    assert!(!names_left(conn).contains(&name), "{shown}: deleted {asked:?}");
                    for key in [asked.clone(), gone.code] {
                        let found = Coded::cached().find(key.clone()).first(conn).optional().unwrap();
                        assert!(found.is_none(), "{shown}: deleted {asked:?}, found {key:?}: {found:?}");
                    }
                }
                let left: Vec<String> = coded::table.select(coded::name).load(&mut plain).unwrap();
                assert_eq!(names_left(conn), left.into_iter().collect(), "{shown}: after the deletes");
                for row in Coded::cached().load(conn).unwrap().iter().filter(|_| acts_by_rows) {
                    Coded::cached().delete(row, conn).unwrap();
                    let left = coded::table.filter(coded::name.eq(&row.name));
                    assert_eq!(left.count().get_result(&mut plain), Ok(0), "{shown}: deleted {row:?}");
                }
            }
        }
    }};
}

each_database! {
    fn texts(db) {
        family!(db, text);
    }

    fn integers(db) {
        family!(db, integer);
    }

    fn bytes(db) {
        family!(db, binary);
    }

    fn times(db) {
        family!(db, time);
    }
}

#[cfg(feature = "postgres")]
#[test]
fn texts_without_case_on_postgres() {
    use crate::db::postgres::{Conn, Db};
    let db = Db::new();
    family!(db, citext);
}

#[cfg(feature = "postgres")]
#[test]
fn decimals_on_postgres() {
    use crate::db::postgres::{Conn, Db};
    let db = Db::new();
    family!(db, decimal);
}

#[cfg(feature = "mysql")]
#[test]
fn decimals_on_mysql() {
    use crate::db::mysql::{Conn, Db};
    let db = Db::new();
    family!(db, decimal);
}
