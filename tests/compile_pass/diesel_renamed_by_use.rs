//! Diesel under a short name: the table's and the model's macros do not mind.

use d::prelude::*;
use diesel as d;
use diesel_identity_map::IdentityMapped;

d::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(d::Queryable, d::Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut d::SqliteConnection) -> d::QueryResult<Vec<std::sync::Arc<Post>>> {
    Post::cached().order(posts::title).load(conn)
}

fn main() {}
