//! `#[derive(IdentityMapped)]` of `diesel-identity-map`. Use it through that crate: the
//! expansion names its paths, and its documentation has the examples that run.
//!
//! # The floors
//!
//! The derive parses the attributes, makes a model of them, validates it, and expands it. Every
//! import goes down:
//!
//! ```text
//!  7  tests/         what the derive expands to and refuses
//!  6  lib.rs         the derive: from a struct to impls and errors
//!  5  expand/   view.rs   the impls of a model, or those that stand in for it; the impl of a view
//!  4  validate/      what keeps a struct from being mapped
//!  3  model.rs       the facts of a struct, with Diesel's defaults
//!  2  parse/         the attributes `diesel` and `identity_map`
//!  1  column.rs   compile_errors.rs   inferred_names.rs   type_syntax.rs   what all of them use
//! ```

mod column;
mod compile_errors;
mod expand;
mod inferred_names;
mod model;
mod parse;
#[cfg(test)]
mod tests;
mod type_syntax;
mod validate;
mod view;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::compile_errors::CompileErrors;
use crate::model::ModelStruct;
use crate::parse::IdentityMapAttribute;

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
/// | `#[diesel(primary_key(a, b))]` | the key columns, up to eight, which tell rows apart; by default `id` |
/// | `#[diesel(base_query = ..)]` | cached queries start from the `HasQuery` of the model |
/// | `#[diesel(belongs_to(Parent, ..))]` | a parent of the model, see [below](#its-own-attribute) |
///
/// | on a field | |
/// |---|---|
/// | `#[diesel(column_name = ..)]` | the column; by default the field's name |
/// | `#[diesel(deserialize_as = ..)]` | on a key field: what the column decodes to, `TryInto` the field |
/// | `#[diesel(embed)]`, `#[diesel(select_expression = ..)]` | the columns are those of the model's `Selectable` |
///
/// Every other `#[diesel(..)]` attribute is left to Diesel.
///
/// # The key
///
/// It must tell rows apart: an identity map gives one object for all rows of a key, also where a view, or
/// PostgreSQL tables that inherit, have several.
///
/// Where the database takes two keys for equal, they are equal in Rust if the SQL type of each key column is
/// an integer, `Bool`, `Uuid` or `Oid`. With any other type (`Text` and `Binary`, whose columns may ignore
/// case or pad; times and decimals, whose columns may keep fewer digits) the database is asked which key has
/// found which row. What that costs is in `docs/keys.md` of the repository.
///
/// # Its own attribute
///
/// | on the struct | |
/// |---|---|
/// | `#[identity_map(crate = path)]` | where `diesel_identity_map` is, if it is renamed or re-exported |
/// | `#[identity_map(hooks)]` | the program implements `Hooks` for the model |
/// | `#[identity_map(belongs_to(Parent, foreign_key = column))]` | a parent, as with Diesel's |
/// | `#[identity_map(belongs_to(Parent, foreign_key = (a, b)))]` | a parent whose key is composite |
/// | `#[identity_map(belongs_to(Parent, foreign_key = column, name = Name))]` | another relation to a parent |
/// | `#[identity_map(changed_by(jars, audit_log))]` | writes to these tables change the model's rows |
/// | `#[identity_map(version = column)]` | optimistic locking by an integer column |
/// | `#[identity_map(keep_unchanged)]` | an expired object that turns out unchanged stays the same `Arc` |
///
/// They may stand together in one attribute, separated by commas.
///
/// **`hooks`** says that the program has an `impl Hooks<Conn> for Post`, for every connection type
/// that it uses the model on. Without `hooks` the derive writes an empty impl for all connections,
/// and one of the program's own is an error: "conflicting implementations of trait `Hooks`".
///
/// **`belongs_to`** may be Diesel's. This derive's own does what Diesel's cannot: it declares a
/// second relation to the same parent, a relation to a parent whose key is composite, or one that
/// the model derives no `Associations` for. The foreign key is by default the parent's name in
/// snake case and `_id`.
///
/// By a relation of either kind objects can be loaded: `posts.load_parents::<User>(conn)` and
/// `users.load_children::<Post>(conn)`. There the parent's type says which relation is meant, so
/// only one relation to a parent can do without a name. `name = Editor` gives a name to another.
/// The name becomes an empty enum beside the model, as visible as the model is, and stands for the
/// relation on both sides: `posts.load_parents::<Editor>(conn)`,
/// `users.load_children::<Editor>(conn)`. Relations of models in one module need different names.
///
/// A foreign key may be NULL if its field is an `Option`: an object whose foreign key is `None` has
/// no parent. `foreign_key = (a, b)` names the columns of a composite key, in the order of the
/// parent's `primary_key(..)`; if any of them is NULL, there is no parent. The types of the fields,
/// without the `Option`, are those of the parent's key. The parent may be the model itself.
///
/// Which objects a write to the parent's table expires, the foreign keys of the database say. Where its catalogue
/// cannot be read, either `belongs_to` says it: a plain `diesel::delete(users::table)` may have cascaded to the
/// posts, so the posts that the connection's maps hold are read again too. The parent's table is that of its
/// `IdentityMapped` or `Identifiable`. If the parent has neither, its table is guessed as Diesel
/// does: the name in snake case and an `s`.
///
/// Some `belongs_to` say no more than that, and declare no relation: Diesel's, if the foreign key
/// is no plain field of the model; `#[identity_map(belongs_to(Parent))]`, if there is no such
/// field; and either, if the parent has a lifetime.
///
/// **`changed_by`** names tables, with their schemas as `app::audit_log`. A write to one of them expires the model's
/// objects. The database's catalogue tells most of that by itself; this is for what it cannot tell, such as a
/// trigger in a language that nobody reads here, or a table that another one is copied from.
///
/// **`version`** names a `NOT NULL` integer column that is a field of the model. Every `update` and
/// `save` of the manager makes it one higher. If somebody else has written the row since the object
/// was read, the row's version is no longer the object's: then `update`, `save` and `delete` fail,
/// with nothing changed. Plain Diesel statements neither check nor raise the version.
///
/// **`keep_unchanged`** needs `PartialEq`. If an expired object is alive when its row is read
/// again, the object is compared with what was read. If they are equal, the old `Arc` is handed out
/// again. So identity and memory survive a write to the table that did not touch the row, at the
/// price of the comparison. What `PartialEq` leaves out may then be out of date.
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
/// - A version column without a field, or with one that is embedded or computed: the version that
///   an object was read with must be at hand when it is written.
/// - A version that is part of the key: the key would change with every write.
/// - A version that is an `Option`, or anything but `i16`, `i32`, `i64` or their unsigned kin.
/// - A `foreign_key` in `#[identity_map(belongs_to(..))]` that names a column without a field, or
///   with one that is embedded or computed; that names no column, a column twice, or more than
///   eight. And a `name` without a foreign key that is a field. Diesel reports what is wrong with
///   its own `belongs_to`.
/// - A second relation to a parent without a name, of either kind: the parent's type would not say
///   which one is meant.
/// - A relation's `name` that is also that of another relation, of the model, or of a parent.
/// - A foreign key of a type that could not be a key: see above.
/// - `keep_unchanged` without `PartialEq`.
/// - An unknown item in `#[identity_map(..)]`, and the attribute on a field.
///
/// All errors of a struct are reported at once. The struct still gets impls that stand in, so that
/// its uses are not reported as well.
#[proc_macro_derive(IdentityMapped, attributes(diesel, identity_map))]
pub fn derive_identity_mapped(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = parse_macro_input!(input as DeriveInput);
    derive(&item).into()
}

