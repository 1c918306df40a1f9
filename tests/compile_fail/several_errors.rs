//! All at once; and the uses of the model are not reported beside them.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
#[diesel(primary_key(id, slug))]
#[identity_map(retain)]
struct Post {
    id: Option<f32>,
    #[identity_map(hooks)]
    title: String,
}

fn uses() {
    let _ = Post::cached();
}

fn main() {}
