//! The model's module imports nothing, and what the expansion could name is shadowed there.

mod schema {
    diesel::table! {
        posts (id) {
            id -> Integer,
            title -> Text,
        }
    }
}

// Only `IdentityMapped` is derived: Diesel's own derives need `diesel` and `Ok` in sight.
#[no_implicit_prelude]
#[allow(dead_code, non_camel_case_types)]
mod shadowed {
    mod core {}
    mod std {}
    mod diesel {}
    mod diesel_identity_map {}
    mod identity_map_core {}
    trait Clone {}
    trait IdentityMapped {}
    struct Cached;
    struct Result;
    struct Ok;
    struct Single;
    struct posts;
    struct usize;
    struct str;

    #[derive(::diesel_identity_map::IdentityMapped)]
    #[diesel(table_name = super::schema::posts)]
    pub struct Post {
        id: ::core::primitive::i32,
        title: ::std::string::String,
    }
}

mod bare {
    #[derive(diesel::Queryable, diesel::Selectable, diesel_identity_map::IdentityMapped)]
    #[diesel(table_name = crate::schema::posts)]
    pub struct Post {
        id: i32,
        title: String,
    }

    pub fn load(
        conn: &mut diesel::SqliteConnection,
    ) -> diesel::QueryResult<Vec<std::sync::Arc<Post>>> {
        <Post as diesel_identity_map::IdentityMapped>::cached().load(conn)
    }
}

fn key(post: &shadowed::Post) -> i32 {
    diesel_identity_map::IdentityMapped::key(post)
}

fn main() {}
