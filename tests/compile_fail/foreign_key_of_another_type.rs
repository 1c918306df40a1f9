use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> BigInt,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = users)]
struct User {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = posts, belongs_to(User))]
struct Post {
    id: i32,
    user_id: i64,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let conn = &mut conn;
    let posts = Post::cached().load(conn).unwrap();
    let _ = posts.load_parents::<User>(conn);
    let _ = posts[0].load_parent::<User>(conn);
    let _ = Post::cached().with::<User>().load(conn);
    let users = User::cached().load(conn).unwrap();
    let _ = users.load_children::<Post>(conn);
}
