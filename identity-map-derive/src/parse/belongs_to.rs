//! Parses `belongs_to(..)`, in `#[diesel(..)]` and in `#[identity_map(..)]`.

use syn::parse::{ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, TypePath, token};

use super::attribute_value::{AttributeValue, drop_rest};
use crate::column::{Column, ColumnList};
use crate::type_syntax::as_written;

/// The content of one `belongs_to(..)`.
#[derive(Clone)]
pub(crate) struct BelongsToAttribute {
    pub(crate) parent: TypePath,
    pub(crate) foreign_key: AttributeValue<ColumnList>,
    pub(crate) relation_name: Option<Ident>,
    /// Whether it stands in `#[diesel(..)]`; then Diesel reports what is wrong with it.
    pub(crate) in_diesel_attribute: bool,
}

impl BelongsToAttribute {
    fn new(parent: TypePath, in_diesel_attribute: bool) -> Self {
        Self {
            parent,
            foreign_key: AttributeValue::Absent,
            relation_name: None,
            in_diesel_attribute,
        }
    }

    /// Parses Diesel's `(Parent, foreign_key = column)`.
    ///
    /// An error is for Diesel to report. The input is forked, because syn would itself report
    /// parentheses that an error left half parsed.
    pub(super) fn parse_in_diesel_attribute(input: ParseStream) -> Result<Self> {
        let ahead = input.fork();
        let content;
        syn::parenthesized!(content in ahead);
        let mut parsed = Self::new(content.parse()?, true);
        let settings = parse_settings(&content, |key, input| {
            if key != "foreign_key" {
                return Err(input.error("only Diesel knows"));
            }
            input.parse::<Token![=]>()?;
            let column: Ident = input.parse()?;
            parsed.foreign_key = AttributeValue::Parsed(Column::from(&column).into());
            Ok(())
        });
        if settings.is_err() {
            parsed.foreign_key = AttributeValue::Malformed;
        }
        Ok(parsed)
    }

    /// Parses the derive's own `Parent, foreign_key = column, name = Name`. A composite key is
    /// `foreign_key = (a, b)`.
    pub(super) fn parse_in_identity_map_attribute(input: ParseStream) -> Result<Self> {
        let mut parsed = Self::new(input.parse()?, false);
        let twice = |key: &Ident| {
            let message = format!("`{key}` is given twice");
            Err(syn::Error::new(key.span(), message))
        };
        parse_settings(input, |key, input| {
            if key != "foreign_key" && key != "name" {
                let message = format!("unknown key `{key}`, expected `foreign_key` or `name`");
                return Err(syn::Error::new(key.span(), message));
            }
            input.parse::<Token![=]>()?;
            if key == "foreign_key" {
                if !matches!(parsed.foreign_key, AttributeValue::Absent) {
                    return twice(key);
                }
                parsed.foreign_key = AttributeValue::Parsed(parse_foreign_key(input)?);
            } else {
                if parsed.relation_name.is_some() {
                    return twice(key);
                }
                if input.peek(LitStr) {
                    return Err(
                        input.error("a relation's name stands without quotes: it is a type")
                    );
                }
                parsed.relation_name = Some(input.parse()?);
            }
            Ok(())
        })?;
        Ok(parsed)
    }
}

/// Parses any number of `, key = value`. `parse_setting` takes what stands behind the key.
fn parse_settings(
    input: ParseStream,
    mut parse_setting: impl FnMut(&Ident, ParseStream) -> Result<()>,
) -> Result<()> {
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        parse_setting(&input.parse()?, input)?;
    }
    Ok(())
}

/// Parses `column` or `(a, b)`.
fn parse_foreign_key(input: ParseStream) -> Result<ColumnList> {
    if !input.peek(token::Paren) {
        return Column::parse(input).map(ColumnList::from);
    }
    let content;
    let parens = syn::parenthesized!(content in input);
    let columns = Punctuated::<Column, Token![,]>::parse_terminated_with(&content, Column::parse);
    drop_rest(&content)?;
    Ok(ColumnList {
        span: parens.span.join(),
        columns: columns?.into_iter().collect(),
    })
}

/// The `belongs_to(..)` that an error's help proposes.
pub(crate) fn belongs_to_as_written(
    parent: &TypePath,
    foreign_key: &str,
    relation_name: Option<&Ident>,
) -> String {
    let name = relation_name.map(|name| format!(", name = {name}"));
    format!(
        "belongs_to({}, foreign_key = {foreign_key}{})",
        as_written(parent),
        name.unwrap_or_default(),
    )
}
