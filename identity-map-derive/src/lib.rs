//! `#[derive(IdentityMapped)]` of `diesel-identity-map`. Use it through that crate: the
//! expansion names its paths, and its documentation has the examples that run.

mod attr;
mod column;
mod entries;
mod errors;
mod expand;
mod fallback;
mod model;
mod own_attr;
#[cfg(test)]
mod tests;
mod valid;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::errors::Errors;
use crate::model::Model;

/// Makes the rows of a table shared objects: implements `diesel_identity_map::IdentityMapped`.
///
/// The derive writes down the facts of a model: its table, its key, its columns. It goes on the
/// struct with named fields that also derives Diesel's `Queryable` and `Selectable`, and adds two
/// names to it: `Post::cached()`, the start of every cached query, and `post.key()`.
///
/// # What it reads
///
/// Diesel's own attributes, in Diesel's own spelling and with Diesel's defaults:
///
/// | on the struct | |
/// |---|---|
/// | `#[diesel(table_name = posts)]` | the table; by default the struct's name in snake case and an `s` |
/// | `#[diesel(primary_key(a, b))]` | the key columns, up to eight; by default `id` |
/// | `#[diesel(base_query = ..)]` | cached queries start from the `HasQuery` of the model |
///
/// | on a field | |
/// |---|---|
/// | `#[diesel(column_name = ..)]` | the column; by default the field's name |
/// | `#[diesel(deserialize_as = ..)]` | on a key field: what the column decodes to, `TryInto` the field |
/// | `#[diesel(embed)]`, `#[diesel(select_expression = ..)]` | the columns are those of the model's `Selectable` |
///
/// Every other `#[diesel(..)]` attribute is left to Diesel.
///
/// # Its own attribute
///
/// | on the struct | |
/// |---|---|
/// | `#[identity_map(crate = path)]` | where `diesel_identity_map` is, if it is renamed or re-exported |
/// | `#[identity_map(hooks)]` | reserved for the model's hooks |
/// | `#[identity_map(belongs_to(Parent, foreign_key = .., name = ..))]` | reserved for a second relation to the same parent |
/// | `#[identity_map(version = column)]` | reserved |
/// | `#[identity_map(keep_unchanged)]` | reserved |
///
/// The reserved ones are checked for their form and change nothing yet.
///
/// # What it refuses
///
/// - What is no struct with named fields.
/// - A lifetime parameter, because models are shared in `Arc`s and outlive the borrow; a type or
///   const parameter, because one table has one model type.
/// - A second `table_name`.
/// - A key column without a field, or with one that is embedded or computed: the key must be at
///   hand before the rest of the row is decoded.
/// - An `Option` in the key: a nullable key identifies no row.
/// - An `f32` or `f64` in the key, or any type that is not
///   `Clone + Eq + Hash + Debug + Send + Sync`: keys are compared as Rust values.
/// - A key of no columns, of more than eight, or that names a column twice.
///
/// All errors of a struct are reported at once, and the struct still gets impls that stand in, so
/// that its uses are not reported as well.
#[proc_macro_derive(IdentityMapped, attributes(diesel, identity_map))]
pub fn derive_identity_mapped(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = parse_macro_input!(input as DeriveInput);
    derive(&item).into()
}

fn derive(item: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let impls = impls(item, &mut errors);
    let compile_errors = errors.into_compile_errors();
    quote::quote!(#impls #compile_errors)
}

fn impls(item: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let own = own_attr::read(item, errors);
    let krate = own.krate.clone();
    valid::check_shape(item, errors);
    let model = Model::read(item, own, errors);
    let key = model
        .as_ref()
        .and_then(|model| valid::find_key(model, errors));
    if let Some(model) = &model {
        valid::check_version(model, errors);
    }

    // The impls of a model name no parameters.
    let concrete = item.generics.params.is_empty();
    match (model.as_ref().filter(|_| concrete), &key) {
        (Some(model), Some(key)) => expand::expand(model, key),
        (Some(model), None) => fallback::without_key(model),
        (None, _) => krate.map_or_else(TokenStream::new, |krate| {
            fallback::without_table(item, &krate)
        }),
    }
}
