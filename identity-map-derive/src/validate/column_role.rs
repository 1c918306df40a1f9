//! Refuses a key or a version whose columns are not plain fields of the struct.

use syn::ext::IdentExt;

use crate::column::Column;
use crate::model::{Field, ModelStruct};
use crate::parse::NonColumn;

pub(super) const OR_ANOTHER_KEY: &str = ", or name another key with `#[diesel(primary_key(..))]`";

/// What a column is to its row. In each role the column must be a plain field, because the
/// expansion selects the column and reads the field.
#[derive(Clone, Copy)]
pub(super) enum ColumnRole {
    PrimaryKey,
    ForeignKey,
    Version,
}

impl ColumnRole {
    /// The role in the words of the errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PrimaryKey => "key",
            Self::ForeignKey => "foreign key",
            Self::Version => "version",
        }
    }

    /// The error of a column that no field holds.
    pub(super) fn missing_field_error(
        self,
        model: &ModelStruct,
        column: &Column,
        help: &str,
    ) -> syn::Error {
        let role = self.name();
        let note = if model.has_embedded_field() {
            let article = match self {
                Self::PrimaryKey | Self::ForeignKey => "a",
                Self::Version => "the",
            };
            format!(
                "\nnote: {article} {role} field must stand beside an `embed` field, not inside it"
            )
        } else {
            String::new()
        };
        let message = format!(
            "`{}` has no field for the {role} column `{column}` of the table `{}`\n\
             help: {help}{note}",
            model.ident.unraw(),
            model.table_display(),
        );
        syn::Error::new(column.span(), message)
    }

    /// The error of a field that is embedded or computed; `None` if it is a plain column.
    pub(super) fn non_column_error(self, field: &Field) -> Option<syn::Error> {
        let role = self.name();
        let name = field.ident.unraw();
        let or_another = match self {
            Self::PrimaryKey => OR_ANOTHER_KEY,
            Self::ForeignKey | Self::Version => "",
        };
        Some(match field.non_column? {
            NonColumn::Embedded(span) => syn::Error::new(
                span,
                format!(
                    "the {role} field `{name}` is embedded, but a {role} must be a plain column\n\
                     help: put the {role} field beside the embedded struct{or_another}"
                ),
            ),
            NonColumn::Expression(span) => syn::Error::new(
                span,
                format!(
                    "the {role} field `{name}` is selected by an expression, but a {role} must be \
                     a plain column\n\
                     help: select the column itself{or_another}"
                ),
            ),
        })
    }
}