/// Makes a struct of what each row of `mapped()` gives: implements `diesel_identity_map::MappedView`.
///
/// The fields are the parts of the row, in their order: `Arc<Post>` for `Post::as_select()`, `Option<Arc<Post>>` for
/// `Option::<Post>::as_select()`, and what Diesel decodes for any other expression. Up to sixteen.
///
/// | on a field | |
/// |---|---|
/// | `#[diesel(embed)]` | the part is a tuple, of which a view is made that derives `MappedView`, too |
///
/// On the struct, `#[identity_map(crate = path)]` says where `diesel_identity_map` is. An example is with
/// `MappedQuery::views`.
#[proc_macro_derive(MappedView, attributes(diesel, identity_map))]
pub fn derive_mapped_view(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = parse_macro_input!(input as DeriveInput);
    let mut errors = CompileErrors::default();
    let view = view::impl_mapped_view(&item, &mut errors);
    let compile_errors = errors.into_tokens();
    quote::quote!(#view #compile_errors).into()
}

fn derive(item: &DeriveInput) -> TokenStream {
    let mut errors = CompileErrors::default();
    let impls = derive_impls(item, &mut errors);
    let compile_errors = errors.into_tokens();
    quote::quote!(#impls #compile_errors)
}

fn derive_impls(item: &DeriveInput, errors: &mut CompileErrors) -> TokenStream {
    let own_attribute = IdentityMapAttribute::parse(&item.attrs, errors);
    validate::refuse_other_shapes(item, errors);
    let model = ModelStruct::from_struct(item, &own_attribute, errors);
    let Some(model) = &model else {
        return expand::impls_without_table(item, &own_attribute);
    };
    let key = validate::find_primary_key(model, errors);
    let version = validate::find_version(model, errors);
    let relations = validate::find_relations(model, errors);
    let has_parameters = !item.generics.params.is_empty();
    match key {
        // The impls of a model name no parameters.
        _ if has_parameters => expand::impls_without_table(item, &own_attribute),
        Some(key) => expand::impls_with_key(model, &key, version.as_ref(), &relations),
        None => expand::impls_without_key(model, version.as_ref(), &relations),
    }
}
