//! Without `#[identity_map(hooks)]` the model has empty hooks already.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

impl Hooks<SqliteConnection> for Post {}

fn load(conn: &mut SqliteConnection) {
    let _ = Post::cached().find(1).first(conn);
}

fn main() {}
