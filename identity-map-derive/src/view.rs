//! `#[derive(MappedView)]`: a struct of what a row of `mapped()` gives.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DataStruct, DeriveInput, Index};

use crate::compile_errors::CompileErrors;
use crate::parse::{DieselFieldAttribute, IdentityMapAttribute, NonColumn};

/// The impl of a struct with fields.
pub(crate) fn impl_mapped_view(item: &DeriveInput, errors: &mut CompileErrors) -> TokenStream {
    let attribute = IdentityMapAttribute::parse(&item.attrs, errors);
    let Some(krate) = attribute.krate else {
        return TokenStream::new();
    };
    let Data::Struct(DataStruct { fields, .. }) = &item.data else {
        errors.push_at(
            item.ident.span(),
            "`MappedView` is for a struct\nhelp: each of its fields is a part of the row, in their order",
        );
        return TokenStream::new();
    };
    if fields.is_empty() {
        errors.push_at(
            item.ident.span(),
            "a view needs a field for each part of the row",
        );
        return TokenStream::new();
    }
    let mut types = Vec::new();
    let mut values = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let attribute = DieselFieldAttribute::parse(&field.attrs, errors);
        let (ty, value) = (&field.ty, format_ident!("field_{at}"));
        if matches!(attribute.non_column, Some(NonColumn::Embedded(_))) {
            types.push(quote!(<#ty as #krate::MappedView>::Row));
            values.push(quote!(<#ty as #krate::MappedView>::from_row(#value)));
        } else {
            types.push(quote!(#ty));
            values.push(quote!(#value));
        }
    }
    let names = (0..types.len()).map(|at| format_ident!("field_{at}"));
    let members = fields.iter().enumerate().map(|(at, field)| {
        let position = Index::from(at);
        field
            .ident
            .as_ref()
            .map_or_else(|| quote!(#position), |ident| quote!(#ident))
    });
    let ident = &item.ident;
    let (parameters, arguments, conditions) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #krate::MappedView for #ident #arguments #conditions {
            type Row = (#(#types,)*);

            fn from_row((#(#names,)*): Self::Row) -> Self {
                Self { #(#members: #values),* }
            }
        }
    }
}
