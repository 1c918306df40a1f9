//! A row without a key has no identity.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (slug) {
        slug -> Nullable<Text>,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
#[diesel(primary_key(slug))]
struct Post {
    slug: Option<String>,
    title: String,
}

fn main() {}
