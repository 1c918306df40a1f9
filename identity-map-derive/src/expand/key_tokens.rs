//! The tokens of a primary or foreign key: one column stands alone, several are a tuple.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned;

use super::hygiene::generated_at;
use crate::model::{ColumnField, ModelStruct};
use crate::validate::PrimaryKey;

pub(super) fn one_or_tuple(parts: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if parts.len() == 1 {
        quote!(#(#parts)*)
    } else {
        quote!((#(#parts),*))
    }
}

/// The columns as `table!` defines them: one path is both the type and the value of a column.
pub(super) fn key_columns(model: &ModelStruct, fields: &[ColumnField]) -> TokenStream {
    let table = &model.table;
    one_or_tuple(fields.iter().map(|part| {
        let column = part.column;
        quote!(#table::#column)
    }))
}

/// The core's marker type that tells a key of one column from a key of several.
pub(super) fn key_shape(model: &ModelStruct, fields: &[ColumnField]) -> TokenStream {
    let krate = &model.krate;
    if fields.len() == 1 {
        quote!(#krate::model::Single)
    } else {
        quote!(#krate::model::Composite)
    }
}

/// The type that the key's columns decode to.
pub(super) fn key_row_type(key: &PrimaryKey) -> TokenStream {
    one_or_tuple(key.fields.iter().map(|part| {
        let ty = part.field.deserialize_as.as_ref().unwrap_or(part.field.ty);
        quote!(#ty)
    }))
}

/// The body of a function that makes the key of a decoded `row`.
pub(super) fn key_from_row(key: &PrimaryKey) -> TokenStream {
    let mut fields = key.fields.iter().map(|part| part.field);
    if fields.all(|field| field.deserialize_as.is_none()) {
        return quote!(::core::result::Result::Ok(row));
    }
    let converted = one_or_tuple(key.fields.iter().enumerate().map(|(index, part)| {
        let index = Index::from(index);
        let value = if key.fields.len() == 1 {
            quote!(row)
        } else {
            quote!(row.#index)
        };
        match part.field.deserialize_as {
            // A method call finds an inherent `try_into` too, as it does in Diesel's `Queryable`.
            Some(_) => quote!(#value.try_into()?),
            None => value,
        }
    }));
    quote! {
        use ::core::convert::TryInto as _;
        ::core::result::Result::Ok(#converted)
    }
}

/// A check that the type of every key field is a `KeyType`. It makes the compiler point at the
/// field whose type lacks `Eq` or `Hash`, instead of at the derive.
pub(super) fn assert_key_types(model: &ModelStruct, key: &PrimaryKey) -> TokenStream {
    let krate = &model.krate;
    let assertions = key.fields.iter().map(|part| {
        let ty = part.field.ty;
        quote_spanned!(generated_at(ty.span())=> assert_key::<#ty>();)
    });
    quote! {
        const _: fn() = || {
            fn assert_key<T: #krate::model::KeyType>() {}
            #(#assertions)*
        };
    }
}
