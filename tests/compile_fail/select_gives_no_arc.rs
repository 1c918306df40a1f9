//! `select` leaves the cached world, also with all the columns of the model.

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

fn load(conn: &mut SqliteConnection) -> QueryResult<Vec<Arc<Post>>> {
    Post::cached().select(Post::as_select()).load(conn)
}

fn main() {}
