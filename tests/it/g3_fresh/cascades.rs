//! What the database changes along with a row that is written.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;
use crate::world::{Remark, World};

use super::setup::*;

diesel::table! {
    shelves (id) {
        id -> Integer,
    }
}

diesel::table! {
    books (id) {
        id -> Integer,
        shelf_id -> Integer,
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
#[diesel(table_name = shelves)]
struct Shelf {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(Shelf, foreign_key = shelf_id))]
struct Book {
    #[allow(dead_code)]
    id: i32,
    shelf_id: i32,
}

each_database! {
    fn cascades_reach_what_belongs_to_a_row(db) {
        let (conn, _) = &mut small(&db);
        conn.batch_execute("UPDATE comments SET user_id = 1; UPDATE comments SET user_id = 2 WHERE post_id = 2")
            .unwrap();
        // SET NULL, and CASCADE over two levels: post 2 is by user 1.
        seen!(conn, "delete a user", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn).unwrap();
            User::cached().delete(&user, conn).unwrap();
        });
        assert!(Remark::cached().load(conn).unwrap().iter().all(|remark| remark.user_id != Some(1)));
        seen!(conn, "delete all", |conn: &mut Conn| {
            Post::cached().filter(posts::id.lt(4)).delete_all(conn).unwrap();
        });
    }

    fn a_key_that_changes_takes_its_children_along(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(
            "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY);
             CREATE TABLE books (id INTEGER NOT NULL PRIMARY KEY, shelf_id INTEGER NOT NULL,
                 FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON UPDATE CASCADE);
             INSERT INTO shelves VALUES (1), (2);
             INSERT INTO books VALUES (1, 1), (2, 2);",
        )
        .unwrap();
        let shelf = Shelf::cached().find(1).first(conn).unwrap();
        let books = Book::cached().order(books::id).load(conn).unwrap();
        Shelf::cached().update(&shelf, shelves::id.eq(7), conn).unwrap();
        let again = Book::cached().order(books::id).load(conn).unwrap();
        assert_eq!((books[0].shelf_id, again[0].shelf_id), (1, 7));

        let books = again;
        Shelf::cached().filter(shelves::id.eq(2)).update_all(shelves::id.eq(8), conn).unwrap();
        let again = Book::cached().order(books::id).load(conn).unwrap();
        assert_eq!((books[1].shelf_id, again[1].shelf_id), (2, 8));
        diesel::update(shelves::table.find(8)).set(shelves::id.eq(9)).execute(conn).unwrap();
        assert_eq!(Book::cached().find(2).first(conn).unwrap().shelf_id, 9);
    }
}
