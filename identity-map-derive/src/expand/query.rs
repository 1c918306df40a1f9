//! Writes what the model's queries start from, and what they select.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::hygiene::generated_at;
use crate::model::ModelStruct;

/// The type of the query that the model's queries start from: its table, or the base query of its
/// `HasQuery`.
pub(super) fn query_type(model: &ModelStruct) -> TokenStream {
    let table = &model.table;
    if let Some((span, has_query)) = has_query(model) {
        quote_spanned!(span=> #has_query::BaseQuery)
    } else {
        quote!(#table::table)
    }
}

/// The query itself.
pub(super) fn query_value(model: &ModelStruct) -> TokenStream {
    let table = &model.table;
    if let Some((span, has_query)) = has_query(model) {
        quote_spanned!(span=> #has_query::base_query())
    } else {
        quote!(#table::table)
    }
}

/// `<Self as HasQuery<..>>` where `base_query` is given. It has the span of `base_query`, so that
/// a missing `derive(HasQuery)` is reported there.
fn has_query(model: &ModelStruct) -> Option<(Span, TokenStream)> {
    let span = generated_at(model.base_query?);
    let krate = &model.krate;
    let backend = quote!(#krate::__private::BaseQueryBackend);
    let has_query = quote_spanned!(span=> <Self as #krate::__private::diesel::HasQuery<#backend>>);
    Some((span, has_query))
}

/// The impl of `ModelSelection`.
///
/// A plain model selects its columns. Any other selects what its `Selectable` does, which alone
/// knows the embedded and the computed fields.
pub(super) fn selection_impl(model: &ModelStruct) -> TokenStream {
    let ModelStruct {
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
