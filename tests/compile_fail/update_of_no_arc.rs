//! `update` and `delete` take the shared object, not a model that was loaded by plain Diesel.

use std::sync::Arc;

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

fn update(post: &Post, conn: &mut SqliteConnection) -> QueryResult<Arc<Post>> {
    Post::cached().update(post, posts::title.eq("Rust"), conn)
}

fn delete(post: &Post, conn: &mut SqliteConnection) -> QueryResult<()> {
    Post::cached().delete(post, conn)
}

fn main() {}
