//! Walks the items of an attribute: `name`, `name = value`, `name(tokens)`, separated by commas.
//!
//! `#[diesel(..)]` belongs to Diesel. An item that this derive does not know is skipped without
//! an error, so that an attribute of a later Diesel compiles; Diesel's own derives say what is
//! wrong with it. `#[identity_map(..)]` belongs to this derive alone, which reports whatever it
//! does not know.

use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Result};
use syn::{Attribute, Expr, Ident, Token, Type};

use super::attribute_value::at_item_end;
use crate::compile_errors::CompileErrors;

/// What happens to an item that does not begin with a name.
#[derive(Clone, Copy)]
pub(super) enum NamelessItem {
    Skipped,
    Refused,
}

/// Calls `parse_item` for every item of `attr`, with the item's name and the stream behind it.
///
/// `parse_item` may leave any part of its item in the stream. After an error the next item is
/// parsed.
pub(super) fn parse_items(
    attr: &Attribute,
    nameless: NamelessItem,
    errors: &mut CompileErrors,
    mut parse_item: impl FnMut(&Ident, ParseStream, &mut CompileErrors) -> Result<()>,
) {
    let all = attr.parse_args_with(|input: ParseStream| {
        while !input.is_empty() {
            if input.peek(Ident::peek_any) {
                let name = input.call(Ident::parse_any)?;
                if let Err(error) = parse_item(&name, input, errors) {
                    errors.push(error);
                }
            } else if let NamelessItem::Refused = nameless {
                errors.push(input.error("expected an attribute's name"));
            }
            skip_item(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    });
    if let Err(error) = all {
        errors.push(error);
    }
}

/// Skips what is left of an item.
fn skip_item(input: ParseStream) -> Result<()> {
    skip_assigned_value(input);
    while !at_item_end(input) {
        input.step(|cursor| {
            let behind = cursor.token_tree().map(|(_, behind)| ((), behind));
            behind.ok_or_else(|| cursor.error("expected an attribute"))
        })?;
    }
    Ok(())
}

/// Skips a `= value` that is a type or an expression; any other is left in the stream.
///
/// The next comma need not end the value: a type may hold commas between `<` and `>`, which the
/// tokenizer does not see as delimiters. So a type is tried first, and then an expression.
fn skip_assigned_value(input: ParseStream) {
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
        if parse(&attempt).is_ok() && at_item_end(&attempt) {
            input.advance_to(&attempt);
            return;
        }
    }
}
