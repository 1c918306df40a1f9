//! Whether an object is unchanged is for its `PartialEq` to say.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(keep_unchanged)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().find(1).first(conn);
}

fn main() {}
