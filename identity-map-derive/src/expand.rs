//! Writes the facts of a model as trait impls. No behaviour: that is the core's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::model::{ColumnField, Model};
use crate::related::{markers, relations};
use crate::relation::Relation;
use crate::tables::facts;
use crate::valid::Key;
use crate::writing::{hooks, unchanged, writes};

/// The impls of a model whose key is sound.
pub(crate) fn expand(
    model: &Model,
    key: &Key,
    version: Option<&ColumnField>,
    found: &[Relation],
) -> TokenStream {
    let parts = [
        identity_mapped(model, key),
        engine(model, key, version),
        selection(model),
        hooks(model),
        relations(model, found),
        assert_key_types(model, key),
    ];
    let impls = in_const(&parts);
    let markers = markers(model, found);
    quote!(#impls #markers)
}

/// Keeps whatever the impls need out of the user's scope.
pub(crate) fn in_const(items: &[TokenStream]) -> TokenStream {
    quote! {
        const _: () = {
            #(#items)*
        };
    }
}

fn identity_mapped(model: &Model, key: &Key) -> TokenStream {
    let Model {
        ident,
        krate,
        table,
        ..
    } = model;
    let key_type = one_or_tuple(key.parts.iter().map(|part| {
        let ty = part.field.ty;
        quote!(#ty)
    }));
    let key_value = one_or_tuple(key.parts.iter().map(|part| {
        let field = part.field.ident;
        quote!(::core::clone::Clone::clone(&self.#field))
    }));
    let query_type = query_type(model);
    let facts = facts(model);
    let unchanged = unchanged(model);
    quote! {
        #[automatically_derived]
        impl #krate::IdentityMapped for #ident {
            type Key = #key_type;
            type Table = #table::table;
            type Query = #query_type;

            fn key(&self) -> Self::Key {
                #key_value
            }

            fn cached() -> #krate::Cached<Self, Self::Query> {
                #krate::Cached::new()
            }

            #unchanged

            #facts
        }
    }
}

fn engine(model: &Model, key: &Key, version: Option<&ColumnField>) -> TokenStream {
    let Model {
        ident,
        krate,
        table,
        ..
    } = model;
    let name = ident.unraw().to_string();
    let columns = one_or_tuple(key.parts.iter().map(|part| {
        let column = part.column;
        quote!(#table::#column)
    }));
    let count = key.parts.len();
    let shape = if count == 1 {
        quote!(Single)
    } else {
        quote!(Composite)
    };
    let row = one_or_tuple(key.parts.iter().map(|part| {
        let ty = part.field.deserialize_as.as_ref().unwrap_or(part.field.ty);
        quote!(#ty)
    }));
    let key_from_row = key_from_row(key);
    let writes = writes(model, version);
    let query = if let Some((span, has_query)) = has_query(model) {
        quote_spanned!(span=> #has_query::base_query())
    } else {
        quote!(#table::table)
    };
    quote! {
        #[automatically_derived]
        impl #krate::model::Model for #ident {
            type KeyColumns = #columns;
            type KeyShape = #krate::model::#shape;
            type KeyRow = #row;
            const KEY_COLUMNS: ::core::primitive::usize = #count;

            fn key_from_row(
                row: Self::KeyRow,
            ) -> #krate::__private::diesel::deserialize::Result<Self::Key> {
                #key_from_row
            }

            fn key_columns() -> Self::KeyColumns {
                #columns
            }

            fn query() -> Self::Query {
                #query
            }

            fn name() -> &'static ::core::primitive::str {
                #name
            }

            #writes
        }
    }
}

fn key_from_row(key: &Key) -> TokenStream {
    if key
        .parts
        .iter()
        .all(|part| part.field.deserialize_as.is_none())
    {
        return quote!(::core::result::Result::Ok(row));
    }
    let converted = one_or_tuple(key.parts.iter().enumerate().map(|(index, part)| {
        let index = syn::Index::from(index);
        let value = if key.parts.len() == 1 {
            quote!(row)
        } else {
            quote!(row.#index)
        };
        match part.field.deserialize_as {
            // A method call, as in Diesel's `Queryable`: it finds an inherent `try_into` too.
            Some(_) => quote!(#value.try_into()?),
            None => value,
        }
    }));
    quote! {
        use ::core::convert::TryInto as _;
        ::core::result::Result::Ok(#converted)
    }
}

/// Where every field is a column, the selection needs no `Selectable`; else it is the one that
/// the model's `Selectable` builds, which alone knows the embedded and the computed parts.
pub(crate) fn selection(model: &Model) -> TokenStream {
    let Model {
        ident,
        krate,
        table,
        ..
    } = model;
    let diesel = quote!(#krate::__private::diesel);
    let (bound, ty, value) = if model.is_plain() {
        let columns = model.fields.iter().filter_map(|f| f.column.as_ref());
        let columns = quote!((#(#table::#columns,)*));
        (None, columns.clone(), columns)
    } else {
        let selectable = quote!(#diesel::expression::Selectable<__DB>);
        let long_lived = quote!(#diesel::expression::Selectable<__DB, SelectExpression: 'static>);
        (
            Some(quote!(where Self: #long_lived)),
            quote!(<Self as #selectable>::SelectExpression),
            quote!(<Self as #selectable>::construct_selection()),
        )
    };
    quote! {
        #[automatically_derived]
        impl<__DB: #diesel::backend::Backend> #krate::model::ModelSelection<__DB> for #ident #bound {
            type Selection = #ty;

            fn selection() -> Self::Selection {
                #value
            }
        }
    }
}

/// Points at the field of a key type that lacks `Eq` or `Hash`, instead of at the derive.
fn assert_key_types(model: &Model, key: &Key) -> TokenStream {
    let krate = &model.krate;
    let assertions = key.parts.iter().map(|part| {
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

/// What the model's queries start from: the table, or the base query of its `HasQuery`.
pub(crate) fn query_type(model: &Model) -> TokenStream {
    let table = &model.table;
    if let Some((span, has_query)) = has_query(model) {
        quote_spanned!(span=> #has_query::BaseQuery)
    } else {
        quote!(#table::table)
    }
}

/// `<Self as HasQuery<..>>`, spanned to `base_query`, so that a missing `derive(HasQuery)` is reported there.
fn has_query(model: &Model) -> Option<(Span, TokenStream)> {
    let span = generated_at(model.base_query?);
    let krate = &model.krate;
    let backend = quote!(#krate::__private::BaseQueryBackend);
    let has_query = quote_spanned!(span=> <Self as #krate::__private::diesel::HasQuery<#backend>>);
    Some((span, has_query))
}

/// Points at the user's code without being taken for it, by lints above all.
pub(crate) fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

pub(crate) fn one_or_tuple(parts: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if parts.len() == 1 {
        quote!(#(#parts)*)
    } else {
        quote!((#(#parts),*))
    }
}
