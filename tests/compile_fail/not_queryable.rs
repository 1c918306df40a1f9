//! Diesel's own derives are needed beside ours.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().load(conn);
}

fn main() {}
