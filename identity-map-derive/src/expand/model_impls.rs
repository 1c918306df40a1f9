//! Writes the impls of a model that was not refused.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::hooks::hooks_impls;
use super::hygiene::in_const;
use super::key_tokens::{
    assert_key_types, key_columns, key_from_row, key_row_type, key_shape, one_or_tuple,
};
use super::query::{query_type, query_value, selection_impl};
use super::relation_impls::relation_impls;
use super::relation_name_types::relation_name_types;
use super::table_registration::table_registration_member;
use super::write_members::{unchanged_member, write_members};
use crate::model::{ColumnField, ModelStruct};
use crate::type_syntax::is_primitive;
use crate::validate::{PrimaryKey, Relation};

pub(crate) fn impls_with_key(
    model: &ModelStruct,
    key: &PrimaryKey,
    version: Option<&ColumnField>,
    relations: &[Relation],
) -> TokenStream {
    let impls = in_const(&[
        identity_mapped_impl(model, key),
        model_impl(model, key, version),
        selection_impl(model),
        hooks_impls(model),
        relation_impls(model, relations),
        assert_key_types(model, key),
    ]);
    let name_types = relation_name_types(model, relations);
    quote!(#impls #name_types)
}

/// The impl of the trait that users see.
fn identity_mapped_impl(model: &ModelStruct, key: &PrimaryKey) -> TokenStream {
    let ModelStruct {
        ident,
        krate,
        table,
        ..
    } = model;
    let key_type = one_or_tuple(key.fields.iter().map(|part| {
        let ty = part.field.ty;
        quote!(#ty)
    }));
    let key_value = one_or_tuple(key.fields.iter().map(|part| {
        let field = part.field.ident;
        quote!(::core::clone::Clone::clone(&self.#field))
    }));
    let query_type = query_type(model);
    let key_members = key_comparison_members(key);
    let same_row = same_row_member(krate);
    let unchanged = unchanged_member(model);
    let table_registration = table_registration_member(model);
    quote! {
        #[automatically_derived]
        impl #krate::IdentityMapped for #ident {
            type Key = #key_type;
            type Table = #table::table;
            type Query = #query_type;

            fn key(&self) -> Self::Key {
                #key_value
            }

            #key_members

            #same_row

            fn cached() -> #krate::Cached<Self, Self::Query> {
                #krate::Cached::new()
            }

            #unchanged

            #table_registration
        }
    }
}

/// What the engine does with the key in place, without a copy.
fn key_comparison_members(key: &PrimaryKey) -> TokenStream {
    let fields: Vec<_> = key.fields.iter().map(|part| part.field.ident).collect();
    let positions = (0..fields.len()).map(syn::Index::from);
    let has_key = if let [field] = &*fields {
        quote!(self.#field == *key)
    } else {
        quote!(#(self.#fields == key.#positions)&&*)
    };
    quote! {
        fn __has_key(&self, key: &Self::Key) -> ::core::primitive::bool {
            #has_key
        }

        fn __has_same_key(&self, other: &Self) -> ::core::primitive::bool {
            #(self.#fields == other.#fields)&&*
        }

        fn __hash_key(&self, state: &mut impl ::core::hash::Hasher) {
            #(::core::hash::Hash::hash(&self.#fields, state);)*
        }
    }
}

/// The comparison that debug builds ask for.
fn same_row_member(krate: &syn::Path) -> TokenStream {
    quote! {
        #[cfg(debug_assertions)]
        fn __is_same_row(&self, other: &Self) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use #krate::__private::{Comparable as _, Incomparable as _};
            (&#krate::__private::Versions(self, other)).are_equal()
        }
    }
}

/// The impl of the trait that the core asks, which users do not see.
fn model_impl(model: &ModelStruct, key: &PrimaryKey, version: Option<&ColumnField>) -> TokenStream {
    let ModelStruct { ident, krate, .. } = model;
    let name = ident.unraw().to_string();
    let columns = key_columns(model, &key.fields);
    let shape = key_shape(model, &key.fields);
    let row_type = key_row_type(key);
    let count = key.fields.len();
    let has_primitives = key.fields.iter().all(|part| is_primitive(part.field.ty));
    let has_primitive_key = if has_primitives {
        quote!(Yes)
    } else {
        quote!(No)
    };
    let key_from_row = key_from_row(key);
    let query = query_value(model);
    let write_members = write_members(model, version);
    quote! {
        #[automatically_derived]
        impl #krate::model::Model for #ident {
            type KeyColumns = #columns;
            type KeyShape = #shape;
            type KeyRow = #row_type;
            const KEY_COLUMNS: ::core::primitive::usize = #count;
            type HasPrimitiveKey = #krate::__private::#has_primitive_key;

            fn key_from_row(
                row: Self::KeyRow,
            ) -> #krate::__private::diesel::deserialize::Result<Self::Key> {
                #key_from_row
            }

            fn key_columns() -> Self::KeyColumns {
                #columns
            }

            fn query() -> Self::Query {
                #query
            }

            fn name() -> &'static ::core::primitive::str {
                #name
            }

            #write_members
        }
    }
}
