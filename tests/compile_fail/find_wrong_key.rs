//! The key is an `i32`.

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
    let _ = Post::cached().find("1");
    let _ = Post::cached().find(1_i64);
    let _ = Post::cached().find_many(["1"]);
}

fn main() {}
