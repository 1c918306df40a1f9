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

struct NewPost {
    title: String,
}

fn main() {
    let conn = &mut SqliteConnection::establish("").unwrap();
    let new = NewPost { title: String::new() };
    let _ = Post::cached().insert(new, conn);
}
