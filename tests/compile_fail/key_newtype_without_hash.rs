//! A key type of the user's own that is `Eq`, but not `Hash`.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PostId(i32);

#[derive(IdentityMapped)]
struct Post {
    id: PostId,
    title: String,
}

fn main() {}
