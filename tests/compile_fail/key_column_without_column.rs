//! The key names a field that is no column of the table.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
#[diesel(primary_key(slug))]
struct Post {
    slug: String,
    title: String,
}

fn main() {}
