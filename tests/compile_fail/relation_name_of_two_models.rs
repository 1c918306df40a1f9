//! The names of two models' relations stand beside each other, if the models do.

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
    }
}

diesel::table! {
    notes (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct User {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(User, name = Writer))]
struct Post {
    id: i32,
    user_id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(User, name = Writer))]
struct Note {
    id: i32,
    user_id: i32,
}

fn main() {}
