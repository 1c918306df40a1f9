//! One column of the key is of a type that cannot be looked up.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct TagId(i32);

#[derive(IdentityMapped)]
#[diesel(primary_key(post_id, tag_id))]
struct PostTag {
    post_id: i32,
    tag_id: TagId,
}

fn main() {}
