//! Keeps the expansion's names out of the user's scope, and its tokens out of the user's lints.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// Wraps impls in a `const _`, so that what they import or define is not in the user's scope.
pub(super) fn in_const(impls: &[TokenStream]) -> TokenStream {
    quote! {
        const _: () = {
            #(#impls)*
        };
    }
}

/// A span where `span` is, but of generated code: errors point there, and lints pass it over.
pub(super) fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
