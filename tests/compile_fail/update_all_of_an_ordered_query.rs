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
    let query = Post::cached().order(posts::id);
    let _ = query.update_all(posts::title.eq("a"), conn);
}
