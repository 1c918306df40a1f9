//! 10,000 posts, for the benchmarks `load`, `async_load` and `tasks`.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[allow(dead_code)] // decoded and dropped
pub(crate) struct Post {
    pub(crate) id: i32,
    user_id: i32,
    title: String,
    body: String,
}

pub(crate) const ROWS: i32 = 10_000;

/// The statements that fill the table anew. `settle` does what a server does by itself after a
/// while; to temporary tables it does not.
pub(crate) fn filling(body: usize, settle: &str) -> impl Iterator<Item = String> {
    let table = "DROP TABLE IF EXISTS posts;
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
                             title TEXT NOT NULL, body TEXT NOT NULL);";
    let text = "x".repeat(body);
    let rows = (1..=ROWS).step_by(500).map(move |from| {
        let rows: Vec<String> = (from..from + 500)
            .map(|id| format!("({id}, {}, 'post number {id}', '{text}')", id % 100))
            .collect();
        format!("INSERT INTO posts VALUES {}", rows.join(", "))
    });
    [table.to_owned()]
        .into_iter()
        .chain(rows)
        .chain([settle.to_owned()])
}

#[cfg(feature = "postgres")]
pub(crate) fn postgres_url() -> String {
    std::env::var("IDENTITY_MAP_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}
