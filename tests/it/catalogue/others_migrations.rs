//! G3: another program changes the schema. SQLite counts that, so a new connection and a new scope notice it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::sqlite::Db;
use crate::mapped;

/// Makes a trigger that adds `more` to every shelf when a jar changes, by a connection without a map.
fn migrate(db: &Db, more: i32) {
    let mut stranger = db.connect();
    let count = format!("UPDATE shelves SET jars = jars + {more};");
    let name = format!("count_{more}");
    let trigger = Product::Sqlite.trigger(&name, "AFTER UPDATE", "jars", &count);
    stranger.batch_execute(&trigger).unwrap();
}

#[test]
fn a_new_scope_and_a_new_connection() {
    let db = Db::new();
    let (mut conn, sent) = mapped(db.connect(), db.url());
    conn.batch_execute(&Product::Sqlite.tables("")).unwrap();
    let _held = Shelf::cached().load(&mut conn).unwrap();
    let mut expected = 0;
    let mut all = 0;
    for (at, is_new_connection) in [(1, false), (10, true), (100, false)] {
        migrate(&db, at);
        all += at;
        if is_new_connection {
            (conn, _) = mapped(db.connect(), db.url());
        }
        let scope = (!is_new_connection).then(|| Scope::new().entered());
        let held = Shelf::cached().order(shelves::id).load(&mut conn).unwrap();
        assert_eq!(held[1].jars, expected);
        conn.batch_execute("UPDATE jars SET label = 'x' WHERE id = 1")
            .unwrap();
        expected += all;
        assert_eq!(
            Shelf::cached().find(2).first(&mut conn).unwrap().jars,
            expected,
            "{at}"
        );
        drop(scope);
    }
    assert!(
        sent.take()
            .iter()
            .all(|sql| !sql.contains("schema_version"))
    );
}

/// Whatever is done first in a scope, before its first write.
#[test]
fn what_begins_a_scope() {
    let firsts = [
        "find",
        "load",
        "find of another model",
        "map",
        "begin",
        "plain",
        "expire",
    ];
    for (at, first) in firsts.iter().enumerate() {
        let db = Db::new();
        let name = format!("{} {first}", db.url());
        let (mut conn, _) = mapped(db.connect(), &name);
        let conn = &mut conn;
        conn.batch_execute(&Product::Sqlite.tables("")).unwrap();
        let _held = Shelf::cached().load(conn).unwrap();
        migrate(&db, 1);
        let scope = Scope::new();
        let _entered = scope.enter();
        match *first {
            "find of another model" => drop(Jar::cached().find(1).first(conn).unwrap()),
            "load" => drop(Shelf::cached().load(conn).unwrap()),
            "map" => drop(conn.identity_map().unwrap()),
            "begin" => conn.batch_execute("BEGIN").unwrap(),
            "plain" => conn.batch_execute("UPDATE badges SET id = 7").unwrap(),
            "expire" => scope.expire::<Shelf>(&1),
            _ => {}
        }
        let held = Shelf::cached().find(2).first(conn).unwrap();
        assert_eq!(held.jars, 0);
        if at % 2 == 0 {
            conn.batch_execute("UPDATE jars SET label = 'x' WHERE id = 1")
                .unwrap();
        } else {
            let jar = Jar::cached().find(1).first(conn).unwrap();
            let _new = Jar::cached().update(&jar, jars::label.eq("x"), conn);
        }
        assert_eq!(
            Shelf::cached().find(2).first(conn).unwrap().jars,
            1,
            "{first}"
        );
    }
}
