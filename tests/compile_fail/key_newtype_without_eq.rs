//! A key type of the user's own that cannot be looked up.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Clone, Debug, PartialEq)]
struct PostId(i32);

#[derive(IdentityMapped)]
struct Post {
    id: PostId,
    title: String,
}

fn main() {}
