//! The crate under another name, and re-exported from a crate of the user's own.

mod database {
    pub mod reexport {
        pub use diesel_identity_map as maps;
    }
}

use database::reexport::maps;
use diesel::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
        version -> Integer,
    }
}

#[derive(Queryable, Selectable, maps::IdentityMapped)]
#[identity_map(crate = crate::database::reexport::maps)]
struct Post {
    id: i32,
    title: String,
}

#[derive(Queryable, Selectable, PartialEq, maps::IdentityMapped)]
#[diesel(table_name = posts, belongs_to(Post, foreign_key = id))]
#[identity_map(crate = maps, hooks, version = version, keep_unchanged, belongs_to(Post))]
struct Locked {
    id: i32,
    #[diesel(column_name = version)]
    lock: i32,
}

impl<C> maps::Hooks<C> for Locked {}

fn load(conn: &mut SqliteConnection) -> QueryResult<Vec<std::sync::Arc<Post>>> {
    use maps::IdentityMapped as _;
    Post::cached().filter(posts::title.eq("a")).load(conn)
}

fn main() {}
