// A blog in memory, for the examples in the documentation.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
struct Post {
    id: i32,
    title: String,
}

/// A connection with its map enabled, to a database of three posts.
#[allow(dead_code)]
fn blog() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory");
    conn.enable_identity_map();
    diesel::sql_query("CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        .execute(&mut conn)
        .expect("a table");
    diesel::sql_query("INSERT INTO posts VALUES (1, 'Rows'), (2, 'Rust'), (3, 'Runes')")
        .execute(&mut conn)
        .expect("three rows");
    conn
}
