//! What is refused of the struct, its key and its version: where errors point, and what they say.

use super::derived::derive;

#[test]
fn what_is_no_struct_with_named_fields() {
    let row = "derive it on the struct that a row of the table is loaded into";
    for (source, what, help) in [
        ("enum Post { A }", "an enum", row),
        ("union Post { a: i32 }", "a union", row),
        (
            "struct Post(i32);",
            "a tuple struct",
            "give its fields the names of the columns: `struct Post { id: .. }`",
        ),
        (
            "struct Post;",
            "a unit struct",
            "give it a field for every column: `struct Post { id: .. }`",
        ),
    ] {
        derive(source).refused(
            "Post",
            &format!(
                "`IdentityMapped` needs a struct with named fields, but `Post` is {what}\n\
                 help: {help}"
            ),
        );
    }
}

#[test]
fn a_lifetime() {
    derive("struct Post<'a> { id: i32, title: &'a str }").refused(
        "'a",
        "`Post` borrows for `'a`, but models are shared in `Arc`s and outlive the borrow\n\
         help: own the data: `String` instead of `&'a str`",
    );
}

#[test]
fn a_parameter() {
    for source in [
        "struct Post<T: Copy> { id: T }",
        "struct Post<const T: u8> { id: i32 }",
    ] {
        derive(source).refused(
            "T",
            "`Post` has the parameter `T`, but one table has one model type\n\
             help: derive `IdentityMapped` on a concrete struct, without `T`",
        );
    }
}

#[test]
fn a_second_table() {
    derive("#[diesel(table_name = posts, table_name = drafts)] struct Post { id: i32 }").refused(
        "drafts",
        "a second table: rows of two tables cannot be one object\n\
         help: keep one `table_name`, and give the other table a model of its own",
    );
}

#[test]
fn a_key_without_a_field() {
    derive("#[diesel(table_name = schema::posts)] struct Post { title: String }").refused(
        "Post",
        "`Post` has no field for the key column `id` of the table `schema::posts`\n\
         help: add the field, or name the key with `#[diesel(primary_key(..))]`",
    );
    derive("#[diesel(primary_key(slug))] struct Post { id: i32, #[diesel(embed)] rest: Rest }")
        .refused(
            "slug",
            "`Post` has no field for the key column `slug` of the table `posts`\n\
         help: add the field, or name the key with `#[diesel(primary_key(..))]`\n\
         note: a key field must stand beside an `embed` field, not inside it",
        );
}

#[test]
fn an_optional_key() {
    for option in ["Option<Id<A, B>>", "std::option::Option<Id<A, B>>"] {
        derive(&format!("struct Post {{ id: {option} }}")).refused(
            option,
            "the key field `id` is an `Option`, but a nullable key identifies no row\n\
             help: make the column `NOT NULL` and the field `Id<A, B>`, or name another key with \
             `#[diesel(primary_key(..))]`",
        );
    }
}

#[test]
fn a_floating_point_key() {
    for float in ["f32", "f64"] {
        derive(&format!("struct Post {{ id: {float} }}")).refused(
            float,
            &format!(
                "the key field `id` is an `{float}`, but floats are not `Eq`: no two of them are \
                 surely the same key\n\
                 help: use an integer, a decimal or a string, or name another key with \
                 `#[diesel(primary_key(..))]`"
            ),
        );
    }
}

#[test]
fn a_key_that_is_not_a_plain_column() {
    derive("struct Post { #[diesel(embed)] id: Option<Id> }").refused(
        "embed",
        "the key field `id` is embedded, but a key must be a plain column\n\
         help: put the key field beside the embedded struct, or name another key with \
         `#[diesel(primary_key(..))]`",
    );
    derive("struct Post { #[diesel(select_expression = posts::id + 1)] id: i32 }").refused(
        "select_expression",
        "the key field `id` is selected by an expression, but a key must be a plain column\n\
         help: select the column itself, or name another key with `#[diesel(primary_key(..))]`",
    );
}

#[test]
fn a_computed_field_beside_the_key_column_of_its_name() {
    derive(
        "struct Post {
            #[diesel(select_expression = posts::id + 1, column_name = id)] next: i64,
            id: i32,
        }",
    )
    .accepted()
    .expect("type Key = i32;");
}

#[test]
fn a_key_of_no_columns() {
    derive("#[diesel(primary_key())] struct Post { id: i32 }").refused(
        "primary_key",
        "`primary_key()` names no column\n\
         help: the correct format looks like `#[diesel(primary_key(id))]`",
    );
}

