//! Takes the value behind an item's name. If it is malformed, the error shows how it is written.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Result};
use syn::{Ident, Token};

use crate::compile_errors::CompileErrors;

/// The value that a user gave in an attribute, or the lack of it.
///
/// A malformed value was already reported. It is kept apart from an absent one, because a default
/// in its place would only cause a second error.
#[derive(Clone)]
pub(crate) enum AttributeValue<T> {
    Absent,
    Parsed(T),
    Malformed,
}

impl<T> AttributeValue<T> {
    /// Sets the value. A later one replaces an earlier one, as in Diesel's derives.
    pub(super) fn set(&mut self, result: Result<T>, errors: &mut CompileErrors) {
        *self = match errors.ok_or_push(result) {
            Some(value) => Self::Parsed(value),
            None => Self::Malformed,
        };
    }

    /// The value, or the default if it is absent; `None` if it is malformed.
    pub(crate) fn or_default(self, default: impl FnOnce() -> T) -> Option<T> {
        match self {
            Self::Absent => Some(default()),
            Self::Parsed(value) => Some(value),
            Self::Malformed => None,
        }
    }
}

/// Takes the `= value` of an item, which must end there.
///
/// `correct_format` is an example of the attribute, for the error.
pub(super) fn parse_assigned<T>(
    name: &Ident,
    input: ParseStream,
    correct_format: &str,
    parse: fn(ParseStream) -> Result<T>,
) -> Result<T> {
    parse_argument(name, "a value", input, correct_format, |input| {
        input.parse::<Token![=]>()?;
        parse(input)
    })
}

/// Takes the `(content)` of an item, which must end there.
pub(super) fn parse_parenthesized<T>(
    name: &Ident,
    input: ParseStream,
    correct_format: &str,
    parse: fn(ParseStream) -> Result<T>,
) -> Result<T> {
    let what = "a list in parentheses";
    parse_argument(name, what, input, correct_format, |input| {
        let content;
        syn::parenthesized!(content in input);
        let parsed = parse(&content).and_then(|parsed| item_ends(&content).map(|()| parsed));
        drop_rest(&content)?;
        parsed
    })
}

fn parse_argument<T>(
    name: &Ident,
    what: &str,
    input: ParseStream,
    correct_format: &str,
    parse: impl FnOnce(ParseStream) -> Result<T>,
) -> Result<T> {
    if at_item_end(input) {
        let message = format!("`{name}` needs {what}");
        return Err(syn::Error::new(
            name.span(),
            with_help(message, correct_format),
        ));
    }
    let parsed = parse(input).and_then(|parsed| item_ends(input).map(|()| parsed));
    parsed.map_err(|error| error_with_help(&error, correct_format))
}

/// Takes nothing, because the item must be its name alone.
pub(super) fn parse_flag(input: ParseStream, correct_format: &str) -> Result<()> {
    item_ends(input).map_err(|error| error_with_help(&error, correct_format))
}

/// Takes what an error left behind in parentheses, because syn would report it as a second error.
pub(super) fn drop_rest(content: ParseStream) -> Result<()> {
    content.parse::<TokenStream>().map(drop)
}

pub(super) fn at_item_end(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn item_ends(input: ParseStream) -> Result<()> {
    if at_item_end(input) {
        Ok(())
    } else {
        Err(input.error("expected `,`"))
    }
}

fn error_with_help(error: &syn::Error, correct_format: &str) -> syn::Error {
    syn::Error::new(error.span(), with_help(error, correct_format))
}

fn with_help(message: impl std::fmt::Display, correct_format: &str) -> String {
    format!("{message}\nhelp: the correct format looks like `#[{correct_format}]`")
}
