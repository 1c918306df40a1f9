//! The names that Diesel infers where no attribute gives one.

use syn::Ident;
use syn::ext::IdentExt;

/// A struct's table is the struct's name in snake case, and an `s`.
pub(crate) fn inferred_table_name(model: &Ident) -> String {
    snake_case(model) + "s"
}

/// The foreign key to a parent is the parent's name in snake case, and `_id`.
pub(crate) fn inferred_foreign_key_name(parent: &Ident) -> String {
    snake_case(parent) + "_id"
}

/// Diesel's snake case has a `_` before every capital: `HTTPCall` is `h_t_t_p_call`.
fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for character in ident.unraw().to_string().chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}
