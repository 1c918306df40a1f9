//! A pool is not one of its connections.

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
    title: String,
}

struct Pool;

fn load(pool: &mut Pool) {
    let _ = Post::cached().load(pool);
}

fn main() {}
