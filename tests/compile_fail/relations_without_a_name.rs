//! The parent's type says which relation is meant, of one only.

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

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
struct User {
    id: i32,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
#[diesel(belongs_to(User))]
#[identity_map(belongs_to(User, foreign_key = editor_id))]
struct Post {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = posts)]
#[diesel(belongs_to(User), belongs_to(User, foreign_key = editor_id))]
struct Draft {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
}

fn main() {}
