//! Refuses a version that is part of the key, nullable, or plainly no integer.

use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::column_role::ColumnRole;
use crate::compile_errors::CompileErrors;
use crate::model::{ColumnField, Field, ModelStruct};
use crate::type_syntax::{as_written, last_segment, option_argument};

const ROLE: ColumnRole = ColumnRole::Version;

/// The types that a version is given by mistake. Any other type is left to the core's
/// `VersionNumber`, because only the compiler knows what an alias stands for.
const NO_INTEGERS: [&str; 4] = ["String", "bool", "f32", "f64"];

/// `None` if the model has no version, or one that is refused.
pub(crate) fn find_version<'a>(
    model: &'a ModelStruct<'a>,
    errors: &mut CompileErrors,
) -> Option<ColumnField<'a>> {
    let column = model.version.as_ref()?;
    let key = model.primary_key.as_ref();
    if key.is_some_and(|key| key.columns.contains(column)) {
        errors.push_at(
            column.span(),
            format!(
                "the version column `{column}` is a part of the key, which must stay when the \
                 version changes\n\
                 help: give the version a column of its own"
            ),
        );
        return None;
    }
    let Some(version) = model.field_of(column) else {
        if !model.has_malformed_column_name() {
            let help = "add the field: an integer, `NOT NULL DEFAULT 0` in the table";
            errors.push(ROLE.missing_field_error(model, column, help));
        }
        return None;
    };
    let refused = ROLE.non_column_error(version.field);
    if let Some(error) = refused.or_else(|| type_error(version.field)) {
        errors.push(error);
        return None;
    }
    Some(version)
}

fn type_error(field: &Field) -> Option<syn::Error> {
    let name = field.ident.unraw();
    if let Some(inner) = option_argument(field.ty) {
        let message = format!(
            "the version field `{name}` is an `Option`, but a row without a version cannot be \
             locked\n\
             help: make the column `NOT NULL DEFAULT 0` and the field `{}`",
            as_written(inner),
        );
        return Some(syn::Error::new(field.ty.span(), message));
    }
    let ident = &last_segment(field.ty)?.ident;
    let no_integer = NO_INTEGERS.iter().find(|no_integer| ident == no_integer)?;
    let message = format!(
        "the version field `{name}` is of type `{no_integer}`, but a version is an integer, made \
         one higher by each write of the row\n\
         help: make the column an integer and the field an `i32`, or `i16` or `i64`"
    );
    Some(syn::Error::new(ident.span(), message))
}
