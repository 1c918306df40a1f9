//! A column's name as an identifier of the table's module, and a list of such names.

use std::fmt;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Result};
use syn::{Ident, LitStr};

/// The name of a column. `r#type` and `type` name the same column.
#[derive(Clone)]
pub(crate) struct Column(Ident);

impl Column {
    /// Parses an identifier, or a string literal, which Diesel takes too: `column_name = "type"`.
    pub(crate) fn parse(input: ParseStream) -> Result<Self> {
        if !input.peek(LitStr) {
            return input.parse().map(Self);
        }
        let literal: LitStr = input.parse()?;
        let name = literal.value();
        match identifier(name.trim_start_matches("r#"), literal.span()) {
            Some(ident) => Ok(Self(ident)),
            None => Err(syn::Error::new(
                literal.span(),
                format!(
                    "`{name}` is no Rust identifier: write the name that the column has in `table!`"
                ),
            )),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.0.span()
    }
}

impl From<&Ident> for Column {
    fn from(ident: &Ident) -> Self {
        Self(ident.clone())
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.0.unraw() == other.0.unraw()
    }
}

impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.unraw().fmt(out)
    }
}

impl ToTokens for Column {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The columns of a primary or foreign key.
#[derive(Clone)]
pub(crate) struct ColumnList {
    /// An error about the list as a whole points here.
    pub(crate) span: Span,
    pub(crate) columns: Vec<Column>,
}

impl From<Column> for ColumnList {
    fn from(column: Column) -> Self {
        Self {
            span: column.span(),
            columns: vec![column],
        }
    }
}

/// `name` as an identifier, which is a raw one where the name is a keyword.
pub(crate) fn identifier(name: &str, span: Span) -> Option<Ident> {
    let mut ident: Ident = syn::parse_str(name)
        .or_else(|_| syn::parse_str(&format!("r#{name}")))
        .ok()?;
    ident.set_span(span);
    Some(ident)
}
