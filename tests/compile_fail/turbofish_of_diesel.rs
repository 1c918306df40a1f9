//! Diesel's `load::<Post>(conn)`: `Post::cached()` has named the model already.

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

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().load::<Post>(conn);
    let _ = Post::cached().first::<Post>(conn);
}

fn main() {}
