//! Writes the relations of a model.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Visibility};

use crate::column::Column;
use crate::expand::{generated_at, one_or_tuple};
use crate::model::{ColumnField, Model};
use crate::relation::Relation;
use crate::valid::{option_argument, spelled};

/// The impls of the relations.
pub(crate) fn relations(model: &Model, relations: &[Relation]) -> TokenStream {
    relations.iter().map(|each| relation(model, each)).collect()
}

fn relation(model: &Model, relation: &Relation) -> TokenStream {
    let Model { ident, krate, .. } = model;
    let parent = &relation.parent;
    let (meant, children) = match relation.name {
        Some(name) => (quote!(#name), name),
        None => (quote!(#parent), *ident),
    };
    let members = match &relation.key {
        Some(key) => members(model, key),
        None => stand_in(model),
    };
    // That two paths lead to one parent, or that it is private, the compiler alone can see: it
    // is to point at the attribute.
    let span = generated_at(relation.name.map_or(parent.span(), Ident::span));
    let belongs_to = quote_spanned!(span=> impl #krate::model::BelongsTo<#meant> for #ident);
    let children_of = quote_spanned!(span=> impl #krate::model::ChildrenOf<#parent> for #children);
    let related = quote_spanned!(span=> impl #krate::model::Related<#meant> for #ident);
    let parent_type = quote_spanned!(generated_at(parent.span())=> type Parent = #parent;);
    quote! {
        #[automatically_derived]
        #belongs_to {
            #parent_type
            #members
        }

        #[automatically_derived]
        #children_of {
            type Child = #ident;
            type Relation = #meant;
        }

        #[automatically_derived]
        #related {
            type Path = #krate::model::ToParent<#meant>;
        }
    }
}

fn members(model: &Model, key: &[ColumnField]) -> TokenStream {
    let Model { krate, table, .. } = model;
    let key_type = one_or_tuple(key.iter().map(|part| {
        let ty = option_argument(part.field.ty).unwrap_or(part.field.ty);
        quote!(#ty)
    }));
    let columns = one_or_tuple(key.iter().map(|part| {
        let column = part.column;
        quote!(#table::#column)
    }));
    let is_nullable = |part: &ColumnField| option_argument(part.field.ty).is_some();
    let values = key.iter().map(|part| {
        let field = part.field.ident;
        let or_none = is_nullable(part).then(|| quote!(?));
        quote!(::core::clone::Clone::clone(&self.#field) #or_none)
    });
    let foreign_key = match key {
        [part] if is_nullable(part) => {
            let field = part.field.ident;
            quote!(::core::clone::Clone::clone(&self.#field))
        }
        _ => {
            let value = one_or_tuple(values);
            quote!(::core::option::Option::Some(#value))
        }
    };
    let shape = if key.len() == 1 {
        quote!(Single)
    } else {
        quote!(Composite)
    };
    let presence = if key.iter().any(is_nullable) {
        quote!(Nullable)
    } else {
        quote!(Always)
    };
    quote! {
        type ForeignKey = #key_type;
        type Columns = #columns;
        type Shape = #krate::model::#shape;
        type Presence = #krate::model::#presence;

        fn foreign_key(&self) -> ::core::option::Option<Self::ForeignKey> {
            #foreign_key
        }

        fn columns() -> Self::Columns {
            #columns
        }
    }
}

/// Answers for a refused foreign key, as [`crate::fallback`] does for a refused primary key.
fn stand_in(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let diesel = quote!(#krate::__private::diesel);
    quote! {
        type ForeignKey = ::core::primitive::i32;
        type Columns = #diesel::expression::SqlLiteral<#diesel::sql_types::Integer>;
        type Shape = #krate::model::Single;
        type Presence = #krate::model::Always;

        fn foreign_key(&self) -> ::core::option::Option<Self::ForeignKey> {
            ::core::unreachable!()
        }

        fn columns() -> Self::Columns {
            ::core::unreachable!()
        }
    }
}

/// The types that the names of relations are, as visible as the model.
pub(crate) fn markers(model: &Model, relations: &[Relation]) -> TokenStream {
    let markers = relations.iter().filter_map(|relation| {
        let columns: Vec<_> = relation.columns.iter().map(Column::to_string).collect();
        let doc = format!(
            "The relation of [`{}`] to `{}` by `{}`.",
            model.ident.unraw(),
            spelled(&relation.parent),
            columns.join("`, `"),
        );
        Some(marker(model.vis, relation.name?, &doc))
    });
    markers.collect()
}

pub(crate) fn marker(vis: &Visibility, name: &Ident, doc: &str) -> TokenStream {
    let span = generated_at(name.span());
    let mut name = name.clone();
    name.set_span(span);
    quote_spanned! {span=>
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code)]
        #vis enum #name {}
    }
}
