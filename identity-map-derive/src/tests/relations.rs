//! The relations of a model: their impls, their foreign keys, their names.

use quote::quote;

use super::derived::{derive, derive_on, derive_post, passed_on};

#[test]
fn a_parent() {
    let plain = derive("struct Post { id: i32, user_id: i32 }").accepted();
    let derived = derive("#[diesel(belongs_to(User))] struct Post { id: i32, user_id: i32 }");
    let relation = quote! {
        #[automatically_derived]
        impl ::diesel_identity_map::model::BelongsTo<User> for Post {
            type Parent = User;
            type ForeignKey = i32;
            type Columns = posts::user_id;
            type Shape = ::diesel_identity_map::model::Single;
            type Presence = ::diesel_identity_map::model::Always;

            fn foreign_key(&self) -> ::core::option::Option<Self::ForeignKey> {
                ::core::option::Option::Some(::core::clone::Clone::clone(&self.user_id))
            }

            fn columns() -> Self::Columns {
                posts::user_id
            }
        }

        #[automatically_derived]
        impl ::diesel_identity_map::model::ChildrenOf<User> for Post {
            type Child = Post;
            type Relation = User;
        }

        #[automatically_derived]
        impl ::diesel_identity_map::model::Related<User> for Post {
            type Path = ::diesel_identity_map::model::ToParent<User>;
        }
    };
    let _ = derived
        .accepted()
        .expect(&relation.to_string())
        .expect_not("enum");
    let _ = plain.expect_not("BelongsTo");
}

#[test]
fn a_name_is_a_type_beside_the_model() {
    let source = |vis| {
        format!(
            "#[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]
            {vis} struct Post {{ id: i32, editor_id: Option<i32> }}"
        )
    };
    for vis in ["", "pub", "pub(crate)", "pub(in crate::a)"] {
        derive(&source(vis))
            .accepted()
            .expect(
                "impl ::diesel_identity_map::model::BelongsTo<Editor> for Post {
                    type Parent = User;
                    type ForeignKey = i32;
                    type Columns = posts::editor_id;
                    type Shape = ::diesel_identity_map::model::Single;
                    type Presence = ::diesel_identity_map::model::Nullable;

                    fn foreign_key(&self) -> ::core::option::Option<Self::ForeignKey> {
                        ::core::clone::Clone::clone(&self.editor_id)
                    }",
            )
            .expect(
                "impl ::diesel_identity_map::model::ChildrenOf<User> for Editor {
                    type Child = Post;
                    type Relation = Editor;
                }",
            )
            .expect(
                "impl ::diesel_identity_map::model::Related<Editor> for Post {
                    type Path = ::diesel_identity_map::model::ToParent<Editor>;
                }",
            )
            // The enum stands outside of the `const _`, where the user's code sees it.
            .expect(&format!(
                "}};
                #[doc = \"The relation of [`Post`] to `User` by `editor_id`.\"]
                #[allow(non_camel_case_types, dead_code)]
                {vis} enum Editor {{}}"
            ));
    }
    for name in ["editor", "r#type", "r#Editor", "EDITOR"] {
        derive_post(&format!(
            "#[identity_map(belongs_to(User, foreign_key = editor_id, name = {name}))]"
        ))
        .accepted()
        .expect(&format!("BelongsTo<{name}> for Post"))
        .expect(&format!("enum {name} {{}}"));
    }
}

#[test]
fn the_foreign_key_is_inferred_as_diesel_infers_it() {
    for attribute in ["diesel", "identity_map"] {
        for (parent, key) in [
            ("FooBarBaz", "foo_bar_baz_id"),
            ("crate::blog::HTTPLog<A, B>", "h_t_t_p_log_id"),
            ("r#Type", "type_id"),
            ("user", "user_id"),
        ] {
            derive(&format!(
                "#[{attribute}(belongs_to({parent}))] struct Post {{ id: i32, {key}: Key<A, B> }}"
            ))
            .accepted()
            .expect(&format!(
                "BelongsTo<{parent}> for Post {{
                    type Parent = {parent};
                    type ForeignKey = Key<A, B>;
                    type Columns = posts::{key};"
            ));
        }
    }
}

#[test]
fn columns_keep_their_own_names() {
    for (key, field, value) in [
        ("r#type", "r#type: i32", "r#type"),
        ("r#type", "#[diesel(column_name = \"type\")] of: i32", "of"),
        ("of", "#[diesel(column_name = of)] r#type: i32", "r#type"),
        ("r#of", "of: i32", "of"),
    ] {
        let column = if key == "r#of" { "of" } else { key };
        for attribute in ["diesel", "identity_map"] {
            derive(&format!(
                "#[{attribute}(belongs_to(User, foreign_key = {key}))]
                struct Post {{ id: i32, {field} }}"
            ))
            .accepted()
            .expect(&format!("clone(&self.{value})"))
            .expect(&format!("fn columns() -> Self::Columns {{ posts::{column}"));
        }
    }
    derive_post("#[identity_map(belongs_to(User, foreign_key = \"user_id\"))]")
        .accepted()
        .expect("type Columns = posts::user_id;");
}

