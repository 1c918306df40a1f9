//! A misspelled attribute must not be skipped in silence.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
#[identity_map(hook)]
struct Post {
    id: i32,
    title: String,
}

fn main() {}
