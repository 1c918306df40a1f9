//! Writes the types that stand for named relations: empty enums beside the model, as visible as
//! it is.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::{DeriveInput, Ident, Visibility};

use super::hygiene::generated_at;
use crate::column::Column;
use crate::model::ModelStruct;
use crate::parse::IdentityMapAttribute;
use crate::type_syntax::as_written;
use crate::validate::Relation;

pub(super) fn relation_name_types(model: &ModelStruct, relations: &[Relation]) -> TokenStream {
    let types = relations.iter().filter_map(|relation| {
        let columns: Vec<_> = relation.columns.iter().map(Column::to_string).collect();
        let doc = format!(
            "The relation of [`{}`] to `{}` by `{}`.",
            model.ident.unraw(),
            as_written(&relation.parent),
            columns.join("`, `"),
        );
        Some(relation_name_type(model.vis, relation.name?, &doc))
    });
    types.collect()
}

/// The types for a struct whose table is unknown, and its relations with it. They are written so
/// that the uses of the names are no errors as well.
pub(super) fn fallback_relation_name_types(
    item: &DeriveInput,
    own_attribute: &IdentityMapAttribute,
) -> TokenStream {
    let mut names: Vec<&Ident> = Vec::new();
    let relation_names = own_attribute
        .belongs_to
        .iter()
        .map(|belongs_to| &belongs_to.relation_name);
    for name in relation_names.flatten() {
        if *name != item.ident && !names.contains(&name) {
            names.push(name);
        }
    }
    let types = names
        .into_iter()
        .map(|name| relation_name_type(&item.vis, name, "A relation's name."));
    types.collect()
}

fn relation_name_type(vis: &Visibility, name: &Ident, doc: &str) -> TokenStream {
    let span = generated_at(name.span());
    let mut name = name.clone();
    name.set_span(span);
    quote_spanned! {span=>
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code)]
        #vis enum #name {}
    }
}
