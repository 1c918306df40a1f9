//! What a refused struct gets, so that its uses are no errors as well.

use super::derived::derive;

#[test]
fn an_error_beside_the_key_leaves_the_expansion_whole() {
    let plain = derive("struct Post { id: String }").impls;
    let refused = derive("#[identity_map(nonsense)] struct Post { id: String }");
    assert_eq!(refused.errors.len(), 1);
    assert_eq!(refused.impls, plain);
}

#[test]
fn without_a_key_the_table_and_the_selection_stay() {
    let _ = derive("struct Post { id: Option<i32>, title: String }")
        .expect("type Key = ::core::primitive::i32; type Table = posts::table; type Query = posts::table;")
        .expect("::diesel_identity_map::model::Model for Post")
        .expect("type Selection = (posts::id, posts::title,);")
        .expect("::core::unreachable!()")
        .expect_not("assert_key");
}

#[test]
fn without_a_key_the_other_attributes_stay() {
    let source = "#[identity_map(version = v, belongs_to(User), keep_unchanged)]
        struct Post { id: Option<i32>, v: i32 }";
    let _ = derive(source)
        .expect("type VersionColumn = posts::v;")
        .expect("ParentTable::<User>")
        .expect("__UNCHANGED")
        .expect("impl<__Conn> ::diesel_identity_map::Hooks<__Conn> for Post {}");
}

#[test]
fn a_refused_version_is_none() {
    for source in [
        "#[identity_map(version = v)] struct Post { id: i32 }",
        "#[identity_map(version = id)] struct Post { id: i32 }",
        "#[identity_map(version = v)] struct Post { id: i32, v: Option<i32> }",
        "#[identity_map(version)] struct Post { id: i32 }",
    ] {
        let derived = derive(source);
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived
            .expect("type Version = ::diesel_identity_map::model::NoVersion;")
            .expect("assert_key");
    }
}

#[test]
fn hooks_that_were_announced_never_meet_empty_ones() {
    for source in [
        "#[identity_map(hooks = true)] struct Post { id: i32 }",
        "#[identity_map(hooks)] struct Post { id: Option<i32> }",
        "#[identity_map(hooks)] enum Post { A }",
        "#[identity_map(hooks)] struct Post<T> { id: T }",
    ] {
        let derived = derive(source);
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived.expect_not("::diesel_identity_map::Hooks");
    }
}

#[test]
fn without_a_table_only_the_traits_stay() {
    for source in [
        "enum Post { A }",
        "struct Post(i32);",
        "#[diesel(table_name = 1)] struct Post { id: i32 }",
    ] {
        let _ = derive(source)
            .expect("impl ::diesel_identity_map::IdentityMapped for Post {")
            .expect("type Key = (); type Table = (); type Query = ();")
            .expect("impl<__Conn> ::diesel_identity_map::Hooks<__Conn> for Post {}")
            .expect_not("Model");
    }
}

#[test]
fn parameters_stay() {
    let _ = derive("struct Post<'a, T: Copy = u8> where T: Eq { id: &'a T }")
        .expect(
            "impl<'a, T: Copy> ::diesel_identity_map::IdentityMapped for Post<'a, T>
            where T: Eq, Self: ::core::marker::Send + ::core::marker::Sync + 'static",
        )
        .expect(
            "impl<'a, T: Copy, __Conn> ::diesel_identity_map::Hooks<__Conn> for Post<'a, T>
            where T: Eq, Self: ::core::marker::Send + ::core::marker::Sync + 'static",
        )
        .expect_not("Model");
}

#[test]
fn a_malformed_table_is_not_inferred() {
    let derived = derive("#[diesel(table_name)] struct Post { title: String }");
    assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
    let _ = derived.expect_not("posts");
}
