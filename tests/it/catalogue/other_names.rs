//! Rows that are reached by another name: partitions, inheritance, views, rules; and names of several schemas.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::postgres::Db;
use crate::mapped;

diesel::table! {
    events (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    open_shelves (id) {
        id -> Integer,
        name -> Text,
    }
}

mod schemas {
    diesel::table! {
        app.posts (id) {
            id -> Integer,
            title -> Text,
        }
    }

    pub(super) mod other {
        diesel::table! {
            audit.posts (id) {
                id -> Integer,
                title -> Text,
            }
        }
    }
}

use schemas::other::posts as audit_posts;
use schemas::posts as app_posts;

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = events)]
struct Event {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = open_shelves)]
struct OpenShelf {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = app_posts)]
struct AppPost {
    id: i32,
    title: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = audit_posts)]
struct AuditPost {
    id: i32,
    title: String,
}

/// A partition, and a child by inheritance, in both directions.
#[test]
fn a_part_of_a_table() {
    for part in [
        "CREATE TABLE events (id int, name text NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);",
        "CREATE TABLE events (id int, name text NOT NULL); CREATE TABLE events_1 () INHERITS (events);",
    ] {
        for write in [
            "UPDATE events_1 SET name = 'new'",
            "TRUNCATE events_1",
            "DELETE FROM ONLY events_1",
        ] {
            let db = Db::new();
            let (mut conn, _) = mapped(db.connect(), db.url());
            let conn = &mut conn;
            conn.batch_execute(&format!("{part} INSERT INTO events_1 VALUES (1, 'old')"))
                .unwrap();
            let held = Event::cached().load(conn).unwrap();
            conn.batch_execute(write).unwrap();
            let now = Event::cached().find(1).first(conn).optional().unwrap();
            assert_eq!(held[0].id, 1);
            match now {
                Some(event) => {
                    assert_eq!((&*event.name, write.starts_with("UPDATE")), ("new", true))
                }
                None => assert!(!write.starts_with("UPDATE"), "{write}"),
            }
        }
    }
}

/// A view that is written to, a view over it, and the table behind both.
#[test]
fn views() {
    for write in [
        "UPDATE shelves SET name = 'new'",
        "UPDATE named_shelves SET name = 'new'",
        "UPDATE open_shelves SET name = 'new'",
        "UPDATE ruled SET label = 'new'",
    ] {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(&Product::Postgres.tables("")).unwrap();
        conn.batch_execute(
            "CREATE VIEW named_shelves AS SELECT id, name FROM shelves WHERE name <> '';
             CREATE VIEW open_shelves AS SELECT id, name FROM named_shelves;
             CREATE TABLE ruled (label text); INSERT INTO ruled VALUES ('x');
             CREATE RULE renames AS ON UPDATE TO ruled DO ALSO UPDATE shelves SET name = NEW.label;",
        )
        .unwrap();
        let held = Shelf::cached().find(1).first(conn).unwrap();
        let shown = OpenShelf::cached().find(1).first(conn).unwrap();
        assert_eq!((&*held.name, &*shown.name), ("low", "low"));
        assert_eq!(shown.id, 1);
        conn.batch_execute(write).unwrap();
        assert_eq!(
            Shelf::cached().find(1).first(conn).unwrap().name,
            "new",
            "{write}"
        );
        assert_eq!(
            OpenShelf::cached().find(1).first(conn).unwrap().name,
            "new",
            "{write}"
        );
    }
}

/// Two tables of one name in two schemas: a write to one keeps the objects of the other.
#[test]
fn schemas_are_told_apart() {
    let db = Db::new();
    let (mut conn, sent) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(
        "CREATE SCHEMA app; CREATE SCHEMA audit;
         CREATE TABLE app.posts (id int PRIMARY KEY, title text NOT NULL);
         CREATE TABLE audit.posts (id int PRIMARY KEY, title text NOT NULL);
         INSERT INTO app.posts VALUES (1, 'app'); INSERT INTO audit.posts VALUES (1, 'audit');",
    )
    .unwrap();
    let app = AppPost::cached().find(1).first(conn).unwrap();
    let audit = AuditPost::cached().find(1).first(conn).unwrap();
    assert_eq!(
        (app.id, &*app.title, audit.id, &*audit.title),
        (1, "app", 1, "audit")
    );
    diesel::update(audit_posts::table)
        .set(audit_posts::title.eq("new"))
        .execute(conn)
        .unwrap();
    AuditPost::cached()
        .update(&audit, audit_posts::title.eq("newer"), conn)
        .unwrap();
    sent.take();
    assert!(Arc::ptr_eq(
        &AppPost::cached().find(1).first(conn).unwrap(),
        &app
    ));
    assert_eq!(sent.take().len(), 0);
    assert_eq!(
        AuditPost::cached().find(1).first(conn).unwrap().title,
        "newer"
    );
    diesel::sql_query("UPDATE \"app\" . posts SET title = 'x'")
        .execute(conn)
        .unwrap();
    assert_eq!(AppPost::cached().find(1).first(conn).unwrap().title, "x");
}
