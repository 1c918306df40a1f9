//! Writes what ties a model to tables: a statement of the program's own names nothing else.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Model, inferred_name};

/// The member that makes known the model's table, those it belongs to, and the models on them:
/// a cascade reaches a model through others that the program may not have used yet.
pub(crate) fn facts(model: &Model) -> TokenStream {
    let Model { krate, table, .. } = model;
    let parent = |parent| quote!((&&&#krate::model::parent::ParentTable::<#parent>::new()));
    let parents = || model.belongs_to.iter().map(|written| &written.parent);
    let names = parents().map(|ty| {
        // For a parent that derives nothing which knows its table.
        let guess = ty
            .path
            .segments
            .last()
            .map(|last| inferred_name(&last.ident));
        let parent = parent(ty);
        quote!(#parent.__table_name(#guess))
    });
    let static_facts = quote! {
        static FACTS: ::std::sync::OnceLock<#krate::model::Facts> = ::std::sync::OnceLock::new();
    };
    let register = quote! {
        #krate::model::Facts::register(
            &#krate::model::table_name(&#table::table),
            &[#(#names),*],
        )
    };
    let body = if model.belongs_to.is_empty() {
        quote! {
            #static_facts
            ::core::option::Option::Some(FACTS.get_or_init(|| { #register }))
        }
    } else {
        let parents = parents().map(parent);
        // Afterwards, because models may belong to each other, or to themselves.
        quote! {
            use #krate::model::parent::{Guessed as _, Mapped as _, Tabled as _};
            #static_facts
            let mut first = false;
            let facts = FACTS.get_or_init(|| {
                first = true;
                #register
            });
            if first {
                #(#parents.__make_known();)*
            }
            ::core::option::Option::Some(facts)
        }
    };
    quote! {
        fn __facts() -> ::core::option::Option<&'static #krate::model::Facts> {
            #body
        }
    }
}
