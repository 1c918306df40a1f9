//! Everything that may be said of a model, and every kind of parent.

#![deny(warnings)]

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

mod schema {
    diesel::table! {
        users (id) {
            id -> Integer,
        }
    }

    diesel::table! {
        posts (id) {
            id -> Integer,
            user_id -> Integer,
            editor_id -> Nullable<Integer>,
            parent_id -> Nullable<Integer>,
            r#type -> BigInt,
        }
    }
}

mod users {
    use super::*;

    #[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
    #[diesel(table_name = crate::schema::users)]
    pub struct User {
        pub id: i32,
    }

    /// A parent that Diesel knows, but the map does not.
    #[derive(Identifiable)]
    #[diesel(table_name = crate::schema::users)]
    pub struct UserRef<'a> {
        pub id: &'a i32,
    }

    /// A parent that nothing is known of.
    pub struct Unknown<T>(pub T);
}

macro_rules! child_of {
    ($parent:ty, $path:path, $table:ident, $version:ident) => {
        #[derive(Queryable, Selectable, Identifiable, IdentityMapped, PartialEq)]
        #[diesel(table_name = schema::$table, belongs_to($parent))]
        #[identity_map(belongs_to($path), version = $version, keep_unchanged)]
        pub struct Child {
            id: i32,
            $version: i64,
        }
    };
}

child_of!(users::UserRef<'_>, crate::users::User, posts, r#type);

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, PartialEq)]
#[diesel(table_name = schema::posts)]
#[diesel(belongs_to(crate::users::User), belongs_to(Post, foreign_key = parent_id))]
#[identity_map(belongs_to(users::User, foreign_key = editor_id, name = editor))]
#[identity_map(belongs_to(users::UserRef<'_>), belongs_to(users::Unknown<Vec<(i32, i32)>>))]
#[identity_map(belongs_to(Self), version = "type", keep_unchanged, hooks)]
pub struct Post {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
    parent_id: Option<i32>,
    #[diesel(column_name = "type")]
    kind: i64,
}

impl Hooks<SqliteConnection> for Post {
    fn pre_delete(post: &Arc<Self>, _: &mut SqliteConnection) -> QueryResult<()> {
        assert_eq!(post.id, 1);
        Ok(())
    }
}

fn main() {
    assert!(Post::__facts().is_some() && Child::__facts().is_some());
    assert!(Post::__UNCHANGED.is_some() && users::User::__UNCHANGED.is_none());
    assert!(users::Unknown(1).0 == 1 && users::UserRef { id: &1 }.id == &1);
}
