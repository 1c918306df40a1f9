//! A key that changes with every write is no key.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        lock_version -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(primary_key(id, lock_version))]
#[identity_map(version = lock_version)]
struct Post {
    id: i32,
    lock_version: i32,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().find((1, 2)).first(conn);
}

fn main() {}
