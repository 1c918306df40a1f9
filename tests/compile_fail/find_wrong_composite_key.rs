//! The key has two columns.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(primary_key(post_id, tag_id))]
struct PostTag {
    post_id: i32,
    tag_id: i32,
}

fn find() {
    let _ = PostTag::cached().find(1);
}

fn main() {}
