//! Writes empty hooks for a model whose program implements none.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Ident, Path};

use crate::model::ModelStruct;

/// Impls of hooks that do nothing; none if the program implements its own.
pub(super) fn hooks_impls(model: &ModelStruct) -> TokenStream {
    if model.has_hooks {
        TokenStream::new()
    } else {
        empty_hooks_impls(&model.krate, model.ident, &Generics::default())
    }
}

/// Impls of hooks that do nothing, on connections of every type.
pub(super) fn empty_hooks_impls(krate: &Path, ident: &Ident, generics: &Generics) -> TokenStream {
    let (_, ty_generics, where_clause) = generics.split_for_impl();
    let mut with_connection = generics.clone();
    with_connection.params.push(syn::parse_quote!(__Conn));
    let (impl_generics, ..) = with_connection.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::Hooks<__Conn> for #ident #ty_generics #where_clause {}

        #[automatically_derived]
        impl #impl_generics #krate::AsyncHooks<__Conn> for #ident #ty_generics #where_clause {}
    }
}
