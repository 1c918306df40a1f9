//! A column of a table that the query does not join.

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
        user_id -> Integer,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users);

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    user_id: i32,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().filter(users::name.eq("Ann")).load(conn);
}

fn main() {}
