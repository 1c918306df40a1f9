//! Reads `belongs_to(..)`, as Diesel spells it and as the derive's own attribute does.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, TypePath, token};

use crate::attr::{Given, KeyColumns};
use crate::column::Column;

/// What stands in a `belongs_to(..)`.
#[derive(Clone)]
pub(crate) struct BelongsTo {
    pub(crate) parent: TypePath,
    pub(crate) foreign_key: Given<KeyColumns>,
    pub(crate) name: Option<Ident>,
    /// Whether it is Diesel's, which says itself what is wrong with it.
    pub(crate) is_diesels: bool,
}

impl BelongsTo {
    fn new(parent: TypePath, is_diesels: bool) -> Self {
        Self {
            parent,
            foreign_key: Given::Absent,
            name: None,
            is_diesels,
        }
    }

    /// `(Parent, foreign_key = column)`. An error leaves it to Diesel.
    ///
    /// Hence the fork: nothing is left half read, which syn would report.
    pub(crate) fn diesels(input: ParseStream) -> Result<Self> {
        let ahead = input.fork();
        let content;
        syn::parenthesized!(content in ahead);
        let mut read = Self::new(content.parse()?, true);
        let rest = settings(&content, |key, input| {
            if key != "foreign_key" {
                return Err(input.error("only Diesel knows"));
            }
            input.parse::<Token![=]>()?;
            let column: Ident = input.parse()?;
            read.foreign_key = Given::Read(KeyColumns {
                span: column.span(),
                columns: vec![Column::from(&column)],
            });
            Ok(())
        });
        if rest.is_err() {
            read.foreign_key = Given::Malformed;
        }
        Ok(read)
    }

    /// `Parent, foreign_key = column, name = Name`; `foreign_key = (a, b)` for a composite key.
    pub(crate) fn own(input: ParseStream) -> Result<Self> {
        let mut read = Self::new(input.parse()?, false);
        let twice = |key: &Ident| {
            let message = format!("`{key}` is given twice");
            Err(syn::Error::new(key.span(), message))
        };
        settings(input, |key, input| {
            if key != "foreign_key" && key != "name" {
                let message = format!("unknown key `{key}`, expected `foreign_key` or `name`");
                return Err(syn::Error::new(key.span(), message));
            }
            input.parse::<Token![=]>()?;
            if key == "foreign_key" {
                if !matches!(read.foreign_key, Given::Absent) {
                    return twice(key);
                }
                read.foreign_key = Given::Read(foreign_key(input)?);
            } else {
                if read.name.is_some() {
                    return twice(key);
                }
                if input.peek(LitStr) {
                    return Err(
                        input.error("a relation's name stands without quotes: it is a type")
                    );
                }
                read.name = Some(input.parse()?);
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// `, key = value` as often as it is there. `read` takes what is behind the key.
fn settings(
    input: ParseStream,
    mut read: impl FnMut(&Ident, ParseStream) -> Result<()>,
) -> Result<()> {
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        read(&input.parse()?, input)?;
    }
    Ok(())
}

fn foreign_key(input: ParseStream) -> Result<KeyColumns> {
    if !input.peek(token::Paren) {
        let column = Column::parse(input)?;
        return Ok(KeyColumns {
            span: column.span(),
            columns: vec![column],
        });
    }
    let content;
    let parens = syn::parenthesized!(content in input);
    let columns = Punctuated::<Column, Token![,]>::parse_terminated_with(&content, Column::parse);
    // syn would report what an error left behind as a second one.
    content.parse::<TokenStream>()?;
    Ok(KeyColumns {
        span: parens.span.join(),
        columns: columns?.into_iter().collect(),
    })
}
