//! The model is one of Diesel's, but nobody said that it is mapped.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable)]
struct Post {
    id: i32,
    title: String,
}

fn load() {
    let _ = Post::cached();
}

fn main() {}
