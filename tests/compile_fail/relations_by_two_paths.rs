//! That two paths lead to one parent, only the compiler can see.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        editor_id -> Nullable<Integer>,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct User {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(User))]
#[identity_map(belongs_to(crate::User, foreign_key = editor_id))]
struct Post {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
}

fn main() {}
