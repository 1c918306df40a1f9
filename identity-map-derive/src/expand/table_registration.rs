//! Writes the member that registers the model's table with the core, and the tables of its parents.
//!
//! A statement of the program's own names tables and no models. By the registered tables the core
//! finds the models that such a statement touches.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Path, TypePath};

use crate::inferred_names::inferred_table_name;
use crate::model::ModelStruct;

/// The member registers the model once, and then every parent that is a model. The parents must be
/// registered too, because a cascade may reach this model through one that the program has not
/// used yet.
pub(super) fn table_registration_member(model: &ModelStruct) -> TokenStream {
    let ModelStruct { krate, table, .. } = model;
    let parent_table =
        |parent: &TypePath| quote!((&&&#krate::model::parent::ParentTable::<#parent>::new()));
    let names = model.parents().map(|parent| {
        // The name is inferred for a parent that derives nothing which knows its table.
        let last = parent.path.segments.last();
        let inferred = last.map(|last| inferred_table_name(&last.ident));
        let parent_table = parent_table(parent);
        quote!(#parent_table.__table_name(#inferred))
    });
    let static_facts = quote! {
        static FACTS: ::std::sync::OnceLock<#krate::model::Facts> = ::std::sync::OnceLock::new();
    };
    let register = if model.is_plain() && model.changed_by.is_empty() {
        quote! {
            #krate::model::Facts::register(
                &#krate::model::table_name(&#table::table),
                &[#(#names),*],
            )
        }
    } else {
        let query = if model.is_plain() {
            quote!("")
        } else {
            quote!(&(&&&&ModelText::<Self>::new()).__text())
        };
        let changed_by = model.changed_by.iter().map(sql_name);
        quote! {{
            #[allow(unused_imports)]
            use #krate::model::query_text::*;
            #krate::model::Facts::register_query(
                &#krate::model::table_name(&#table::table),
                &[#(#names),*],
                #query,
                &[#(#changed_by),*],
            )
        }}
    };
    let body = if model.belongs_to.is_empty() {
        quote! {
            #static_facts
            ::core::option::Option::Some(FACTS.get_or_init(|| { #register }))
        }
    } else {
        let parent_tables = model.parents().map(parent_table);
        // The parents are registered after `get_or_init` has returned, because a parent may belong
        // to this model in turn, or be this model.
        quote! {
            use #krate::model::parent::{Guessed as _, Mapped as _, Tabled as _};
            #static_facts
            let mut first = false;
            let facts = FACTS.get_or_init(|| {
                first = true;
                #register
            });
            if first {
                #(#parent_tables.__make_known();)*
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

/// A path as a name in SQL: `app::audit_log` is `app.audit_log`.
fn sql_name(table: &Path) -> String {
    let segments: Vec<String> = table
        .segments
        .iter()
        .map(|segment| segment.ident.unraw().to_string())
        .collect();
    segments.join(".")
}
