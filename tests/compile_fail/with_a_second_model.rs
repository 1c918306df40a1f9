//! A second model of a table that the first one belongs to: the relation is one to the other model.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
struct User {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
#[diesel(table_name = users)]
struct Author {
    id: i32,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
#[diesel(belongs_to(User))]
struct Post {
    id: i32,
    user_id: i32,
}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().with::<User>().with::<Author>().load(conn);
}

fn main() {}
