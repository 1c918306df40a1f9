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
#[identity_map(hooks)]
struct Post {
    id: i32,
    title: String,
}

fn main() {
    let conn = &mut SqliteConnection::establish("").unwrap();
    let _ = Post::cached().find(1).first(conn);
    let _ = Post::cached().insert(posts::title.eq("a"), conn);
}
