//! The table's key is `id`; the struct leaves it out.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
struct Post {
    title: String,
}

fn main() {}
