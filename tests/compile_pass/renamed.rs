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
    }
}

#[derive(Queryable, Selectable, maps::IdentityMapped)]
#[identity_map(crate = crate::database::reexport::maps)]
struct Post {
    id: i32,
    title: String,
}

fn load(conn: &mut SqliteConnection) -> QueryResult<Vec<std::sync::Arc<Post>>> {
    use maps::IdentityMapped as _;
    Post::cached().filter(posts::title.eq("a")).load(conn)
}

fn main() {}
