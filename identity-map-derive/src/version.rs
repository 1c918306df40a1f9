//! Says what keeps a column from being the version of a row.

use proc_macro2::Span;
use syn::ext::IdentExt;

use crate::attr::Selected;
use crate::column::Column;
use crate::errors::Errors;
use crate::model::{ColumnField, Field, Model};
use crate::valid::{last_segment, option_argument, spelled, type_span};

const NO_INTEGERS: [&str; 4] = ["String", "bool", "f32", "f64"];

/// Finds the version among the fields; `None` if there is none, or it cannot be one.
///
/// Of its type only the plainest mistakes are seen here; `VersionNumber` is the judge of it.
pub(crate) fn find_version<'a>(
    model: &'a Model<'a>,
    errors: &mut Errors,
) -> Option<ColumnField<'a>> {
    let column = model.version.as_ref()?;
    let key = model.key_columns.as_ref();
    if key.is_some_and(|key| key.columns.contains(column)) {
        errors.at(
            column.span(),
            format!(
                "the version column `{column}` is a part of the key, which must stay when the \
                 version changes\n\
                 help: give the version a column of its own"
            ),
        );
        return None;
    }
    let Some(version) = model.find(column) else {
        if !model.has_unread_column() {
            errors.at(column.span(), missing(model, column));
        }
        return None;
    };
    if let Some((span, message)) = refusal(version.field) {
        errors.at(span, message);
        return None;
    }
    Some(version)
}

fn missing(model: &Model, column: &Column) -> String {
    let note = if model.embeds() {
        "\nnote: the version field must stand beside an `embed` field, not inside it"
    } else {
        ""
    };
    format!(
        "`{}` has no field for the version column `{column}` of the table `{}`\n\
         help: add the field: an integer, `NOT NULL DEFAULT 0` in the table{note}",
        model.ident.unraw(),
        model.table_display(),
    )
}

fn refusal(field: &Field) -> Option<(Span, String)> {
    let name = field.ident.unraw();
    match field.selected {
        Some(Selected::Embedded(span)) => {
            let message = format!(
                "the version field `{name}` is embedded, but a version must be a plain column\n\
                 help: put the version field beside the embedded struct"
            );
            return Some((span, message));
        }
        Some(Selected::Expression(span)) => {
            let message = format!(
                "the version field `{name}` is selected by an expression, but a version must be \
                 a plain column\n\
                 help: select the column itself"
            );
            return Some((span, message));
        }
        None => {}
    }
    if let Some(inner) = option_argument(field.ty) {
        let message = format!(
            "the version field `{name}` is an `Option`, but a row without a version cannot be \
             locked\n\
             help: make the column `NOT NULL DEFAULT 0` and the field `{}`",
            spelled(inner),
        );
        return Some((type_span(field.ty), message));
    }
    let ident = &last_segment(field.ty)?.ident;
    NO_INTEGERS.iter().find(|no| ident == no).map(|no| {
        let message = format!(
            "the version field `{name}` is of type `{no}`, but a version is an integer, made one \
             higher by each write of the row\n\
             help: make the column an integer and the field an `i32`, or `i16` or `i64`"
        );
        (ident.span(), message)
    })
}
