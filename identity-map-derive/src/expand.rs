//! Writes the facts of a model as trait impls. No behaviour: that is the core's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::model::{Field, Model, inferred_table};
use crate::valid::Key;

/// The impls of a model whose key is sound.
pub(crate) fn expand(model: &Model, key: &Key) -> TokenStream {
    let parts = [
        identity_mapped(model, key),
        facts(model, key),
        selection(model),
        hooks(model),
        assert_key_types(model, key),
    ];
    in_const(&parts)
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
    let facts = table_facts(model);
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

            #facts

            #unchanged
        }
    }
}

/// What statements that name tables are matched with: this table, and those it belongs to.
pub(crate) fn table_facts(model: &Model) -> TokenStream {
    let Model { krate, table, .. } = model;
    let parents = model.parents.iter().map(|parent| {
        let guess = guessed_table(parent);
        quote!((&&&#krate::model::parent::ParentTable::<#parent>::new()).name(#guess))
    });
    quote! {
        fn __facts() -> ::core::option::Option<&'static #krate::model::Facts> {
            #[allow(unused_imports)]
            use #krate::model::parent::{Guessed as _, Mapped as _, Tabled as _};
            static FACTS: ::std::sync::OnceLock<#krate::model::Facts> =
                ::std::sync::OnceLock::new();
            ::core::option::Option::Some(FACTS.get_or_init(|| {
                #krate::model::Facts::register(
                    &#krate::model::table_name(&#table::table),
                    &[#(#parents),*],
                )
            }))
        }
    }
}

/// Diesel's rule for the table of a struct that says nothing of it.
fn guessed_table(parent: &syn::Type) -> String {
    let syn::Type::Path(path) = parent else {
        return String::new();
    };
    let Some(last) = path.path.segments.last() else {
        return String::new();
    };
    inferred_table(&last.ident)
        .get_ident()
        .map_or_else(String::new, |table| table.unraw().to_string())
}

fn unchanged(model: &Model) -> Option<TokenStream> {
    let span = generated_at(model.keep_unchanged?);
    let equal = quote_spanned!(span=> <Self as ::core::cmp::PartialEq>::eq);
    Some(quote! {
        const __UNCHANGED: ::core::option::Option<fn(&Self, &Self) -> ::core::primitive::bool> =
            ::core::option::Option::Some(#equal);
    })
}

/// A model without hooks of its own has those that do nothing.
pub(crate) fn hooks(model: &Model) -> TokenStream {
    let Model { ident, krate, .. } = model;
    if model.has_hooks {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl<__Conn> #krate::Hooks<__Conn> for #ident {}
    }
}

/// The members of `Model` that have to do with writing.
pub(crate) fn writing(model: &Model) -> [TokenStream; 3] {
    let Model { krate, table, .. } = model;
    let is_plain = model.is_plain();
    let has_hooks = model.has_hooks;
    let no_version = quote!(#krate::model::NoVersion);
    let field = model.version_field();
    let (column, number) = match field.and_then(|field| Some((field.column.as_ref()?, field.ty))) {
        Some((column, number)) => {
            let span = generated_at(number.span());
            (quote!(#table::#column), quote_spanned!(span=> #number))
        }
        None => (no_version.clone(), no_version.clone()),
    };
    let types = quote! {
        type VersionColumn = #column;
        type Version = #number;
    };
    let consts = quote! {
        const IS_PLAIN: ::core::primitive::bool = #is_plain;
        const HAS_HOOKS: ::core::primitive::bool = #has_hooks;
    };
    let (get, version, set) = match field {
        Some(Field { ident, .. }) => (
            quote!(self.#ident),
            quote!(version),
            quote!(self.#ident = version;),
        ),
        None => (no_version, quote!(_), TokenStream::new()),
    };
    let functions = quote! {
        fn table() -> Self::Table {
            #table::table
        }

        fn version_column() -> Self::VersionColumn {
            #column
        }

        fn version(&self) -> Self::Version {
            #get
        }

        fn set_version(&mut self, #version: Self::Version) {
            #set
        }
    };
    [types, consts, functions]
}

fn facts(model: &Model, key: &Key) -> TokenStream {
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
    let [version_types, writing_consts, writing_functions] = writing(model);
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
            #version_types
            const KEY_COLUMNS: ::core::primitive::usize = #count;
            #writing_consts

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

            #writing_functions
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
        (
            Some(quote!(where Self: #selectable)),
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
fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn one_or_tuple(parts: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if parts.len() == 1 {
        quote!(#(#parts)*)
    } else {
        quote!((#(#parts),*))
    }
}
