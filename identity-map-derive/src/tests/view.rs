//! What `MappedView` makes of a struct, and what it refuses.

use crate::compile_errors::CompileErrors;
use crate::view::impl_mapped_view;

/// The expansion on the source of a struct, and the messages.
fn view(source: &str) -> (String, Vec<String>) {
    let item = syn::parse_str(source).expect("the test's struct parses");
    let mut errors = CompileErrors::default();
    let expansion = impl_mapped_view(&item, &mut errors);
    syn::parse2::<syn::File>(expansion.clone()).expect("the expansion is Rust");
    let errors = errors.into_inner().into_iter().flatten();
    let messages = errors.map(|error| error.to_string()).collect();
    (expansion.to_string(), messages)
}

#[test]
fn the_fields_are_the_parts_of_the_row() {
    let (expansion, errors) = view("struct V<T> { a: Arc<T>, #[diesel(embed)] b: Inner, c: bool }");
    assert_eq!(errors, [""; 0]);
    let inner = ":: diesel_identity_map :: MappedView > :: Row";
    assert!(
        expansion.contains(&format!(
            "type Row = (Arc < T > , < Inner as {inner} , bool ,)"
        )),
        "{expansion}"
    );
    assert!(expansion.contains("MappedView for V < T >"), "{expansion}");
    let (expansion, _) = view("struct V(Arc<A>, i32);");
    assert!(
        expansion.contains("Self { 0 : field_0 , 1 : field_1 }"),
        "{expansion}"
    );
}

#[test]
fn what_has_no_parts() {
    for (source, message) in [
        ("enum V { A }", "`MappedView` is for a struct"),
        ("struct V;", "a view needs a field for each part of the row"),
        (
            "struct V {}",
            "a view needs a field for each part of the row",
        ),
    ] {
        let (expansion, errors) = view(source);
        assert!(expansion.is_empty() && errors.len() == 1, "{source}");
        assert!(errors[0].starts_with(message), "{errors:?}");
    }
}
