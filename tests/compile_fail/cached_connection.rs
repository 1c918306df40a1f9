//! A bound that something else than a connection does not meet.

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

struct Pool;

fn recent<C: CachedConnection<Post>>(conn: &mut C) -> QueryResult<Vec<Arc<Post>>> {
    Post::cached().order(posts::id.desc()).load(conn)
}

fn load(pool: &mut Pool) {
    let _ = recent(pool);
}

fn main() {}
