//! `base_query` is the business of `HasQuery`, which has to be derived.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(base_query = posts::table)]
struct Post {
    id: i32,
    title: String,
}

fn main() {}
