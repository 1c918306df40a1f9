//! The model's module imports nothing, and what the expansion could name is shadowed there.

mod schema {
    diesel::table! {
        posts (id) {
            id -> Integer,
            title -> Text,
            version -> Integer,
            user_id -> Integer,
            editor_id -> Nullable<Integer>,
            country -> Text,
        }
    }

    diesel::table! {
        users (id) {
            id -> Integer,
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
    trait PartialEq {}
    trait IdentityMapped {}
    trait Hooks {}
    struct Cached;
    struct Result;
    struct Ok;
    struct Option;
    struct Some;
    struct Single;
    struct NoVersion;
    struct OnceLock;
    struct Facts;
    struct ParentTable;
    struct BelongsTo;
    struct ChildrenOf;
    struct Related;
    struct ToParent;
    struct Always;
    struct Nullable;
    struct Debug;
    struct Copy;
    struct posts;
    struct usize;
    struct str;
    struct bool;

    #[derive(::diesel_identity_map::IdentityMapped)]
    #[diesel(table_name = super::schema::posts)]
    #[diesel(belongs_to(User), belongs_to(super::bare::Post))]
    #[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]
    #[identity_map(belongs_to(User, foreign_key = (country, editor_id), name = writer))]
    #[identity_map(hooks, version = version, keep_unchanged)]
    pub struct Post {
        id: ::core::primitive::i32,
        title: ::std::string::String,
        version: ::core::primitive::i32,
        user_id: ::core::primitive::i32,
        editor_id: ::core::option::Option<::core::primitive::i32>,
        country: ::std::string::String,
    }

    impl<C> ::diesel_identity_map::Hooks<C> for Post {}

    impl ::core::cmp::PartialEq for Post {
        fn eq(&self, other: &Self) -> ::core::primitive::bool {
            self.id == other.id
        }
    }

    // Its hooks are the derive's, and it has no version.
    #[derive(::diesel_identity_map::IdentityMapped)]
    #[diesel(table_name = super::schema::users)]
    pub struct User {
        id: ::core::primitive::i32,
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

fn editor(post: &shadowed::Post) -> Option<i32> {
    diesel_identity_map::model::BelongsTo::<shadowed::Editor>::foreign_key(post)
}

fn main() {
    <shadowed::Post as diesel_identity_map::IdentityMapped>::__facts();
}
