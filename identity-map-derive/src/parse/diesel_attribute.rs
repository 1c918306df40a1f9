//! Parses `#[diesel(..)]`: the table, the key and the columns, with the meaning that Diesel's own
//! derives give them.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Path, Token, Type};

use super::attribute_items::{NamelessItem, parse_items};
use super::attribute_value::{AttributeValue, parse_assigned, parse_parenthesized};
use super::belongs_to::BelongsToAttribute;
use crate::column::{Column, ColumnList};
use crate::compile_errors::CompileErrors;

/// `#[diesel(..)]` on the struct.
pub(crate) struct DieselStructAttribute {
    pub(crate) table: AttributeValue<Path>,
    pub(crate) primary_key: AttributeValue<ColumnList>,
    pub(crate) base_query: Option<Span>,
    pub(crate) belongs_to: Vec<BelongsToAttribute>,
}

impl DieselStructAttribute {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut CompileErrors) -> Self {
        let mut parsed = Self {
            table: AttributeValue::Absent,
            primary_key: AttributeValue::Absent,
            base_query: None,
            belongs_to: Vec::new(),
        };
        parse_diesel_items(attrs, errors, |name, input, errors| {
            match name.to_string().as_str() {
                "table_name" => parsed.set_table(name, input, errors),
                "primary_key" => parsed
                    .primary_key
                    .set(parse_primary_key(name, input), errors),
                "belongs_to" => {
                    // Diesel's `Associations` reports an error.
                    let relation = BelongsToAttribute::parse_in_diesel_attribute(input);
                    parsed.belongs_to.extend(relation.ok());
                }
                "base_query" => parsed.base_query = Some(name.span()),
                _ => {}
            }
            Ok(())
        });
        parsed
    }

    /// Refuses a second table. Diesel's `Insertable` takes several, but an object in the map is a
    /// row of one.
    fn set_table(&mut self, name: &Ident, input: ParseStream, errors: &mut CompileErrors) {
        let format = "diesel(table_name = posts)";
        let table = parse_assigned(name, input, format, Path::parse_mod_style);
        if let (AttributeValue::Parsed(_), Ok(table)) = (&self.table, &table) {
            errors.push_at(
                table.span(),
                "a second table: rows of two tables cannot be one object\n\
                 help: keep one `table_name`, and give the other table a model of its own",
            );
            return;
        }
        self.table.set(table, errors);
    }
}

fn parse_primary_key(name: &Ident, input: ParseStream) -> Result<ColumnList> {
    let idents = Punctuated::<Ident, Token![,]>::parse_terminated;
    let columns = parse_parenthesized(name, input, "diesel(primary_key(id))", idents)?;
    Ok(ColumnList {
        span: name.span(),
        columns: columns.iter().map(Column::from).collect(),
    })
}

/// What a field holds that is not simply a column of the table. The span is that of the attribute
/// that says so.
#[derive(Clone, Copy)]
pub(crate) enum NonColumn {
    Embedded(Span),
    Expression(Span),
}

/// `#[diesel(..)]` on a field.
pub(crate) struct DieselFieldAttribute {
    pub(crate) column: AttributeValue<Column>,
    pub(crate) non_column: Option<NonColumn>,
    pub(crate) deserialize_as: Option<Type>,
}

impl DieselFieldAttribute {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut CompileErrors) -> Self {
        let mut parsed = Self {
            column: AttributeValue::Absent,
            non_column: None,
            deserialize_as: None,
        };
        parse_diesel_items(attrs, errors, |name, input, errors| {
            match name.to_string().as_str() {
                "column_name" => {
                    let format = "diesel(column_name = author_id)";
                    let column = parse_assigned(name, input, format, Column::parse);
                    parsed.column.set(column, errors);
                }
                "embed" => {
                    let embedded = NonColumn::Embedded(name.span());
                    parsed.non_column.get_or_insert(embedded);
                }
                // An expression replaces an `embed`, because Diesel gives it precedence.
                "select_expression" | "select_expression_type" => {
                    parsed.non_column = Some(NonColumn::Expression(name.span()));
                }
                "deserialize_as" => {
                    let format = "diesel(deserialize_as = String)";
                    let ty = parse_assigned(name, input, format, Type::parse)?;
                    parsed.deserialize_as = Some(ty);
                }
                _ => {}
            }
            Ok(())
        });
        parsed
    }
}

fn parse_diesel_items(
    attrs: &[Attribute],
    errors: &mut CompileErrors,
    mut parse_item: impl FnMut(&Ident, ParseStream, &mut CompileErrors) -> Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("diesel")) {
        parse_items(attr, NamelessItem::Skipped, errors, &mut parse_item);
    }
}
