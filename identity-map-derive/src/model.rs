//! The facts of a struct: its table, its key columns, its fields.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DataStruct, DeriveInput, Fields, Ident, Path, Type, TypePath, Visibility};

use crate::column::{Column, ColumnList, identifier};
use crate::compile_errors::CompileErrors;
use crate::inferred_names::inferred_table_name;
use crate::parse::{
    BelongsToAttribute, DieselFieldAttribute, DieselStructAttribute, IdentityMapAttribute,
    NonColumn, refuse_on_field,
};

/// A struct with named fields, with Diesel's defaults where its attributes say nothing. Whether
/// it can be mapped is for [`crate::validate`] to say.
pub(crate) struct ModelStruct<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) vis: &'a Visibility,
    /// The path of the facade crate.
    pub(crate) krate: Path,
    pub(crate) table: Path,
    /// `None` if `primary_key(..)` is malformed.
    pub(crate) primary_key: Option<ColumnList>,
    pub(crate) base_query: Option<Span>,
    pub(crate) has_hooks: bool,
    pub(crate) keep_unchanged: Option<Span>,
    pub(crate) version: Option<Column>,
    /// Diesel's, then the derive's own.
    pub(crate) belongs_to: Vec<BelongsToAttribute>,
    /// Tables whose writes change the model's rows, as the program says.
    pub(crate) changed_by: Vec<Path>,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// `None` if `column_name` is malformed.
    pub(crate) column: Option<Column>,
    pub(crate) non_column: Option<NonColumn>,
    pub(crate) deserialize_as: Option<Type>,
}

/// A column and the field that holds it.
pub(crate) struct ColumnField<'a> {
    pub(crate) column: &'a Column,
    pub(crate) field: &'a Field<'a>,
}

impl<'a> ModelStruct<'a> {
    /// `None` if there is no struct with named fields, or no path to its table or to the facade
    /// crate. The errors say why.
    pub(crate) fn from_struct(
        item: &'a DeriveInput,
        own_attribute: &IdentityMapAttribute,
        errors: &mut CompileErrors,
    ) -> Option<Self> {
        let diesel_attribute = DieselStructAttribute::parse(&item.attrs, errors);
        let fields = named_fields(item, errors)?;
        Some(Self {
            ident: &item.ident,
            vis: &item.vis,
            krate: own_attribute.krate.clone()?,
            table: diesel_attribute
                .table
                .or_default(|| inferred_table(&item.ident))?,
            primary_key: diesel_attribute.primary_key.or_default(|| {
                let id = Ident::new("id", item.ident.span());
                Column::from(&id).into()
            }),
            base_query: diesel_attribute.base_query,
            has_hooks: own_attribute.has_hooks,
            keep_unchanged: own_attribute.keep_unchanged,
            version: own_attribute.version.clone(),
            belongs_to: [
                diesel_attribute.belongs_to,
                own_attribute.belongs_to.clone(),
            ]
            .concat(),
            changed_by: own_attribute.changed_by.clone(),
            fields,
        })
    }

    /// Whether every field is a column of the table, so that the selection is known without the
    /// model's `Selectable`.
    pub(crate) fn is_plain(&self) -> bool {
        self.base_query.is_none() && self.fields.iter().all(|field| field.non_column.is_none())
    }

    pub(crate) fn parents(&self) -> impl Iterator<Item = &TypePath> {
        self.belongs_to.iter().map(|belongs_to| &belongs_to.parent)
    }

    /// The field that holds a column.
    pub(crate) fn field_of(&'a self, column: &Column) -> Option<ColumnField<'a>> {
        let of_that_name = self.fields.iter().filter_map(|field| {
            let own = field.column.as_ref().filter(|own| *own == column)?;
            Some(ColumnField { column: own, field })
        });
        // A plain field is preferred: a computed one may bear the name of the column beside it.
        of_that_name.min_by_key(|found| found.field.non_column.is_some())
    }

    /// Whether some field's `column_name` is malformed. A column without a field may be that
    /// field's, so it is not reported as well.
    pub(crate) fn has_malformed_column_name(&self) -> bool {
        self.fields.iter().any(|field| field.column.is_none())
    }

    pub(crate) fn has_embedded_field(&self) -> bool {
        let embedded = |field: &Field| matches!(field.non_column, Some(NonColumn::Embedded(_)));
        self.fields.iter().any(embedded)
    }

    /// The table's path for an error's text: `schema::posts`.
    pub(crate) fn table_display(&self) -> String {
        let segments = self.table.segments.iter();
        let names: Vec<_> = segments.map(|s| s.ident.unraw().to_string()).collect();
        names.join("::")
    }
}

fn named_fields<'a>(item: &'a DeriveInput, errors: &mut CompileErrors) -> Option<Vec<Field<'a>>> {
    let Data::Struct(DataStruct {
        fields: Fields::Named(named),
        ..
    }) = &item.data
    else {
        return None;
    };
    let fields = named.named.iter().filter_map(|field| {
        refuse_on_field(&field.attrs, errors);
        let diesel_attribute = DieselFieldAttribute::parse(&field.attrs, errors);
        let ident = field.ident.as_ref()?;
        Some(Field {
            ident,
            ty: &field.ty,
            column: diesel_attribute.column.or_default(|| Column::from(ident)),
            non_column: diesel_attribute.non_column,
            deserialize_as: diesel_attribute.deserialize_as,
        })
    });
    Some(fields.collect())
}

fn inferred_table(ident: &Ident) -> Path {
    identifier(&inferred_table_name(ident), ident.span())
        .unwrap_or_else(|| ident.clone())
        .into()
}
