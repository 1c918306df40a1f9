use proc_macro2::{Delimiter, Group, TokenStream};
use quote::quote;

use super::{Derived, derive, derive_on};

/// The relations of a struct that has fields for most keys.
fn on_post(attributes: &str) -> Derived {
    derive(&format!(
        "{attributes} struct Post {{
            id: i32, user_id: i32, editor_id: Option<UserId>, parent_id: Option<i32>,
            #[diesel(embed)] rest: Rest, #[diesel(select_expression = a::b.eq(1))] sum: i64
        }}"
    ))
}

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
            // Outside of the `const _`.
            .expect(&format!(
                "}};
                #[doc = \"The relation of [`Post`] to `User` by `editor_id`.\"]
                #[allow(non_camel_case_types, dead_code)]
                {vis} enum Editor {{}}"
            ));
    }
    for name in ["editor", "r#type", "r#Editor", "EDITOR"] {
        on_post(&format!(
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
    on_post("#[identity_map(belongs_to(User, foreign_key = \"user_id\"))]")
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
    // A list of one is that one.
    on_post("#[identity_map(belongs_to(User, foreign_key = (user_id)))]")
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
        on_post(attributes)
            .accepted()
            .expect("BelongsTo<Post> for Post { type Parent = Post;")
            .expect("ChildrenOf<Post> for Post { type Child = Post; type Relation = Post; }");
    }
    on_post("#[identity_map(belongs_to(Self, foreign_key = parent_id, name = Parent))]")
        .accepted()
        .expect("BelongsTo<Parent> for Post { type Parent = Post;")
        .expect("ChildrenOf<Post> for Parent { type Child = Post; type Relation = Parent; }");
}

#[test]
fn what_macro_rules_passes_on() {
    let grouped = |source: &str| {
        let tokens: TokenStream = source.parse().expect("tokens");
        Group::new(Delimiter::None, tokens)
    };
    let (parent, key, option) = (
        grouped("a::User"),
        grouped("b"),
        grouped("Option<Id<A, B>>"),
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
        // Whether the field must be there is for Diesel to say.
        "#[diesel(belongs_to(Blog))]",
        "#[diesel(belongs_to(User, foreign_key = of))]",
        "#[diesel(belongs_to(User, foreign_key = rest))]",
        "#[diesel(belongs_to(User, foreign_key = sum))]",
        "#[diesel(belongs_to(User, foreign_key = \"user_id\"))]",
        "#[diesel(belongs_to(User, foreign_key = (user_id)))]",
        "#[diesel(belongs_to(User, of_tomorrow = user_id))]",
        "#[identity_map(belongs_to(Blog))]",
        // What borrows is no model.
        "#[diesel(belongs_to(User<'_>))]",
        "#[diesel(belongs_to(User<Vec<(&str,)>>))]",
        "#[identity_map(belongs_to(User<'a>, foreign_key = user_id))]",
    ] {
        on_post(attributes)
            .accepted()
            .expect("ParentTable::<")
            .expect_not("BelongsTo");
    }
    on_post("#[diesel(belongs_to(User<'static, &'static str>))]")
        .accepted()
        .expect("BelongsTo<User<'static, &'static str>> for Post");
    // Of two that are not, one may be a relation.
    on_post("#[diesel(belongs_to(User, foreign_key = of), belongs_to(User))]")
        .accepted()
        .expect("type Columns = posts::user_id;");
}

#[test]
fn a_foreign_key_without_a_field() {
    derive(
        "#[diesel(table_name = s::posts)] #[identity_map(belongs_to(User, foreign_key = editor))]
        struct Post { id: i32 }",
    )
    .refused(
        "editor",
        "`Post` has no field for the foreign key column `editor` of the table `s::posts`\n\
         help: add the field, or name the column of another",
    );
    on_post("#[identity_map(belongs_to(User, foreign_key = (user_id, editor)))]").refused(
        "editor",
        "`Post` has no field for the foreign key column `editor` of the table `posts`\n\
         help: add the field, or name the column of another\n\
         note: a foreign key field must stand beside an `embed` field, not inside it",
    );
    derive("#[identity_map(belongs_to(a::Person, name = Author))] struct Post { id: i32 }")
        .refused(
            "Person",
            "`Post` has no field for the foreign key column `person_id` of the table `posts`\n\
             help: say which column it is: \
             `#[identity_map(belongs_to(a::Person, foreign_key = .., name = Author))]`",
        );
    // It may be this one.
    derive(
        "#[identity_map(belongs_to(User, foreign_key = a))]
        struct Post { id: i32, #[diesel(column_name = 1)] b: i32 }",
    )
    .refused(
        "1",
        "expected identifier\n\
         help: the correct format looks like `#[diesel(column_name = author_id)]`",
    );
}

#[test]
fn a_foreign_key_that_is_not_a_plain_column() {
    on_post("#[identity_map(belongs_to(User, foreign_key = rest))]").refused(
        "embed",
        "the foreign key field `rest` is embedded, but a foreign key must be a plain column\n\
         help: put the foreign key field beside the embedded struct",
    );
    on_post("#[identity_map(belongs_to(User, foreign_key = sum))]").refused(
        "select_expression",
        "the foreign key field `sum` is selected by an expression, but a foreign key must be a \
         plain column\n\
         help: select the column itself",
    );
}

#[test]
fn a_foreign_key_of_a_wrong_number_of_columns() {
    on_post("#[identity_map(belongs_to(User, foreign_key = ()))]").refused(
        "()",
        "a foreign key of no columns\n\
         help: the correct format looks like \
         `#[identity_map(belongs_to(User, foreign_key = editor_id))]`",
    );
    on_post("#[identity_map(belongs_to(User, foreign_key = (user_id, parent_id, r#user_id)))]")
        .refused(
            "r#user_id",
            "the foreign key column `user_id` is named twice\n\
             help: name one column for each of the parent's primary key, in its order",
        );
    let many = |columns: &str| {
        let fields = columns.replace(',', ": i32,");
        derive(&format!(
            "#[identity_map(belongs_to(User, foreign_key = ({columns})))]
            struct Post {{ id: i32, {fields} }}"
        ))
    };
    let _ = many("a, b, c, d, e, f, g, h,")
        .accepted()
        .expect("type ForeignKey = (i32, i32, i32, i32, i32, i32, i32, i32);");
    many("a, b, c, d, e, f, g, h, i, j,").refused(
        "i",
        "a foreign key of 10 columns, but an identity map takes keys of up to 8\n\
         help: name the columns that hold the parent's primary key, and no others",
    );
}

#[test]
fn two_relations_without_a_name() {
    let message = |help: &str, relation: &str| {
        format!(
            "`Post` belongs to `a::User` in two ways, and `a::User` does not say which one is meant\n\
             help: {help}: `#[identity_map(belongs_to({relation}))]`"
        )
    };
    let two =
        |diesels: &str, own: &str| on_post(&format!("#[identity_map({own})] #[diesel({diesels})]"));
    let editor = "belongs_to(a::User, foreign_key = editor_id)";
    let both = format!("belongs_to(a::User), {editor}");
    let name_it = "give it a name";
    for (diesels, own, help) in [
        ("belongs_to(a::User)", editor, name_it),
        ("", &both, name_it),
        (&both, "", "say this one with a name instead"),
    ] {
        two(diesels, own).refused(
            "a::User",
            &message(help, "a::User, foreign_key = editor_id, name = Editor"),
        );
    }
    two(editor, "belongs_to(a::User)").refused(
        "a::User",
        &message(name_it, "a::User, foreign_key = user_id, name = OtherUser"),
    );
    two(
        editor,
        "belongs_to(a::User, foreign_key = (parent_id, user_id))",
    )
    .refused(
        "a::User",
        &message(
            name_it,
            "a::User, foreign_key = (parent_id, user_id), name = Parent",
        ),
    );
    on_post(
        "#[diesel(belongs_to(Self, foreign_key = parent_id))]
        #[identity_map(belongs_to(Post, foreign_key = parent_id))]",
    )
    .refused(
        "Post",
        "`Post` belongs to `Post` twice by the same foreign key\n\
         help: say it once",
    );
    on_post(
        "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]
        #[identity_map(belongs_to(User, foreign_key = parent_id, name = Parent))]",
    )
    .accepted()
    .expect("BelongsTo<User>")
    .expect("BelongsTo<Editor>")
    .expect("BelongsTo<Parent>");
}

#[test]
fn a_name_that_is_taken() {
    on_post(
        "#[identity_map(belongs_to(User, name = Editor))]
        #[identity_map(belongs_to(Person, foreign_key = editor_id, name = r#Editor))]",
    )
    .refused(
        "r#Editor",
        "two relations of the name `Editor`\n\
         help: give each a name of its own",
    );
    on_post("#[identity_map(belongs_to(User, foreign_key = editor_id, name = Post))]").refused(
        "Post",
        "the relation's name `Post` is that of the model\n\
         help: say what the parent is to it: `name = Editor`",
    );
    on_post("#[identity_map(belongs_to(User, name = User))]").refused(
        "User",
        "the relation's name `User` is that of a parent\n\
         help: leave it out where the parent's type says which relation is meant, or say what \
         the parent is to `Post`: `name = OtherUser`",
    );
    on_post("#[identity_map(belongs_to(a::User, name = User))]")
        .accepted()
        .expect("BelongsTo<User> for Post { type Parent = a::User;");
    on_post("#[identity_map(belongs_to(User<'_>, name = Writer))]").refused(
        "User<'_>",
        "`User<'_>` borrows, so it is no model that the relation `Writer` could lead to\n\
         help: name the parent's model, or leave the name out",
    );
}

#[test]
fn a_refused_relation_is_stood_in_for() {
    for foreign_key in ["of", "rest", "sum", "()", "(user_id, user_id)"] {
        let derived = on_post(&format!(
            "#[identity_map(belongs_to(User, foreign_key = {foreign_key}, name = Editor))]"
        ));
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived
            .expect("type Key = i32;")
            .expect("BelongsTo<Editor> for Post { type Parent = User; type ForeignKey = ::core::primitive::i32;")
            .expect("ChildrenOf<User> for Editor")
            .expect("enum Editor {}");
    }
    // The first of two that may not both be there.
    let derived = on_post(
        "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id))]",
    );
    let _ = derived
        .expect("type Columns = posts::user_id;")
        .expect_not("type Columns = posts::editor_id;");
}

#[test]
fn relations_stay_with_another_error() {
    let attributes = "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]";
    let fields = "user_id: i32, editor_id: i32";
    for source in [
        format!("{attributes} struct Post {{ {fields} }}"),
        format!("{attributes} #[identity_map(nonsense)] struct Post {{ id: i32, {fields} }}"),
    ] {
        let derived = derive(&source);
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived
            .expect("BelongsTo<User> for Post")
            .expect("type Columns = posts::editor_id;")
            .expect("enum Editor {}");
    }
    let attributes = format!("{attributes} #[identity_map(belongs_to(A, name = Editor))]");
    for source in [
        format!("{attributes} pub enum Post {{ A }}"),
        format!("{attributes} pub struct Post<T> {{ {fields}, t: T }}"),
    ] {
        let derived = derive(&source).expect_not("BelongsTo");
        assert_eq!(derived.impls.matches("pub enum Editor").count(), 1);
    }
}
