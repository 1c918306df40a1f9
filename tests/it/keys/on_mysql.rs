//! Keys of MySQL's and MariaDB's own kinds.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::kinds::STRATEGIES;
use crate::db::mysql::Db;
use crate::mapped;

diesel::table! {
    flags (number, is_set) {
        number -> Integer,
        is_set -> Bool,
        name -> Text,
    }
}

diesel::table! {
    hosts (id) {
        id -> Text,
        name -> Text,
    }
}

diesel::table! {
    visits (id) {
        id -> Integer,
        host_id -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = flags, primary_key(number, is_set))]
struct Flag {
    number: i32,
    is_set: bool,
    name: String,
}

diesel::table! {
    vintages (year) {
        year -> SmallInt,
        name -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = vintages, primary_key(year))]
struct Vintage {
    year: i16,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = hosts)]
struct Host {
    id: String,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = visits, belongs_to(Host))]
struct Visit {
    #[allow(dead_code)] // the key
    id: i32,
    host_id: Option<String>,
}

/// A `TINYINT` that is neither 0 nor 1 is read as `true`, and not found by it.
#[test]
fn a_boolean_that_is_neither() {
    let db = Db::new();
    for strategy in STRATEGIES {
        // A database of its own for each, so that nothing learned before helps.
        let (mut conn, _) = mapped(db.connect(), &format!("{strategy:?} of {}", db.url()));
        let conn = &mut conn;
        conn.batch_execute(
            "DROP TABLE IF EXISTS flags;
             CREATE TABLE flags (number INT, is_set TINYINT NOT NULL, name VARCHAR(9) NOT NULL,
                 PRIMARY KEY (number, is_set));
             INSERT INTO flags VALUES (1, 0, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, -1, 'd'), (5, 5, 'e')",
        )
        .unwrap();
        let plain: Vec<String> = flags::table
            .order(flags::number)
            .select(flags::name)
            .load(conn)
            .unwrap();
        for _ in 0..3 {
            let _held = Flag::cached()
                .filter(flags::number.le(3))
                .load(conn)
                .unwrap();
            let query = Flag::cached().strategy(strategy).order(flags::number);
            let names: Vec<String> = query
                .load(conn)
                .unwrap()
                .iter()
                .map(|flag| flag.name.clone())
                .collect();
            assert_eq!(names, plain, "{strategy:?}");
        }
    }
}

/// A `YEAR` shows 1999, and is found by 99.
#[test]
fn a_year_of_two_digits() {
    let db = Db::new();
    let (mut conn, sent) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(
        "CREATE TABLE vintages (year YEAR PRIMARY KEY, name VARCHAR(9) NOT NULL);
         INSERT INTO vintages VALUES (1999, 'a'), (2001, 'b'), (1971, 'c')",
    )
    .unwrap();
    let asked = [99, 1, 1971, 2005, 5];
    let expected = [Some("a"), Some("b"), Some("c"), None, None];
    for query in [
        Vintage::cached(),
        Vintage::cached().fresh(),
        Vintage::cached().uncached(),
    ] {
        let found = query.find_many(asked).load(conn).unwrap();
        let names: Vec<Option<&str>> = found
            .iter()
            .map(|found| Some(&*found.as_ref()?.name))
            .collect();
        assert_eq!(names, expected);
    }
    let held = Vintage::cached().find(1999).first(conn).unwrap();
    sent.take();
    let found = Vintage::cached().find_many([99]).load(conn).unwrap();
    assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), &held));
    assert_eq!((held.year, sent.take().len()), (1999, 2));
    Vintage::cached().find_many([2005]).load(conn).unwrap();
    assert_eq!(sent.take().len(), 1, "a year without a row");
}

/// Compared with a `UUID`, a text that is none is neither equal nor unequal.
#[test]
fn a_text_that_is_no_key() {
    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(
        "CREATE TABLE hosts (id UUID PRIMARY KEY, name VARCHAR(9) NOT NULL);
         CREATE TABLE visits (id INT PRIMARY KEY, host_id VARCHAR(40));
         INSERT INTO hosts VALUES ('00000000-0000-0000-0000-00000000000a', 'a'),
             ('00000000-0000-0000-0000-00000000000b', 'b');
         INSERT INTO visits VALUES (1, '00000000-0000-0000-0000-00000000000A'), (2, 'junk'), (3, ''), (4, NULL)",
    )
    .unwrap();
    let upper = "00000000-0000-0000-0000-00000000000B";
    let names = |hosts: &[Option<Arc<Host>>]| -> Vec<Option<String>> {
        hosts
            .iter()
            .map(|host| Some(host.as_ref()?.name.clone()))
            .collect()
    };
    for more in [0, 60] {
        let mut asked = vec![upper.to_owned(), "junk".to_owned(), String::new()];
        asked.extend((0..more).map(|at| format!("junk {at}")));
        let found = Host::cached().find_many(&asked).load(conn).unwrap();
        let mut expected = vec![None; asked.len()];
        expected[0] = Some("b".to_owned());
        assert_eq!(names(&found), expected);
    }
    let visits = Visit::cached().order(visits::id).load(conn).unwrap();
    let expected = [Some("a".to_owned()), None, None, None];
    assert_eq!(names(&visits.load_parents::<Host>(conn).unwrap()), expected);
    for (visit, expected) in visits.iter().zip(&expected) {
        let host = visit.load_parent::<Host>(conn).unwrap();
        assert_eq!(
            host.map(|host| host.name.clone()),
            *expected,
            "{:?}",
            visit.host_id
        );
    }
}
