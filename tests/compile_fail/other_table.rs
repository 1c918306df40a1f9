//! A query of another table gives no posts.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(posts, users);

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Cached::<Post, _>::from_query(users::table).load(conn);
}

fn main() {}
