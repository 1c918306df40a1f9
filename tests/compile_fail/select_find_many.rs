//! `select` leaves the cached world; there is no `find_many` outside.

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

fn find() {
    let _ = Post::cached().select(posts::id).find_many([1]);
}

fn main() {}
