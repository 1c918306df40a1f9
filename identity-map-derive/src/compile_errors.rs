//! Collects the errors of one struct, so that one compile shows all of them.

use proc_macro2::{Span, TokenStream};

/// The errors found so far.
#[derive(Default)]
pub(crate) struct CompileErrors(Option<syn::Error>);

impl CompileErrors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn push_at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn extend(&mut self, errors: Vec<syn::Error>) {
        for error in errors {
            self.push(error);
        }
    }

    /// Returns the value of an `Ok`; an `Err` is pushed.
    pub(crate) fn ok_or_push<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// The errors as `compile_error!`s; `None` if there are none.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        self.0.map(|error| error.to_compile_error())
    }

    #[cfg(test)]
    pub(crate) fn into_inner(self) -> Option<syn::Error> {
        self.0
    }
}
