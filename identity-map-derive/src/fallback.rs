//! What a struct gets that was refused: impls that answer for it until the error is mended, so
//! that the compiler does not also report every place where the model is used.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident};

use crate::expand::{in_const, query_type, selection};
use crate::model::{ColumnField, Model};
use crate::own_attr::OwnAttrs;
use crate::related::{marker, markers, relations};
use crate::relation::Relation;
use crate::tables::facts;
use crate::writing::{hooks, unchanged, writes};

/// The impls of a model without a usable key: everything but the key is as the user said.
///
/// The key is an `i32` read from a literal, because a stand-in must be an expression that every
/// backend can select and compare.
pub(crate) fn without_key(
    model: &Model,
    version: Option<&ColumnField>,
    found: &[Relation],
) -> TokenStream {
    let Model {
        ident,
        krate,
        table,
        ..
    } = model;
    let diesel = quote!(#krate::__private::diesel);
    let query = query_type(model);
    let facts = facts(model);
    let unchanged = unchanged(model);
    let writes = writes(model, version);
    let impls = quote! {
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

            #facts
        }

        #[automatically_derived]
        impl #krate::model::Model for #ident {
            type KeyColumns = #diesel::expression::SqlLiteral<#diesel::sql_types::Integer>;
            type KeyShape = #krate::model::Single;
            type KeyRow = ::core::primitive::i32;
            const KEY_COLUMNS: ::core::primitive::usize = 1;

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

            #writes
        }
    };
    let parts = [
        impls,
        selection(model),
        hooks(model),
        relations(model, found),
    ];
    let impls = in_const(&parts);
    let markers = markers(model, found);
    quote!(#impls #markers)
}

/// The impl of what is no model at all, or whose table is unknown.
pub(crate) fn without_table(item: &DeriveInput, own: &OwnAttrs) -> TokenStream {
    let Some(krate) = &own.krate else {
        return TokenStream::new();
    };
    let ident = &item.ident;
    let (impl_generics, ty_generics, _) = item.generics.split_for_impl();
    let mut generics = item.generics.clone();
    if !generics.params.is_empty() {
        let predicates = &mut generics.make_where_clause().predicates;
        // The supertraits: true of the concrete struct that this one is to become.
        let supertraits = quote!(::core::marker::Send + ::core::marker::Sync + 'static);
        predicates.push(syn::parse_quote!(Self: #supertraits));
    }
    let where_clause = generics.where_clause.clone();
    generics.params.push(syn::parse_quote!(__Conn));
    let (hooks_generics, ..) = generics.split_for_impl();
    let hooks = (!own.hooks).then(|| {
        quote! {
            #[automatically_derived]
            impl #hooks_generics #krate::Hooks<__Conn> for #ident #ty_generics #where_clause {}

            #[automatically_derived]
            impl #hooks_generics #krate::AsyncHooks<__Conn> for #ident #ty_generics #where_clause {}
        }
    });
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
    let impls = in_const(&[mapped, hooks.unwrap_or_default()]);
    let markers = names(item, own);
    quote!(#impls #markers)
}

/// The names of relations, so that their uses find them.
fn names(item: &DeriveInput, own: &OwnAttrs) -> TokenStream {
    let mut names: Vec<&Ident> = Vec::new();
    for name in own.belongs_to.iter().filter_map(|read| read.name.as_ref()) {
        if *name != item.ident && !names.contains(&name) {
            names.push(name);
        }
    }
    let markers = names.into_iter();
    markers
        .map(|name| marker(&item.vis, name, "A relation's name."))
        .collect()
}
