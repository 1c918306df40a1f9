//! The facts of a struct: its table, its key columns, its fields.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DataStruct, DeriveInput, Fields, Ident, Path, Type, Visibility};

use crate::attr::{FieldAttrs, KeyColumns, Selected, StructAttrs};
use crate::belongs_to::BelongsTo;
use crate::column::{Column, identifier};
use crate::errors::Errors;
use crate::own_attr::{self, OwnAttrs};

/// A struct with named fields, as read. Whether it can be mapped is for [`crate::valid`] to say.
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) vis: &'a Visibility,
    pub(crate) krate: Path,
    pub(crate) table: Path,
    /// `None` if `primary_key(..)` could not be read.
    pub(crate) key_columns: Option<KeyColumns>,
    pub(crate) base_query: Option<Span>,
    pub(crate) has_hooks: bool,
    pub(crate) keep_unchanged: Option<Span>,
    /// The column of `version = ..`.
    pub(crate) version: Option<Column>,
    /// Of both kinds.
    pub(crate) belongs_to: Vec<BelongsTo>,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of the model.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// `None` if `column_name` could not be read.
    pub(crate) column: Option<Column>,
    pub(crate) selected: Option<Selected>,
    pub(crate) deserialize_as: Option<Type>,
}

/// A column and its field.
pub(crate) struct ColumnField<'a> {
    pub(crate) column: &'a Column,
    pub(crate) field: &'a Field<'a>,
}

impl<'a> Model<'a> {
    /// `None` if there is no struct with named fields, or no way to name its table or the crate:
    /// then the reason is among the errors.
    pub(crate) fn read(item: &'a DeriveInput, own: &OwnAttrs, errors: &mut Errors) -> Option<Self> {
        let attrs = StructAttrs::read(&item.attrs, errors);
        let fields = read_fields(item, errors)?;
        Some(Self {
            ident: &item.ident,
            vis: &item.vis,
            krate: own.krate.clone()?,
            table: attrs.table.or_default(|| inferred_table(&item.ident))?,
            key_columns: attrs.key.or_default(|| KeyColumns {
                span: item.ident.span(),
                columns: vec![Column::from(&Ident::new("id", item.ident.span()))],
            }),
            base_query: attrs.base_query,
            has_hooks: own.hooks,
            keep_unchanged: own.keep_unchanged,
            version: own.version.clone(),
            belongs_to: [attrs.belongs_to, own.belongs_to.clone()].concat(),
            fields,
        })
    }

    /// Whether every field is a column of the table, so that the selection is known without the
    /// model's `Selectable`.
    pub(crate) fn is_plain(&self) -> bool {
        self.base_query.is_none() && self.fields.iter().all(|field| field.selected.is_none())
    }

    /// The field that holds a column.
    pub(crate) fn find(&'a self, column: &Column) -> Option<ColumnField<'a>> {
        let holds = self.fields.iter().filter_map(|field| {
            let own = field.column.as_ref().filter(|own| *own == column)?;
            Some(ColumnField { column: own, field })
        });
        // A computed field may bear the name of the column beside it.
        holds.min_by_key(|held| held.field.selected.is_some())
    }

    /// Whether a column without a field may be the field whose `column_name` was reported.
    pub(crate) fn has_unread_column(&self) -> bool {
        self.fields.iter().any(|field| field.column.is_none())
    }

    pub(crate) fn embeds(&self) -> bool {
        let embedded = |field: &Field| matches!(field.selected, Some(Selected::Embedded(_)));
        self.fields.iter().any(embedded)
    }

    /// The table as a user would say it.
    pub(crate) fn table_display(&self) -> String {
        let segments = self.table.segments.iter();
        let names: Vec<_> = segments.map(|s| s.ident.unraw().to_string()).collect();
        names.join("::")
    }
}

fn read_fields<'a>(item: &'a DeriveInput, errors: &mut Errors) -> Option<Vec<Field<'a>>> {
    let Data::Struct(DataStruct {
        fields: Fields::Named(named),
        ..
    }) = &item.data
    else {
        return None;
    };
    let fields = named.named.iter().filter_map(|field| {
        own_attr::refuse_on_field(&field.attrs, errors);
        let attrs = FieldAttrs::read(&field.attrs, errors);
        let ident = field.ident.as_ref()?;
        Some(Field {
            ident,
            ty: &field.ty,
            column: attrs.column.or_default(|| Column::from(ident)),
            selected: attrs.selected,
            deserialize_as: attrs.deserialize_as,
        })
    });
    Some(fields.collect())
}

fn inferred_table(ident: &Ident) -> Path {
    identifier(&inferred_name(ident), ident.span())
        .unwrap_or_else(|| ident.clone())
        .into()
}

/// Diesel's rule: the struct's name in snake case, and an `s`.
pub(crate) fn inferred_name(ident: &Ident) -> String {
    snake_case(ident) + "s"
}

/// As Diesel makes names of tables and foreign keys.
pub(crate) fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for character in ident.unraw().to_string().chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}
