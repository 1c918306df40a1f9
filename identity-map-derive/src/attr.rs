//! Reads `#[diesel(..)]`: the table, the key and the columns, as Diesel's own derives read them.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Path, Token, Type};

use crate::belongs_to::BelongsTo;
use crate::column::Column;
use crate::entries::{parens, read_entries, value};
use crate::errors::Errors;

/// What a user wrote for an attribute.
///
/// `Malformed` was already reported; a default in its place would only cause a second error.
#[derive(Clone)]
pub(crate) enum Given<T> {
    Absent,
    Read(T),
    Malformed,
}

impl<T> Given<T> {
    /// Like Diesel, lets a later attribute win.
    pub(crate) fn set(&mut self, result: Result<T>, errors: &mut Errors) {
        *self = match errors.ok(result) {
            Some(value) => Self::Read(value),
            None => Self::Malformed,
        };
    }

    /// The value, or the default of an absent attribute; `None` if it is malformed.
    pub(crate) fn or_default(self, default: impl FnOnce() -> T) -> Option<T> {
        match self {
            Self::Absent => Some(default()),
            Self::Read(value) => Some(value),
            Self::Malformed => None,
        }
    }
}

/// The columns of a key, and where to point when there are too few or too many.
#[derive(Clone)]
pub(crate) struct KeyColumns {
    pub(crate) span: Span,
    pub(crate) columns: Vec<Column>,
}

/// `#[diesel(..)]` on the struct.
pub(crate) struct StructAttrs {
    pub(crate) table: Given<Path>,
    pub(crate) key: Given<KeyColumns>,
    pub(crate) base_query: Option<Span>,
    pub(crate) belongs_to: Vec<BelongsTo>,
}

impl StructAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self {
            table: Given::Absent,
            key: Given::Absent,
            base_query: None,
            belongs_to: Vec::new(),
        };
        for attr in diesel(attrs) {
            read_entries(attr, errors, |name, input, errors| {
                match name.to_string().as_str() {
                    "table_name" => read.table_name(name, input, errors),
                    "primary_key" => read.key.set(primary_key(name, input), errors),
                    // What is wrong with it is for Diesel to say.
                    "belongs_to" => read.belongs_to.extend(BelongsTo::diesels(input).ok()),
                    "base_query" => read.base_query = Some(name.span()),
                    _ => {}
                }
                Ok(())
            });
        }
        read
    }

    fn table_name(&mut self, name: &Ident, input: ParseStream, errors: &mut Errors) {
        let table = value(
            name,
            input,
            "diesel(table_name = posts)",
            Path::parse_mod_style,
        );
        // `Insertable` takes several tables; an object in the map is a row of one.
        if let (Given::Read(_), Ok(table)) = (&self.table, &table) {
            errors.at(
                table.span(),
                "a second table: rows of two tables cannot be one object\n\
                 help: keep one `table_name`, and give the other table a model of its own",
            );
            return;
        }
        self.table.set(table, errors);
    }
}

fn primary_key(name: &Ident, input: ParseStream) -> Result<KeyColumns> {
    let idents = Punctuated::<Ident, Token![,]>::parse_terminated;
    let columns = parens(name, input, "diesel(primary_key(id))", idents)?;
    Ok(KeyColumns {
        span: name.span(),
        columns: columns.iter().map(Column::from).collect(),
    })
}

/// How Diesel selects a field that is not simply a column of the table.
#[derive(Clone, Copy)]
pub(crate) enum Selected {
    Embedded(Span),
    Expression(Span),
}

/// `#[diesel(..)]` on a field.
pub(crate) struct FieldAttrs {
    pub(crate) column: Given<Column>,
    pub(crate) selected: Option<Selected>,
    pub(crate) deserialize_as: Option<Type>,
}

impl FieldAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self {
            column: Given::Absent,
            selected: None,
            deserialize_as: None,
        };
        for attr in diesel(attrs) {
            read_entries(attr, errors, |name, input, errors| {
                match name.to_string().as_str() {
                    "column_name" => read.column.set(
                        value(
                            name,
                            input,
                            "diesel(column_name = author_id)",
                            Column::parse,
                        ),
                        errors,
                    ),
                    "embed" => {
                        read.selected.get_or_insert(Selected::Embedded(name.span()));
                    }
                    // Diesel gives an expression precedence over `embed`.
                    "select_expression" | "select_expression_type" => {
                        read.selected = Some(Selected::Expression(name.span()));
                    }
                    "deserialize_as" => {
                        let format = "diesel(deserialize_as = String)";
                        read.deserialize_as = Some(value(name, input, format, Type::parse)?);
                    }
                    _ => {}
                }
                Ok(())
            });
        }
        read
    }
}

fn diesel(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("diesel"))
}
