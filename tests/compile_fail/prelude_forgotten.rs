//! The methods of traits need the prelude.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite))]
struct Post {
    id: i32,
    title: String,
}

fn enable(conn: &mut SqliteConnection) {
    conn.enable_identity_map();
}

fn parents(posts: &[Arc<Post>], conn: &mut SqliteConnection) {
    let _ = posts.load_parents::<Post>(conn);
}

fn update(conn: &mut SqliteConnection) -> QueryResult<Arc<Post>> {
    Post::cached().find(7).update(posts::title.eq("Rust"), conn)
}

fn main() {}
