//! Writes the members by which the core writes a row, and tells whether a row has changed.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::hygiene::generated_at;
use crate::model::{ColumnField, Field, ModelStruct};

/// The members of the core's `Model` trait that do not depend on the key.
pub(super) fn write_members(model: &ModelStruct, version: Option<&ColumnField>) -> TokenStream {
    let table = &model.table;
    let krate = &model.krate;
    let choice = |is_yes: bool| {
        if is_yes {
            quote!(#krate::__private::Yes)
        } else {
            quote!(#krate::__private::No)
        }
    };
    let is_plain = choice(model.is_plain());
    let has_hooks = choice(model.has_hooks);
    let version_members = match version {
        Some(version) => version_members(model, version),
        None => no_version_members(model),
    };
    quote! {
        type IsPlain = #is_plain;
        type HasHooks = #has_hooks;

        fn table() -> Self::Table {
            #table::table
        }

        #version_members
    }
}

fn version_members(model: &ModelStruct, version: &ColumnField) -> TokenStream {
    let table = &model.table;
    let ColumnField { column, field } = version;
    let Field { ident, ty, .. } = field;
    quote! {
        type VersionColumn = #table::#column;
        type Version = #ty;

        fn version_column() -> Self::VersionColumn {
            #table::#column
        }

        // The field is cloned, because moving it would be a second error if its type is not `Copy`,
        // and so no version either.
        fn version(&self) -> Self::Version {
            ::core::clone::Clone::clone(&self.#ident)
        }

        fn set_version(&mut self, version: Self::Version) {
            self.#ident = version;
        }
    }
}

fn no_version_members(model: &ModelStruct) -> TokenStream {
    let krate = &model.krate;
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
}

/// The comparison that `keep_unchanged` asks for. It has the span of `keep_unchanged`, so that a
/// missing `PartialEq` is reported there.
pub(super) fn unchanged_member(model: &ModelStruct) -> Option<TokenStream> {
    let span = generated_at(model.keep_unchanged?);
    let equal = quote_spanned!(span=> <Self as ::core::cmp::PartialEq>::eq);
    Some(quote! {
        const __UNCHANGED: ::core::option::Option<
            fn(&Self, &Self) -> ::core::primitive::bool
        > = ::core::option::Option::Some(#equal);
    })
}
