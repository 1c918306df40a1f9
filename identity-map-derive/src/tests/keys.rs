//! The key: its columns, its type, and how it is made of a row.

use super::derived::derive;

#[test]
fn a_composite_key_is_in_the_order_of_primary_key() {
    derive(
        "#[diesel(primary_key(tag, post_id))]
        struct Tagging { post_id: i32, note: String, tag: String }",
    )
    .accepted()
    .expect("type Key = (String, i32);")
    .expect("(::core::clone::Clone::clone(&self.tag), ::core::clone::Clone::clone(&self.post_id))")
    .expect("-> ::core::primitive::bool { self.tag == key.0 && self.post_id == key.1 }")
    .expect("-> ::core::primitive::bool { self.tag == other.tag && self.post_id == other.post_id }")
    .expect("::core::hash::Hash::hash(&self.tag, state); ::core::hash::Hash::hash(&self.post_id, state);")
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
fn integers_and_booleans_are_primitive() {
    for (fields, expected) in [
        ("id: i64", "Yes"),
        ("id: bool", "Yes"),
        ("id: String", "No"),
        ("id: my::i64", "No"),
    ] {
        derive(&format!("struct Post {{ {fields} }}"))
            .accepted()
            .expect(&format!(
                "type HasPrimitiveKey = ::diesel_identity_map::__private::{expected};"
            ));
    }
    derive("#[diesel(primary_key(a, b))] struct Pair { a: i32, b: String }")
        .accepted()
        .expect("type HasPrimitiveKey = ::diesel_identity_map::__private::No;");
}
