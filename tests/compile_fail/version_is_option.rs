//! A row without a version could not be locked.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        lock_version -> Nullable<Integer>,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(version = lock_version)]
struct Post {
    id: i32,
    lock_version: Option<i32>,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().find(1).first(conn);
}

fn main() {}
