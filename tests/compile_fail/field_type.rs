//! A field that its column cannot be decoded into, as plain Diesel would say too.

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
    title: i64,
}

fn load(conn: &mut SqliteConnection) {
    // Named, because with one backend alone the compiler guesses it and with several it does not.
    let _ = Post::cached().load::<SqliteConnection, _>(conn);
}

fn main() {}
