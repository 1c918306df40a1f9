//! Half of a composite key is no key.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
    }
}

#[derive(IdentityMapped)]
#[diesel(primary_key(post_id, tag_id))]
struct PostTag {
    post_id: i32,
}

fn main() {}
