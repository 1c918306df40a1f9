//! Finds the fields of a primary or foreign key, and refuses a list of no columns, of too many,
//! or with a column twice.

use super::column_role::ColumnRole;
use crate::column::ColumnList;
use crate::model::{ColumnField, Field, ModelStruct};
use crate::parse::NonColumn;

/// The core implements keys of up to this many columns.
const MAX_KEY_COLUMNS: usize = 8;

/// The rules and the error texts in which primary and foreign keys differ.
pub(super) struct KeyRules<'a> {
    pub(super) role: ColumnRole,
    /// The whole message about a list of no columns.
    pub(super) no_columns: &'a str,
    pub(super) too_many_help: &'a str,
    pub(super) named_twice_help: &'a str,
    pub(super) missing_field_help: &'a str,
    pub(super) type_errors: fn(&Field) -> Vec<syn::Error>,
}

/// Returns the fields of a key in the order of its columns, or the errors of a refused key.
///
/// A refused key has no errors if the only field missing may be one with a malformed
/// `column_name`, which was reported before.
pub(super) fn find_key_fields<'a>(
    model: &'a ModelStruct<'a>,
    list: &ColumnList,
    rules: &KeyRules,
) -> Result<Vec<ColumnField<'a>>, Vec<syn::Error>> {
    let ColumnList { span, columns } = list;
    let role = rules.role.name();
    let mut errors = Vec::new();
    if columns.is_empty() {
        errors.push(syn::Error::new(*span, rules.no_columns));
    }
    if let Some(excess) = columns.get(MAX_KEY_COLUMNS) {
        let message = format!(
            "a {role} of {} columns, but an identity map takes keys of up to {MAX_KEY_COLUMNS}\n\
             help: {}",
            columns.len(),
            rules.too_many_help,
        );
        errors.push(syn::Error::new(excess.span(), message));
    }
    let mut fields = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            let message = format!(
                "the {role} column `{column}` is named twice\n\
                 help: {}",
                rules.named_twice_help,
            );
            errors.push(syn::Error::new(column.span(), message));
        } else if let Some(found) = model.field_of(column) {
            errors.extend(field_errors(found.field, rules));
            fields.push(found);
        } else if !model.has_malformed_column_name() {
            let help = rules.missing_field_help;
            errors.push(rules.role.missing_field_error(model, column, help));
        }
    }
    if errors.is_empty() && fields.len() == columns.len() {
        Ok(fields)
    } else {
        Err(errors)
    }
}

/// The type of an embedded field is not judged, because it is that of the embedded struct.
fn field_errors(field: &Field, rules: &KeyRules) -> Vec<syn::Error> {
    let type_errors = match field.non_column {
        Some(NonColumn::Embedded(_)) => Vec::new(),
        Some(NonColumn::Expression(_)) | None => (rules.type_errors)(field),
    };
    let non_column = rules.role.non_column_error(field);
    non_column.into_iter().chain(type_errors).collect()
}
