//! Writes the impls of a struct that was refused. They stand in until the error is mended, so that
//! the compiler does not also report every place where the model is used.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::hooks::{empty_hooks_impls, hooks_impls};
use super::hygiene::in_const;
use super::query::{query_type, selection_impl};
use super::relation_impls::relation_impls;
use super::relation_name_types::{fallback_relation_name_types, relation_name_types};
use super::table_registration::table_registration_member;
use super::write_members::{unchanged_member, write_members};
use crate::model::{ColumnField, ModelStruct};
use crate::parse::IdentityMapAttribute;
use crate::validate::Relation;

/// The impls of a model whose key was refused: everything but the key is as the user said.
///
/// The key is an `i32` that an SQL literal gives, because a key must be an expression that every
/// backend can select and compare.
pub(crate) fn impls_without_key(
    model: &ModelStruct,
    version: Option<&ColumnField>,
    relations: &[Relation],
) -> TokenStream {
    let ModelStruct {
        ident,
        krate,
        table,
        ..
    } = model;
    let diesel = quote!(#krate::__private::diesel);
    let query = query_type(model);
    let unchanged = unchanged_member(model);
    let table_registration = table_registration_member(model);
    let write_members = write_members(model, version);
    let traits = quote! {
        #[automatically_derived]
        impl #krate::IdentityMapped for #ident {
            type Key = ::core::primitive::i32;
            type Table = #table::table;
            type Query = #query;

            fn key(&self) -> Self::Key {
                ::core::unreachable!()
            }

            fn cached() -> #krate::Cached<Self, Self::Query> {
                ::core::unreachable!()
            }

            #unchanged

            #table_registration
        }

        #[automatically_derived]
        impl #krate::model::Model for #ident {
            type KeyColumns = #diesel::expression::SqlLiteral<#diesel::sql_types::Integer>;
            type KeyShape = #krate::model::Single;
            type KeyRow = ::core::primitive::i32;
            const KEY_COLUMNS: ::core::primitive::usize = 1;
            type HasPrimitiveKey = #krate::__private::Yes;

            fn key_from_row(
                _: Self::KeyRow,
            ) -> #diesel::deserialize::Result<Self::Key> {
                ::core::unreachable!()
            }

            fn key_columns() -> Self::KeyColumns {
                ::core::unreachable!()
            }

            fn query() -> Self::Query {
                ::core::unreachable!()
            }

            fn name() -> &'static ::core::primitive::str {
                ::core::unreachable!()
            }

            #write_members
        }
    };
    let impls = in_const(&[
        traits,
        selection_impl(model),
        hooks_impls(model),
        relation_impls(model, relations),
    ]);
    let name_types = relation_name_types(model, relations);
    quote!(#impls #name_types)
}

/// The impls of what is no struct with named fields, or whose table is unknown.
pub(crate) fn impls_without_table(
    item: &DeriveInput,
    own_attribute: &IdentityMapAttribute,
) -> TokenStream {
    let Some(krate) = &own_attribute.krate else {
        return TokenStream::new();
    };
    let ident = &item.ident;
    let mut generics = item.generics.clone();
    if !generics.params.is_empty() {
        let predicates = &mut generics.make_where_clause().predicates;
        // The supertraits hold for the concrete struct that this one is to become.
        let supertraits = quote!(::core::marker::Send + ::core::marker::Sync + 'static);
        predicates.push(syn::parse_quote!(Self: #supertraits));
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let mapped = quote! {
        #[automatically_derived]
        impl #impl_generics #krate::IdentityMapped for #ident #ty_generics #where_clause {
            type Key = ();
            type Table = ();
            type Query = ();

            fn key(&self) -> Self::Key {}

            fn cached() -> #krate::Cached<Self, Self::Query> {
                ::core::unreachable!()
            }
        }
    };
    let hooks = if own_attribute.has_hooks {
        TokenStream::new()
    } else {
        empty_hooks_impls(krate, ident, &generics)
    };
    let impls = in_const(&[mapped, hooks]);
    let name_types = fallback_relation_name_types(item, own_attribute);
    quote!(#impls #name_types)
}
