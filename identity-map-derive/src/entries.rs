//! The inside of an attribute: `name`, `name = value`, `name(tokens)`, separated by commas.
//!
//! `#[diesel(..)]` belongs to Diesel. What this derive does not read, it steps over without an
//! opinion, so that an attribute of a later Diesel compiles; Diesel's own derives say what is
//! wrong with it. `#[identity_map(..)]` is read by nobody else, so nothing in it is stepped over.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Result};
use syn::{Attribute, Expr, Ident, Token, Type};

use crate::errors::Errors;

/// Calls `read` for every entry of `attr`, with the stream behind the entry's name.
///
/// `read` may take as little as it likes of its entry. After an error the next entry is read.
pub(crate) fn read_entries(
    attr: &Attribute,
    errors: &mut Errors,
    read: impl FnMut(&Ident, ParseStream, &mut Errors) -> Result<()>,
) {
    entries(attr, errors, |_| Ok(()), read);
}

/// [`read_entries`] of an attribute in which every entry has a name.
pub(crate) fn read_own_entries(
    attr: &Attribute,
    errors: &mut Errors,
    read: impl FnMut(&Ident, ParseStream, &mut Errors) -> Result<()>,
) {
    entries(
        attr,
        errors,
        |input| Err(input.error("expected an attribute's name")),
        read,
    );
}

fn entries(
    attr: &Attribute,
    errors: &mut Errors,
    nameless: fn(ParseStream) -> Result<()>,
    mut read: impl FnMut(&Ident, ParseStream, &mut Errors) -> Result<()>,
) {
    let all = attr.parse_args_with(|input: ParseStream| {
        while !input.is_empty() {
            if input.peek(Ident::peek_any) {
                let name = input.call(Ident::parse_any)?;
                if let Err(error) = read(&name, input, errors) {
                    errors.push(error);
                }
            } else if let Err(error) = nameless(input) {
                errors.push(error);
            }
            step_over(input);
            while !ended(input) {
                input.step(|cursor| {
                    let behind = cursor.token_tree().map(|(_, behind)| ((), behind));
                    behind.ok_or_else(|| cursor.error("expected an attribute"))
                })?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    });
    if let Err(error) = all {
        errors.push(error);
    }
}

/// Takes `= value`, and nothing behind it. `format` is the attribute as it should look.
pub(crate) fn value<T>(
    name: &Ident,
    input: ParseStream,
    format: &str,
    parse: fn(ParseStream) -> Result<T>,
) -> Result<T> {
    argument(name, "a value", input, format, |input| {
        input.parse::<Token![=]>()?;
        parse(input)
    })
}

/// Takes `(content)`, and nothing behind it.
pub(crate) fn parens<T>(
    name: &Ident,
    input: ParseStream,
    format: &str,
    parse: fn(ParseStream) -> Result<T>,
) -> Result<T> {
    argument(name, "a list in parentheses", input, format, |input| {
        let content;
        syn::parenthesized!(content in input);
        let parsed = parse(&content).and_then(|parsed| nothing_behind(&content).map(|()| parsed));
        // syn would report what an error left behind as a second one.
        content.parse::<TokenStream>()?;
        parsed
    })
}

fn argument<T>(
    name: &Ident,
    what: &str,
    input: ParseStream,
    format: &str,
    parse: impl FnOnce(ParseStream) -> Result<T>,
) -> Result<T> {
    if ended(input) {
        let message = format!("`{name}` needs {what}");
        return Err(syn::Error::new(name.span(), with_format(message, format)));
    }
    let parsed = parse(input).and_then(|parsed| nothing_behind(input).map(|()| parsed));
    parsed.map_err(|error| helped(&error, format))
}

/// A name that stands alone.
pub(crate) fn flag(input: ParseStream, format: &str) -> Result<()> {
    nothing_behind(input).map_err(|error| helped(&error, format))
}

fn helped(error: &syn::Error, format: &str) -> syn::Error {
    syn::Error::new(error.span(), with_format(error, format))
}

fn with_format(message: impl std::fmt::Display, format: &str) -> String {
    format!("{message}\nhelp: the correct format looks like `#[{format}]`")
}

fn nothing_behind(input: ParseStream) -> Result<()> {
    if ended(input) {
        Ok(())
    } else {
        Err(input.error("expected `,`"))
    }
}

/// The next comma of a value need not end it: a type may hold commas between `<` and `>`, which
/// are no delimiters to the tokenizer. So the value is taken as a type if that ends it, else as
/// an expression; what is neither is left to be skipped up to the next comma.
fn step_over(input: ParseStream) {
    if !input.peek(Token![=]) {
        return;
    }
    let value = input.fork();
    if value.parse::<Token![=]>().is_err() {
        return;
    }
    for parse in [
        |input: ParseStream| input.parse::<Type>().map(drop),
        |input: ParseStream| input.parse::<Expr>().map(drop),
    ] {
        let attempt = value.fork();
        if parse(&attempt).is_ok() && ended(&attempt) {
            input.advance_to(&attempt);
            return;
        }
    }
}

fn ended(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![,])
}