#[test]
fn a_composite_key() {
    let shard = |fields| {
        derive(&format!(
            "#[diesel(table_name = s::posts)]
            #[identity_map(belongs_to(User, foreign_key = (b, \"a\",)))]
            struct Post {{ id: i32, {fields} }}"
        ))
        .accepted()
        .expect("type Columns = (s::posts::b, s::posts::a);")
        .expect("type Shape = ::diesel_identity_map::model::Composite;")
        .expect("fn columns() -> Self::Columns { (s::posts::b, s::posts::a) }")
    };
    let _ = shard("a: String, b: i32")
        .expect("type ForeignKey = (i32, String);")
        .expect("type Presence = ::diesel_identity_map::model::Always;")
        .expect(
            "::core::option::Option::Some((
                ::core::clone::Clone::clone(&self.b),
                ::core::clone::Clone::clone(&self.a)
            ))",
        );
    let _ = shard("a: std::option::Option<String>, b: i32")
        .expect("type ForeignKey = (i32, String);")
        .expect("type Presence = ::diesel_identity_map::model::Nullable;")
        .expect(
            "::core::option::Option::Some((
                ::core::clone::Clone::clone(&self.b),
                ::core::clone::Clone::clone(&self.a)?
            ))",
        );
    // A list of one column is a single key.
    derive_post("#[identity_map(belongs_to(User, foreign_key = (user_id)))]")
        .accepted()
        .expect("type ForeignKey = i32;")
        .expect("type Shape = ::diesel_identity_map::model::Single;");
}

#[test]
fn a_model_may_be_its_own_parent() {
    for attributes in [
        "#[diesel(belongs_to(Post, foreign_key = parent_id))]",
        "#[diesel(belongs_to(Self, foreign_key = parent_id))]",
        "#[identity_map(belongs_to(Self, foreign_key = parent_id))]",
    ] {
        derive_post(attributes)
            .accepted()
            .expect("BelongsTo<Post> for Post { type Parent = Post;")
            .expect("ChildrenOf<Post> for Post { type Child = Post; type Relation = Post; }");
    }
    derive_post("#[identity_map(belongs_to(Self, foreign_key = parent_id, name = Parent))]")
        .accepted()
        .expect("BelongsTo<Parent> for Post { type Parent = Post;")
        .expect("ChildrenOf<Post> for Parent { type Child = Post; type Relation = Parent; }");
}

#[test]
fn what_macro_rules_passes_on() {
    let (parent, key, option) = (
        passed_on("a::User"),
        passed_on("b"),
        passed_on("Option<Id<A, B>>"),
    );
    let item = syn::parse_quote!(
        #[diesel(table_name = posts, belongs_to(#parent, foreign_key = #key))]
        #[identity_map(belongs_to(#parent, foreign_key = (#key), name = #key))]
        struct Post {
            id: i32,
            b: #option,
        }
    );
    let _ = derive_on(&item)
        .accepted()
        .expect("BelongsTo<a::User> for Post { type Parent = a::User; type ForeignKey = Id<A, B>;")
        .expect("type Presence = ::diesel_identity_map::model::Nullable;")
        .expect("BelongsTo<b> for Post { type Parent = a::User; type ForeignKey = Id<A, B>;");
}

#[test]
fn what_only_ties_the_tables() {
    for attributes in [
        // Diesel reports a foreign key without a field.
        "#[diesel(belongs_to(Blog))]",
        "#[diesel(belongs_to(User, foreign_key = of))]",
        "#[diesel(belongs_to(User, foreign_key = rest))]",
        "#[diesel(belongs_to(User, foreign_key = sum))]",
        "#[diesel(belongs_to(User, foreign_key = \"user_id\"))]",
        "#[diesel(belongs_to(User, foreign_key = (user_id)))]",
        "#[diesel(belongs_to(User, of_tomorrow = user_id))]",
        "#[identity_map(belongs_to(Blog))]",
        // A parent that borrows is no model.
        "#[diesel(belongs_to(User<'_>))]",
        "#[diesel(belongs_to(User<Vec<(&str,)>>))]",
        "#[identity_map(belongs_to(User<'a>, foreign_key = user_id))]",
    ] {
        derive_post(attributes)
            .accepted()
            .expect("ParentTable::<")
            .expect_not("BelongsTo");
    }
    derive_post("#[diesel(belongs_to(User<'static, &'static str>))]")
        .accepted()
        .expect("BelongsTo<User<'static, &'static str>> for Post");
    // One of the two declares a relation, although the other does not.
    derive_post("#[diesel(belongs_to(User, foreign_key = of), belongs_to(User))]")
        .accepted()
        .expect("type Columns = posts::user_id;");
}
