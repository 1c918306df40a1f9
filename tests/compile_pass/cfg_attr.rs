//! Derives and attributes behind conditions, as where a model is shared with a client.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[cfg_attr(
    not(target_family = "wasm"),
    derive(Queryable, Selectable, IdentityMapped)
)]
#[cfg_attr(not(target_family = "wasm"), diesel(table_name = posts, primary_key(id)))]
#[cfg_attr(target_family = "wasm", diesel(table_name = elsewhere))]
#[cfg_attr(not(target_family = "wasm"), identity_map(crate = ::diesel_identity_map))]
struct Article {
    id: i32,
    #[cfg_attr(not(target_family = "wasm"), diesel(column_name = title))]
    headline: String,
    #[cfg(target_family = "wasm")]
    rendered: String,
}

fn load(conn: &mut SqliteConnection) -> QueryResult<Vec<Arc<Article>>> {
    Article::cached().load(conn)
}

fn main() {}
