//! With Diesel's own check the field is pointed at; ours adds nothing to it.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite))]
struct Post {
    id: i32,
    title: i64,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().load(conn);
}

fn main() {}
