//! A relation's name is a type beside the model, so it must be one that is free.

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
#[identity_map(belongs_to(User, name = Writer))]
#[identity_map(belongs_to(User, foreign_key = editor_id, name = Writer))]
#[identity_map(belongs_to(User, foreign_key = editor_id, name = Post))]
#[identity_map(belongs_to(User, foreign_key = editor_id, name = User))]
#[identity_map(belongs_to(User, foreign_key = editor_id, name = "Editor"))]
struct Post {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
}

fn main() {}
