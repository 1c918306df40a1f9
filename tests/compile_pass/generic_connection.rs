//! A function over any connection needs no bound but ours.

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

fn recent<C: CachedConnection<Post>>(conn: &mut C) -> QueryResult<Vec<Arc<Post>>> {
    Post::cached()
        .filter(posts::title.like("Rust%"))
        .order(posts::id.desc())
        .limit(10)
        .load(conn)
}

fn load(conn: &mut SqliteConnection) -> QueryResult<Vec<Arc<Post>>> {
    recent(conn)
}

fn main() {}
