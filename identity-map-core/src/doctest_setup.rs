// A blog in memory, for the examples in the documentation.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapError;
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
        title -> Text,
        user_id -> Integer,
    }
}

diesel::table! {
    tags (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts);

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug)]
#[diesel(table_name = posts, belongs_to(User))]
struct Post {
    id: i32,
    title: String,
    user_id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = tags)]
struct Tag {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag))]
struct PostTag {
    post_id: i32,
    tag_id: i32,
}

/// A connection with its map enabled, to a database of two users, the first with two posts, the
/// second with one.
#[allow(dead_code)]
fn blog() -> SqliteConnection {
    use diesel::connection::SimpleConnection;

    let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory");
    conn.enable_identity_map();
    conn.batch_execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE posts (
             id INTEGER PRIMARY KEY,
             title TEXT NOT NULL,
             user_id INTEGER NOT NULL DEFAULT 1 REFERENCES users (id)
         );
         CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE post_tags (
             post_id INTEGER NOT NULL,
             tag_id INTEGER NOT NULL,
             PRIMARY KEY (post_id, tag_id)
         );
         INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
         INSERT INTO posts VALUES (1, 'Rows', 1), (2, 'Rust', 1), (3, 'Runes', 2);
         INSERT INTO tags VALUES (1, 'database');
         INSERT INTO post_tags VALUES (1, 1), (2, 1);",
    )
    .expect("tables and rows");
    conn
}
