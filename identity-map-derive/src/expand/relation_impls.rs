//! Writes the impls by which objects are loaded along a relation.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::hygiene::generated_at;
use super::key_tokens::{key_columns, key_shape, one_or_tuple};
use crate::model::{ColumnField, ModelStruct};
use crate::type_syntax::option_argument;
use crate::validate::Relation;

pub(super) fn relation_impls(model: &ModelStruct, relations: &[Relation]) -> TokenStream {
    let impls = relations.iter().map(|each| impls_of_relation(model, each));
    impls.collect()
}

fn impls_of_relation(model: &ModelStruct, relation: &Relation) -> TokenStream {
    let ModelStruct { ident, krate, .. } = model;
    let parent = &relation.parent;
    // A named relation is asked for by its name on both sides. One without a name is asked for by
    // the parent's type on the model's side, and by the model's type on the parent's.
    let (to_parent, to_children) = match relation.name {
        Some(name) => (quote!(#name), name),
        None => (quote!(#parent), *ident),
    };
    let members = match &relation.foreign_key {
        Some(foreign_key) => foreign_key_members(model, foreign_key),
        None => fallback_members(model),
    };
    // Only the compiler sees that two paths lead to one parent, or that a parent is private. With
    // this span its error points at the attribute.
    let span = generated_at(relation.name.map_or(parent.span(), Ident::span));
    let belongs_to = quote_spanned!(span=> impl #krate::model::BelongsTo<#to_parent> for #ident);
    let children_of =
        quote_spanned!(span=> impl #krate::model::ChildrenOf<#parent> for #to_children);
    let related = quote_spanned!(span=> impl #krate::model::Related<#to_parent> for #ident);
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
            type Relation = #to_parent;
        }

        #[automatically_derived]
        #related {
            type Path = #krate::model::ToParent<#to_parent>;
        }
    }
}

fn foreign_key_members(model: &ModelStruct, foreign_key: &[ColumnField]) -> TokenStream {
    let krate = &model.krate;
    let key_type = one_or_tuple(foreign_key.iter().map(|part| {
        let ty = option_argument(part.field.ty).unwrap_or(part.field.ty);
        quote!(#ty)
    }));
    let columns = key_columns(model, foreign_key);
    let shape = key_shape(model, foreign_key);
    let value = foreign_key_value(foreign_key);
    let presence = if foreign_key.iter().any(is_nullable) {
        quote!(Nullable)
    } else {
        quote!(Always)
    };
    quote! {
        type ForeignKey = #key_type;
        type Columns = #columns;
        type Shape = #shape;
        type Presence = #krate::model::#presence;

        fn foreign_key(&self) -> ::core::option::Option<Self::ForeignKey> {
            #value
        }

        fn columns() -> Self::Columns {
            #columns
        }
    }
}

/// The foreign key of an object as an `Option`: `None` if any of its columns is NULL.
fn foreign_key_value(foreign_key: &[ColumnField]) -> TokenStream {
    let clone = |part: &ColumnField| {
        let field = part.field.ident;
        quote!(::core::clone::Clone::clone(&self.#field))
    };
    match foreign_key {
        [part] if is_nullable(part) => clone(part),
        _ => {
            let value = one_or_tuple(foreign_key.iter().map(|part| {
                let (value, or_none) = (clone(part), is_nullable(part).then(|| quote!(?)));
                quote!(#value #or_none)
            }));
            quote!(::core::option::Option::Some(#value))
        }
    }
}

fn is_nullable(part: &ColumnField) -> bool {
    option_argument(part.field.ty).is_some()
}

/// The members of a relation whose foreign key was refused. They stand in for it as those of
/// [`super::fallback`] do for a primary key.
fn fallback_members(model: &ModelStruct) -> TokenStream {
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
