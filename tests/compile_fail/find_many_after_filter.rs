//! Keys and a condition: the database would have to decide, so it is a filter.

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
    let _ = Post::cached().filter(posts::title.eq("a")).find_many([1]);
}

fn main() {}
