//! A field that its column cannot be decoded into, as plain Diesel would say too.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: i64,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().load(conn);
}

fn main() {}
