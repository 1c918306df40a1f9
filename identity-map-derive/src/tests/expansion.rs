use quote::quote;

use super::derive;

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

                const IS_PLAIN: ::core::primitive::bool = true;
                const HAS_HOOKS: ::core::primitive::bool = false;

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
fn a_composite_key_is_in_the_order_of_primary_key() {
    derive(
        "#[diesel(primary_key(tag, post_id))]
        struct Tagging { post_id: i32, note: String, tag: String }",
    )
    .accepted()
    .expect("type Key = (String, i32);")
    .expect("(::core::clone::Clone::clone(&self.tag), ::core::clone::Clone::clone(&self.post_id))")
    .expect("type KeyColumns = (taggings::tag, taggings::post_id);")
    .expect("type KeyShape = ::diesel_identity_map::model::Composite;")
    .expect("type KeyRow = (String, i32);")
    .expect("const KEY_COLUMNS: ::core::primitive::usize = 2usize;")
    .expect("fn key_columns() -> Self::KeyColumns { (taggings::tag, taggings::post_id) }")
    .expect("type Selection = (taggings::post_id, taggings::note, taggings::tag,);")
    .expect("assert_key::<String>(); assert_key::<i32>();");
}

#[test]
fn a_renamed_column_is_the_key_under_its_own_name() {
    derive(
        "#[diesel(table_name = posts, primary_key(post_id))]
        struct Post { #[diesel(column_name = post_id)] id: PostId, title: String }",
    )
    .accepted()
    .expect("type Key = PostId;")
    .expect("::core::clone::Clone::clone(&self.id)")
    .expect("type KeyColumns = posts::post_id;")
    .expect("type Selection = (posts::post_id, posts::title,);");
}

#[test]
fn raw_identifiers_and_their_plain_names_are_one() {
    derive(
        "#[diesel(table_name = r#match, primary_key(r#type, r#kind))]
        struct Match { r#type: i32, #[diesel(column_name = kind)] k: i32,
            #[diesel(column_name = \"mod\")] module: i32, #[diesel(column_name = \"name\")] n: i32 }",
    )
    .accepted()
    .expect("type Table = r#match::table;")
    .expect("::core::clone::Clone::clone(&self.r#type)")
    .expect("type KeyColumns = (r#match::r#type, r#match::kind);")
    .expect("(r#match::r#type, r#match::kind, r#match::r#mod, r#match::name,)");
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
fn embedded_and_computed_fields_leave_the_selection_to_selectable() {
    for field in [
        "#[diesel(embed)] times: Timestamps",
        "#[diesel(select_expression = posts::a.eq(1))] a: bool",
        "#[diesel(select_expression_type = dsl::Eq<posts::a, i32>)] a: bool",
    ] {
        derive(&format!("struct Post {{ id: i32, {field} }}"))
            .accepted()
            .expect("type Query = posts::table;")
            .expect(
                "::diesel_identity_map::model::ModelSelection<__DB> for Post
                where
                    Self: ::diesel_identity_map::__private::diesel::expression::Selectable<
                        __DB,
                        SelectExpression: 'static
                    >
                {
                    type Selection = <Self as
                        ::diesel_identity_map::__private::diesel::expression::Selectable<__DB>
                    >::SelectExpression;

                    fn selection() -> Self::Selection {
                        <Self as
                            ::diesel_identity_map::__private::diesel::expression::Selectable<__DB>
                        >::construct_selection()
                    }
                }",
            );
    }
}

#[test]
fn a_base_query_is_that_of_has_query() {
    let has_query = "<Self as ::diesel_identity_map::__private::diesel::HasQuery<
        ::diesel_identity_map::__private::BaseQueryBackend>>";
    derive(
        "#[diesel(base_query = users::table.inner_join(posts::table).order(users::id))]
        struct User { id: i32 }",
    )
    .accepted()
    .expect("type Table = users::table;")
    .expect(&format!("type Query = {has_query}::BaseQuery;"))
    .expect(&format!(
        "fn query() -> Self::Query {{ {has_query}::base_query() }}"
    ))
    .expect("type Selection = <Self as");
}

#[test]
fn a_key_converts_from_what_its_column_decodes_to() {
    derive("struct Post { #[diesel(deserialize_as = i64)] id: PostId }")
        .accepted()
        .expect("type Key = PostId;")
        .expect("type KeyRow = i64;")
        .expect("::core::result::Result::Ok(row.try_into()?)")
        .expect("assert_key::<PostId>();");
    derive(
        "#[diesel(primary_key(a, b))]
        struct Post { a: i32, #[diesel(deserialize_as = Pair<A, B>)] b: Id }",
    )
    .accepted()
    .expect("type Key = (i32, Id);")
    .expect("type KeyRow = (i32, Pair<A, B>);")
    .expect("::core::result::Result::Ok((row.0, row.1.try_into()?))");
    derive("struct Post { id: i32, #[diesel(deserialize_as = A)] title: Title }")
        .accepted()
        .expect("::core::result::Result::Ok(row)");
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
        .expect("const HAS_HOOKS: ::core::primitive::bool = true;")
        .expect_not("::diesel_identity_map::Hooks");
}

#[test]
fn a_version_is_read_and_set() {
    for (version, field, column) in [
        ("v", "v: i64", "v"),
        ("r#v", "v: i64", "v"),
        ("r#type", "r#type: i64", "r#type"),
        (
            "\"type\"",
            "#[diesel(column_name = \"type\")] v: i64",
            "r#type",
        ),
    ] {
        let ident = field
            .rsplit(' ')
            .nth(1)
            .expect("a name")
            .trim_end_matches(':');
        derive(&format!(
            "#[identity_map(version = {version})] struct Post {{ id: i32, {field} }}"
        ))
        .accepted()
        .expect(&format!(
            "type VersionColumn = posts::{column};
            type Version = i64;

            fn version_column() -> Self::VersionColumn {{ posts::{column} }}

            fn version(&self) -> Self::Version {{ ::core::clone::Clone::clone(&self.{ident}) }}

            fn set_version(&mut self, version: Self::Version) {{ self.{ident} = version; }}"
        ))
        .expect_not("NoVersion");
    }
}

#[test]
fn a_computed_field_beside_the_version_column_of_its_name() {
    derive(
        "#[identity_map(version = v)]
        struct Post { id: i32, #[diesel(embed)] v: Rest, #[diesel(column_name = v)] lock: i32 }",
    )
    .accepted()
    .expect("self.lock = version;");
}

#[test]
fn what_is_unchanged_is_kept() {
    derive("#[identity_map(keep_unchanged)] struct Post { id: i32 }")
        .accepted()
        .expect(
            "const __UNCHANGED: ::core::option::Option<fn(&Self, &Self) -> ::core::primitive::bool>
            = ::core::option::Option::Some(<Self as ::core::cmp::PartialEq>::eq);",
        );
}

#[test]
fn a_model_that_is_not_all_columns_is_not_plain() {
    derive("struct Post { id: i32, #[diesel(embed)] rest: Rest }")
        .accepted()
        .expect("const IS_PLAIN: ::core::primitive::bool = false;");
}
