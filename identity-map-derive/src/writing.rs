//! Writes what the engine asks about when it writes a row, or reads one again.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::expand::generated_at;
use crate::model::{ColumnField, Field, Model};

/// The members of the engine's `Model` that have to do with writing.
pub(crate) fn writes(model: &Model, version: Option<&ColumnField>) -> TokenStream {
    let Model { krate, table, .. } = model;
    let is_plain = model.is_plain();
    let has_hooks = model.has_hooks;
    let version = if let Some(ColumnField { column, field }) = version {
        let Field { ident, ty, .. } = field;
        quote! {
            type VersionColumn = #table::#column;
            type Version = #ty;

            fn version_column() -> Self::VersionColumn {
                #table::#column
            }

            // Not `self.field`: of a type that is not `Copy` that were one more error.
            fn version(&self) -> Self::Version {
                ::core::clone::Clone::clone(&self.#ident)
            }

            fn set_version(&mut self, version: Self::Version) {
                self.#ident = version;
            }
        }
    } else {
        let none = quote!(#krate::model::NoVersion);
        quote! {
            type VersionColumn = #none;
            type Version = #none;

            fn version_column() -> Self::VersionColumn {
                #none
            }

            fn version(&self) -> Self::Version {
                #none
            }

            fn set_version(&mut self, _: Self::Version) {}
        }
    };
    quote! {
        const IS_PLAIN: ::core::primitive::bool = #is_plain;
        const HAS_HOOKS: ::core::primitive::bool = #has_hooks;

        fn table() -> Self::Table {
            #table::table
        }

        #version
    }
}

/// A model without hooks of its own has those that do nothing.
pub(crate) fn hooks(model: &Model) -> TokenStream {
    let Model { ident, krate, .. } = model;
    if model.has_hooks {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl<__Conn> #krate::Hooks<__Conn> for #ident {}

        #[automatically_derived]
        impl<__Conn> #krate::AsyncHooks<__Conn> for #ident {}
    }
}

/// The model's `PartialEq`, where `keep_unchanged` asks for it: a missing one is reported there.
pub(crate) fn unchanged(model: &Model) -> Option<TokenStream> {
    let span = generated_at(model.keep_unchanged?);
    let equal = quote_spanned!(span=> <Self as ::core::cmp::PartialEq>::eq);
    Some(quote! {
        const __UNCHANGED: ::core::option::Option<
            fn(&Self, &Self) -> ::core::primitive::bool
        > = ::core::option::Option::Some(#equal);
    })
}
