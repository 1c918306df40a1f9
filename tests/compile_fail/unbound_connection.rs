//! A function over any connection that is not bound by `CachedConnection`.

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

fn recent<C: Connection>(conn: &mut C) {
    let _ = Post::cached().load(conn);
}

fn main() {}