#[test]
fn a_column_twice() {
    derive("#[diesel(primary_key(r#type, b, type_, r#b))] struct Post { r#type: i32, b: i32, type_: u8 }")
        .refused(
            "r#b",
            "the key column `b` is named twice\n\
             help: name every column of the primary key once",
        );
}

#[test]
fn more_than_eight_columns() {
    let columns = |count| ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][..count].join(", ");
    let post = |count| {
        let fields = columns(count).replace(", ", ": i32, ");
        let columns = columns(count);
        derive(&format!(
            "#[diesel(primary_key({columns}))] struct Post {{ {fields}: i32 }}"
        ))
    };
    let _ = post(8)
        .accepted()
        .expect("const KEY_COLUMNS: ::core::primitive::usize = 8usize;");
    post(10).refused(
        "i",
        "a key of 10 columns, but an identity map takes keys of up to 8\n\
         help: name a shorter unique key with `#[diesel(primary_key(..))]`",
    );
}

#[test]
fn a_version_without_a_field() {
    derive("#[diesel(table_name = schema::posts)] #[identity_map(version = v)] struct Post { id: i32 }").refused(
        "v",
        "`Post` has no field for the version column `v` of the table `schema::posts`\n\
         help: add the field: an integer, `NOT NULL DEFAULT 0` in the table",
    );
    derive("#[identity_map(version = v)] struct Post { id: i32, #[diesel(embed)] rest: Rest }")
        .refused(
            "v",
            "`Post` has no field for the version column `v` of the table `posts`\n\
         help: add the field: an integer, `NOT NULL DEFAULT 0` in the table\n\
         note: the version field must stand beside an `embed` field, not inside it",
        );
    // The field with the malformed `column_name` may be the missing one.
    derive(
        "#[identity_map(version = v)] struct Post { id: i32, #[diesel(column_name = 1)] w: i32 }",
    )
    .refused(
        "1",
        "expected identifier\n\
             help: the correct format looks like `#[diesel(column_name = author_id)]`",
    );
}

#[test]
fn a_version_in_the_key() {
    for source in [
        "#[identity_map(version = id)] struct Post { id: i32 }",
        "#[diesel(primary_key(a, r#id))] #[identity_map(version = id)]
        struct Post { a: i32, #[diesel(column_name = id)] b: i32 }",
    ] {
        derive(source).refused(
            "id",
            "the version column `id` is a part of the key, which must stay when the version \
             changes\n\
             help: give the version a column of its own",
        );
    }
}

#[test]
fn an_optional_version() {
    derive("#[identity_map(version = v)] struct Post { id: i32, v: core::option::Option<i32> }")
        .refused(
            "core::option::Option<i32>",
            "the version field `v` is an `Option`, but a row without a version cannot be locked\n\
             help: make the column `NOT NULL DEFAULT 0` and the field `i32`",
        );
}

#[test]
fn a_version_that_is_no_integer() {
    for ty in ["String", "f64"] {
        derive(&format!(
            "#[identity_map(version = v)] struct Post {{ id: i32, v: {ty} }}"
        ))
        .refused(
            ty,
            &format!(
                "the version field `v` is of type `{ty}`, but a version is an integer, made one \
                 higher by each write of the row\n\
                 help: make the column an integer and the field an `i32`, or `i16` or `i64`"
            ),
        );
    }
}

#[test]
fn a_version_that_is_not_a_plain_column() {
    derive("#[identity_map(version = v)] struct Post { id: i32, #[diesel(embed)] v: V }").refused(
        "embed",
        "the version field `v` is embedded, but a version must be a plain column\n\
         help: put the version field beside the embedded struct",
    );
    derive(
        "#[identity_map(version = v)]
        struct Post { id: i32, #[diesel(select_expression = posts::v + 1)] v: i32 }",
    )
    .refused(
        "select_expression",
        "the version field `v` is selected by an expression, but a version must be a plain \
         column\n\
         help: select the column itself",
    );
}

#[test]
fn all_at_once() {
    let derived = derive(
        "#[diesel(table_name = posts, primary_key(a, b, c, a))]
        #[identity_map(nonsense, hooks = 1, 2, version = e)]
        struct Post<'x> { a: Option<f64>, b: f32, #[diesel(column_name)] d: &'x str, e: Option<u8> }",
    );
    let at: Vec<_> = derived.errors.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(
        at,
        [
            "nonsense",
            "=",
            "2",
            "'x",
            "column_name",
            "Option<f64>",
            "f64",
            "f32",
            "a",
            "Option<u8>"
        ]
    );
}
