//! The version that an object was read with must be at hand when it is written.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
        lock_version -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(version = lock_version)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().find(1).first(conn);
}

fn main() {}
