//! The renamed crate is not where the attribute says.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
#[identity_map(crate = "diesel_identity_map")]
struct Post {
    id: i32,
    title: String,
}

fn main() {}
