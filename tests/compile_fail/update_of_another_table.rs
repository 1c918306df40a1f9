use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn main() {
    let conn = &mut SqliteConnection::establish("").unwrap();
    let post = Post::cached().find(1).first(conn).unwrap();
    let _ = Post::cached().update(&post, users::name.eq("a"), conn);
}
