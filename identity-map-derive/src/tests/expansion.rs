//! The expansion as a whole, and what it says of the table, the crate and the hooks.

use quote::quote;

use super::derived::derive;

#[test]
fn a_single_key() {
    let derived = derive(
        "#[diesel(table_name = posts)]
        struct Post { id: i32, user_id: i32, title: String }",
    );
    let expected = quote! {
        const _: () = {
            #[automatically_derived]
            impl ::diesel_identity_map::IdentityMapped for Post {
                type Key = i32;
                type Table = posts::table;
                type Query = posts::table;

                fn key(&self) -> Self::Key {
                    ::core::clone::Clone::clone(&self.id)
                }

                fn __has_key(&self, key: &Self::Key) -> ::core::primitive::bool {
                    self.id == *key
                }

                fn __has_same_key(&self, other: &Self) -> ::core::primitive::bool {
                    self.id == other.id
                }

                fn __hash_key(&self, state: &mut impl ::core::hash::Hasher) {
                    ::core::hash::Hash::hash(&self.id, state);
                }

                #[cfg(debug_assertions)]
                fn __is_same_row(&self, other: &Self) -> ::core::primitive::bool {
                    #[allow(unused_imports)]
                    use ::diesel_identity_map::__private::{Comparable as _, Incomparable as _};
                    (&::diesel_identity_map::__private::Versions(self, other)).are_equal()
                }

                fn cached() -> ::diesel_identity_map::Cached<Self, Self::Query> {
                    ::diesel_identity_map::Cached::new()
                }

                fn __facts() -> ::core::option::Option<&'static ::diesel_identity_map::model::Facts> {
                    static FACTS: ::std::sync::OnceLock<::diesel_identity_map::model::Facts> =
                        ::std::sync::OnceLock::new();
                    ::core::option::Option::Some(FACTS.get_or_init(|| {
                        ::diesel_identity_map::model::Facts::register(
                            &::diesel_identity_map::model::table_name(&posts::table),
                            &[],
                        )
                    }))
                }
            }

            #[automatically_derived]
            impl ::diesel_identity_map::model::Model for Post {
                type KeyColumns = posts::id;
                type KeyShape = ::diesel_identity_map::model::Single;
                type KeyRow = i32;
                const KEY_COLUMNS: ::core::primitive::usize = 1usize;
                type HasPrimitiveKey = ::diesel_identity_map::__private::Yes;

                fn key_from_row(
                    row: Self::KeyRow,
                ) -> ::diesel_identity_map::__private::diesel::deserialize::Result<Self::Key> {
                    ::core::result::Result::Ok(row)
                }

                fn key_columns() -> Self::KeyColumns {
                    posts::id
                }

                fn query() -> Self::Query {
                    posts::table
                }

                fn name() -> &'static ::core::primitive::str {
                    "Post"
                }

                type IsPlain = ::diesel_identity_map::__private::Yes;
                type HasHooks = ::diesel_identity_map::__private::No;

                fn table() -> Self::Table {
                    posts::table
                }

                type VersionColumn = ::diesel_identity_map::model::NoVersion;
                type Version = ::diesel_identity_map::model::NoVersion;

                fn version_column() -> Self::VersionColumn {
                    ::diesel_identity_map::model::NoVersion
                }

                fn version(&self) -> Self::Version {
                    ::diesel_identity_map::model::NoVersion
                }

                fn set_version(&mut self, _: Self::Version) {}
            }

            #[automatically_derived]
            impl<__DB: ::diesel_identity_map::__private::diesel::backend::Backend>
                ::diesel_identity_map::model::ModelSelection<__DB> for Post
            {
                type Selection = (posts::id, posts::user_id, posts::title,);

                fn selection() -> Self::Selection {
                    (posts::id, posts::user_id, posts::title,)
                }
            }

            #[automatically_derived]
            impl<__Conn> ::diesel_identity_map::Hooks<__Conn> for Post {}

            #[automatically_derived]
            impl<__Conn> ::diesel_identity_map::AsyncHooks<__Conn> for Post {}

            const _: fn() = || {
                fn assert_key<T: ::diesel_identity_map::model::KeyType>() {}
                assert_key::<i32>();
            };
        };
    };
    assert_eq!(derived.accepted().impls, expected.to_string());
}

#[test]
fn the_table_is_inferred_as_diesel_infers_it() {
    for (name, table) in [
        ("Post", "posts"),
        ("FooBarBaz", "foo_bar_bazs"),
        ("HTTPCall", "h_t_t_p_calls"),
        ("r#Post", "posts"),
        // `as` is a keyword.
        ("A", "r#as"),
    ] {
        derive(&format!("struct {name} {{ id: i32 }}"))
            .accepted()
            .expect(&format!("type Table = {table}::table;"));
    }
}

#[test]
fn a_table_may_stand_anywhere() {
    for table in [
        "schema::blog::posts",
        "crate::schema::posts",
        "super::posts",
    ] {
        derive(&format!(
            "#[diesel(table_name = {table})] struct Post {{ id: i32 }}"
        ))
        .accepted()
        .expect(&format!("type Table = {table}::table;"))
        .expect(&format!("type KeyColumns = {table}::id;"));
    }
}

#[test]
fn the_crate_may_be_elsewhere() {
    derive("#[identity_map(crate = crate::reexported::map)] struct Post { id: i32 }")
        .accepted()
        .expect("impl crate::reexported::map::IdentityMapped for Post")
        .expect("crate::reexported::map::__private::diesel::backend::Backend")
        .expect_not("diesel_identity_map");
}

#[test]
fn what_a_model_belongs_to_is_registered() {
    let name = |parent, guess| {
        format!(
            "(&&&::diesel_identity_map::model::parent::ParentTable::<{parent}>::new())
            .__table_name(\"{guess}\")"
        )
    };
    derive(
        "#[diesel(table_name = posts, belongs_to(User), belongs_to(crate::blog::r#Blog<'_>, foreign_key = b))]
        #[identity_map(belongs_to(User, foreign_key = editor_id), belongs_to(HTTPLog<A, B>))]
        struct Post { id: i32, editor_id: i32 }",
    )
    .accepted()
    .expect("use ::diesel_identity_map::model::parent::{Guessed as _, Mapped as _, Tabled as _};")
    .expect(&format!(
        "::diesel_identity_map::model::Facts::register(
            &::diesel_identity_map::model::table_name(&posts::table),
            &[{}, {}, {}, {}],
        )",
        name("User", "users"),
        name("crate::blog::r#Blog<'_>", "blogs"),
        name("User", "users"),
        name("HTTPLog<A, B>", "h_t_t_p_logs"),
    ));
}

#[test]
fn hooks_are_the_users() {
    derive("#[identity_map(hooks)] struct Post { id: i32 }")
        .accepted()
        .expect("type HasHooks = ::diesel_identity_map::__private::Yes;")
        .expect_not("::diesel_identity_map::Hooks");
}
