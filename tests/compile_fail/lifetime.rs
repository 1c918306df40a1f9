//! Models are shared and outlive what they would borrow.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(IdentityMapped)]
struct Post<'a> {
    id: i32,
    title: &'a str,
}

fn main() {}
