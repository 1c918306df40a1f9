//! An upsert of another table, and one that returns rows by itself.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn other(conn: &mut SqliteConnection) {
    let upsert = diesel::insert_into(users::table).values(users::name.eq("Ann")).on_conflict_do_nothing();
    let _ = Post::cached().upsert(upsert, conn);
}

fn several(conn: &mut SqliteConnection) {
    let rows = vec![posts::title.eq("a"), posts::title.eq("b")];
    let upsert = diesel::insert_into(posts::table).values(rows).on_conflict_do_nothing();
    let _ = Post::cached().upsert_many(upsert, conn);
}

fn main() {}
