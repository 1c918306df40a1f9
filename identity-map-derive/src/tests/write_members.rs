//! The version, and the comparison with what was read before.

use super::derived::derive;

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
