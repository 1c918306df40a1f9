//! A key that its column cannot be decoded into, nor compared with.

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
    id: i64,
    title: String,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().load(conn);
}

fn main() {}
