//! One table, one model type.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
struct Post<T> {
    id: i32,
    title: T,
}

fn main() {}
